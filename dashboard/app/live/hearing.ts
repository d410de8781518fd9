// One subscription of a board: it feeds the widgets that share it and keeps its newest inputs, so that a widget which is made or changed
// while the board is open starts from what is here. The way of an event is short: one write to the ring, then the folds.

import { extentOf } from "../../fold/series.ts";
import type { Input } from "../../fold/event.ts";
import { momentOf, Ring } from "../../fold/history.ts";
import { latestMsOf, type Widget } from "../../fold/widget.ts";
import type { Client, Gap, HookcastError, Message } from "../../sdk/index.ts";
import type { LiveWidget } from "./board.svelte.ts";

/** What a board does for all its subscriptions alike. */
export interface HearingHost {
  readonly client: Client;
  /** Since when the connection is lost, by the gateway's clock. */
  readonly lostAt: number | null;
  heard(message: Message, now: number): void;
  missed(gap: Gap): void;
  /** Something changed that a frame should show. */
  changed(): void;
}

/** How a widget listens: equal ways share a subscription. */
export function wayOf(widget: Widget): { pattern: string; latestMs: number | undefined; key: string } {
  const latestMs = latestMsOf(widget);
  return { pattern: widget.from, latestMs, key: `${latestMs ?? ""} ${widget.from}` };
}

/** How far back a widget looks: a bucket that is half out of its window still counts as a whole. */
export function ageOf(widget: Widget, rangeMs: number): number {
  const { spanMs, bucketMs } = extentOf(widget, rangeMs);
  return Math.ceil(Math.max(rangeMs, spanMs + bucketMs));
}

export class Hearing {
  members: LiveWidget[] = [];
  isReady = false;
  refusal: { code: string; message: string } | null = null;
  readonly #ring: Ring;
  #undo: (() => void) | undefined;
  /** The picture is known to be whole up to then. */
  #wholeUntil: number | null = null;
  #askedAt = 0;

  constructor(
    readonly key: string,
    readonly pattern: string,
    readonly latestMs: number | undefined,
    readonly ageMs: number,
    ringMax: number,
    readonly host: HearingHost,
  ) {
    this.#ring = new Ring(ringMax);
  }

  /** All kept, oldest first. */
  get inputs(): Input[] {
    return this.#ring.list();
  }

  /** Since when nothing is missing that was not told. */
  get wholeFrom(): number {
    const oldest = this.#ring.isCut ? this.#ring.oldest : undefined;
    return oldest ? momentOf(oldest) : this.#askedAt - this.ageMs;
  }

  start(): void {
    const { client } = this.host;
    this.#askedAt = client.now();
    const listener = {
      event: (message: Message) => this.#hear(message),
      gap: (gap: Gap) => this.#miss(gap),
      ready: () => this.#ready(),
      error: ({ code, message }: HookcastError) => {
        this.refusal = { code, message };
        for (const member of this.members) member.refusal = this.refusal;
      },
    };
    const paced = this.latestMs === undefined ? {} : { latestMs: this.latestMs };
    this.#undo = client.subscribe(this.pattern, listener, { since: { ageMs: this.ageMs }, ...paced });
  }

  stop(): void {
    this.#undo?.();
    this.#undo = undefined;
  }

  #hear(message: Message): void {
    const now = this.host.client.now();
    this.#wholeUntil = now;
    const { stream, offset, topic, event, replayed } = message;
    this.#feed({ is: "event", seen: { stream, offset, topic, event, replayed }, now });
    this.host.heard(message, now);
  }

  #miss(gap: Gap): void {
    const now = this.host.client.now();
    this.#feed({ is: "gap", missed: gap, since: this.host.lostAt ?? this.#wholeUntil ?? now, now });
    this.host.missed(gap);
  }

  #feed(input: Input): void {
    this.#ring.add(input);
    for (const member of this.members) member.take(input);
    this.host.changed();
  }

  #ready(): void {
    const now = this.host.client.now();
    this.#wholeUntil = now;
    // Before the first welcome the client had only this machine's clock, which may be a day off.
    if (!this.isReady) this.#askedAt = now;
    this.isReady = true;
    this.refusal = null;
    for (const member of this.members) member.isReady = true;
    this.host.changed();
  }
}
