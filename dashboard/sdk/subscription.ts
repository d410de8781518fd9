// One subscription: where it stands, what it takes, what it was told it missed. It knows no socket;
// the client feeds it. The rule it keeps: every event once, in offset order, or a gap that was told.

import type { HookcastError } from "./errors.ts";
import { matcher, streamOf } from "./pattern.ts";
import { tell } from "./tell.ts";
import type { CloudEvent, GapReason, Item, Since } from "./wire.ts";

export interface Message<T = unknown> {
  topic: string;
  stream: string;
  offset: number;
  event: CloudEvent<T>;
  /** It came to catch up, before this subscription was live. */
  replayed: boolean;
  /** With `latestMs`: how many events of this topic were passed over before it; null where that is not known, and without. */
  skipped: number | null;
}

export interface Gap {
  stream: string;
  from: number | null;
  to: number | null;
  reason: GapReason;
}

/** The position of each stream heard, by its name. */
export type Positions = Record<string, string>;

export interface Listener<T = unknown> {
  event(message: Message<T>): void;
  gap?(gap: Gap): void;
  /** Caught up: from here on events are live. Called again after each reconnect. */
  ready?(positions: Positions): void;
  /** The gateway ended or refused this subscription; the others go on. */
  error?(error: HookcastError): void;
}

/**
 * Around an epoch gap an event may come twice; this many (source, id) at least are remembered to drop the second. Each node puts back up to
 * 1,024 events, not all nodes the same, and what is new comes between them: so four times as many.
 */
const SEEN_MAX = 4096;

export type Phase = "asked" | "catching" | "live" | "ended";

export class Subscription {
  readonly stream: string;
  phase: Phase = "asked";
  /** The `latestMs` that was last asked for: less often while nobody looks. */
  pace: number | undefined;
  /** Refusals in a row that may pass by themselves (`unavailable`, `rate_limited`). */
  refusals = 0;
  readonly #hears: (topic: string) => boolean;
  #epoch: string | null = null;
  #offset = 0;
  /** Two sets that take turns: what was seen last is in one of them, and nothing is taken out of either one by one. */
  #seen = new Set<string>();
  #seenBefore = new Set<string>();
  #suspects = 0;

  constructor(
    readonly id: string,
    readonly pattern: string,
    readonly listener: Listener,
    private since: Since,
    /** Set: only the newest per topic, which always comes with an id. */
    readonly latestMs?: number,
  ) {
    this.stream = streamOf(pattern);
    this.#hears = matcher(pattern);
  }

  get position(): string | null {
    return this.#epoch === null ? null : `${this.#epoch}:${this.#offset}`;
  }

  get offset(): number {
    return this.#offset;
  }

  /** What to ask for now: its own position once it has one, so that nothing is missed or comes twice. */
  get resumesFrom(): Since {
    const position = this.position;
    return position === null ? this.since : { position };
  }

  begins(position: string): void {
    this.phase = "catching";
    this.refusals = 0;
    this.moves(position);
  }

  goesLive(position: string): void {
    this.moves(position);
    this.phase = "live";
  }

  /** A heartbeat's position. One of another epoch was on its way when the epoch turned over: only what tells of that may change it. */
  hasAllTo(position: string): void {
    if (this.phase === "live" && position.startsWith(`${this.#epoch}:`)) this.moves(position);
  }

  /** Forward only, within an epoch; another epoch's numbers are another count. */
  moves(position: string): void {
    const colon = position.lastIndexOf(":");
    const epoch = position.slice(0, colon);
    const offset = Number(position.slice(colon + 1));
    if (colon < 1 || !Number.isSafeInteger(offset)) return;
    this.#offset = epoch === this.#epoch ? Math.max(this.#offset, offset) : offset;
    this.#epoch = epoch;
  }

  /** `own`: the items came under this subscription's id. */
  takes(items: Item[], own: boolean): void {
    for (const item of items) {
      const wanted = own || (this.phase === "live" && this.latestMs === undefined && this.#hears(item.topic));
      if (!wanted || item.offset <= this.#offset || this.phase === "ended") continue;
      this.#offset = item.offset;
      if (this.#repeats(item.event)) continue;
      const replayed = own && this.phase !== "live";
      const { topic, offset, event, skipped } = item;
      tell(() => this.listener.event({ topic, stream: this.stream, offset, event, replayed, skipped }));
    }
  }

  misses(gap: Gap, position: string | null): void {
    if (gap.reason === "epoch") this.#suspects = SEEN_MAX;
    if (position !== null) this.moves(position);
    tell(() => this.listener.gap?.(gap));
  }

  /** The gateway knows nothing of this position: what lies between is lost, and where it ends is unknown. */
  losesPlace(): void {
    this.#epoch = null;
    this.#offset = 0;
    this.since = "now";
    this.misses({ stream: this.stream, from: null, to: null, reason: "epoch" }, null);
  }

  #repeats(event: CloudEvent): boolean {
    const [source, id] = [String(event.source), String(event.id)];
    // The length tells where the one ends: no two pairs give the same key.
    const key = `${source.length} ${source} ${id}`;
    const repeated = this.#suspects > 0 && (this.#seen.has(key) || this.#seenBefore.has(key));
    if (this.#suspects > 0) this.#suspects -= 1;
    if (this.#seen.size >= SEEN_MAX) [this.#seenBefore, this.#seen] = [this.#seen, new Set()];
    this.#seen.add(key);
    return repeated;
  }
}
