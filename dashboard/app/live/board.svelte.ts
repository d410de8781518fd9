// A board that is alive: its widgets' states, folded as events come and shown once per frame. It speaks to the
// SDK only; what is on the wire is not its business.

import { EMPTY, fold, type WidgetState } from "../../fold/fold.ts";
import type { Board } from "../../fold/board.ts";
import { extentOf } from "../../fold/series.ts";
import type { Input } from "../../fold/event.ts";
import { latestMsOf, type Widget } from "../../fold/widget.ts";
import type { Client, Message, State } from "../../sdk/index.ts";
import { Plug } from "./plug.svelte.ts";
import type { Session } from "./session.svelte.ts";

const RATE_OVER_MS = 10_000;
/** Bound on remembered arrivals: above 500 events/s the rate is read over less time, never over more memory. */
const ARRIVALS_MAX = 5_000;

export class LiveWidget {
  shown = $state.raw<WidgetState>(EMPTY);
  isReady = $state(false);
  /** The grant that is missing, or why the gateway refused. */
  refusal = $state<{ code: string; message: string } | null>(null);
  folded: WidgetState = EMPTY;

  constructor(
    readonly widget: Widget,
    readonly rangeMs: number,
  ) {}

  take(input: Input): void {
    this.folded = fold(this.folded, input, this.widget, this.rangeMs);
  }
}

export class LiveBoard {
  readonly widgets: LiveWidget[];
  perSecond = $state(0);
  readonly plug: Plug;
  readonly #client: Client;
  #undos: (() => void)[] = [];
  #arrivals: number[] = [];
  #counted = new Map<string, number>();
  #frame = 0;
  /** Since when arrivals are counted: a rate of the first seconds must not be one of ten. */
  #countingSince: number | null = null;

  constructor(
    readonly board: Board,
    readonly rangeMs: number,
    readonly session: Session,
  ) {
    this.widgets = board.widgets.map((widget) => new LiveWidget(widget, rangeMs));
    this.#client = session.client;
    this.plug = new Plug(this.#client);
  }

  get connection(): State {
    return this.session.connection;
  }

  get now(): number {
    return this.session.now;
  }

  get lostAt(): number | null {
    return this.session.lostAt;
  }

  get isGrey(): boolean {
    return this.session.isGrey;
  }

  start(): void {
    this.#undos.push(this.#client.onState((state) => this.#follow(state)));
    const hearing = this.widgets.filter(({ widget }) => widget.from !== "");
    for (const members of Map.groupBy(hearing, ({ widget }) => `${latestMsOf(widget)} ${widget.from}`).values()) this.#hear(members);
    const timer = setInterval(() => this.#tick(), 1_000);
    this.#undos.push(() => clearInterval(timer));
  }

  stop(): void {
    for (const undo of this.#undos) undo();
    cancelAnimationFrame(this.#frame);
    this.plug.stop();
  }

  /** Equal pattern and mode share a subscription, which begins as far back as the widest of its widgets looks. */
  #hear(members: LiveWidget[]): void {
    const [first] = members;
    if (!first) return;
    const pattern = first.widget.from;
    const latestMs = latestMsOf(first.widget);
    const ageMs = Math.max(...members.map(({ widget }) => Math.max(this.rangeMs, extentOf(widget, this.rangeMs).spanMs)));
    let wholeUntil: number | null = null;
    const undo = this.#client.subscribe(
      pattern,
      {
        event: (message) => {
          wholeUntil = this.#client.now();
          this.#take(message, members);
        },
        gap: (gap) => {
          const now = this.#client.now();
          this.#dirty(members, { is: "gap", missed: gap, since: this.lostAt ?? wholeUntil ?? now, now });
          this.plug.sawGap(gap);
          // Another epoch may count from lower numbers again.
          if (gap.reason === "epoch") this.#counted.delete(gap.stream);
        },
        ready: () => {
          wholeUntil = this.#client.now();
          for (const member of members) member.isReady = true;
        },
        error: (error) => {
          for (const member of members) member.refusal = { code: error.code, message: error.message };
        },
      },
      latestMs === undefined ? { since: { ageMs } } : { since: { ageMs }, latestMs },
    );
    this.#undos.push(undo);
  }

  #take(message: Message, members: LiveWidget[]): void {
    const { stream, offset, topic, event, replayed } = message;
    const now = this.#client.now();
    this.#dirty(members, { is: "event", seen: { stream, offset, topic, event, replayed }, now });
    this.plug.sawMessage(message);
    // Two patterns may hear one event: it counts once, and a stream's offsets only rise.
    if (replayed || offset <= (this.#counted.get(stream) ?? 0)) return;
    this.#counted.set(stream, offset);
    this.#arrivals.push(now);
    if (this.#arrivals.length > ARRIVALS_MAX) this.#arrivals.splice(0, ARRIVALS_MAX / 2);
  }

  #dirty(members: LiveWidget[], input: Input): void {
    for (const member of members) member.take(input);
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      for (const member of this.widgets) if (member.shown !== member.folded) member.shown = member.folded;
    });
  }

  #tick(): void {
    const now = this.#client.now();
    this.#arrivals = this.#arrivals.filter((at) => at > now - RATE_OVER_MS);
    const counted = Math.min(RATE_OVER_MS, now - (this.#countingSince ?? now));
    this.perSecond = counted >= 1_000 ? this.#arrivals.length / (counted / 1_000) : 0;
  }

  #follow(state: State): void {
    if (state.is !== "live") this.#countingSince = null;
    else if (state.catchingUp === 0) this.#countingSince ??= this.#client.now();
    this.plug.sawState(state);
  }
}
