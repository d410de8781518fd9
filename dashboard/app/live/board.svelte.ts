// A board that is alive: its widgets' states, folded as events come and drawn as often as the screen bears. It can take another form of itself (it was
// edited, somebody saved it, another range) without losing what is unchanged. It speaks to the SDK only; the wire is not its business.

import type { Board } from "../../fold/board.ts";
import type { Input } from "../../fold/event.ts";
import { EMPTY, fold, type WidgetState } from "../../fold/fold.ts";
import { Pulse, replay } from "../../fold/history.ts";
import type { Widget } from "../../fold/widget.ts";
import type { Client, Gap, Message, State } from "../../sdk/index.ts";
import { ageOf, Hearing, wayOf, type HearingHost } from "./hearing.ts";
import { Pacer } from "./pacer.ts";
import { Past } from "./past.svelte.ts";
import { Plug } from "./plug.svelte.ts";
import type { Session } from "./session.svelte.ts";

const RATE_OVER_MS = 10_000;
/** Events a second beyond which an arrival is no event to the eye any more, and moving things only unrest and cost. */
const BUSY_PER_SECOND = 8;
/** Bound on remembered arrivals: above 500 events/s the rate is read over less time, never over more memory. */
const ARRIVALS_MAX = 5_000;
/** Events kept for looking back, over all subscriptions of a board, and of one. */
const KEPT_MAX = 24_000;
const KEPT_EACH_MAX = 6_000;
const KEPT_EACH_MIN = 300;
/** Of replayed events that two patterns heard, so that the strip counts them once. */
const REPLAYED_MAX = 20_000;
/** Another range is shown when its history is here, but not later than this. */
const STAGE_MS = 1_500;
const DAY_S = 86_400;

export class LiveWidget {
  /** What it is called, where it lies: may change while it lives. What it folds does not. */
  widget: Widget;
  shown = $state.raw<WidgetState>(EMPTY);
  isReady = $state(false);
  /** The grant that is missing, or why the gateway refused. */
  refusal = $state.raw<{ code: string; message: string } | null>(null);
  folded: WidgetState = EMPTY;
  readonly #fold: string;

  constructor(
    /** Tells it from the others, even where two bear one id. */
    readonly key: string,
    widget: Widget,
    readonly rangeMs: number,
  ) {
    this.widget = $state.raw(widget);
    this.#fold = foldedPart(widget);
  }

  take(input: Input): void {
    this.folded = fold(this.folded, input, this.widget, this.rangeMs);
  }

  /** Whether the state of this one is that of a widget so written. */
  isStill(widget: Widget, rangeMs: number): boolean {
    return (rangeMs === this.rangeMs || widget.type === "alert") && foldedPart(widget) === this.#fold;
  }

  /** Begins with events that are here already. Its scenes go on where those of the one before it stood: none plays twice, none is lost. */
  catchUp(inputs: readonly Input[], before: LiveWidget | undefined): void {
    const folded = replay(inputs, this.widget, this.rangeMs);
    this.folded = before ? { ...folded, scenes: { ...before.folded.scenes, last: folded.scenes.last } } : folded;
  }
}

export class LiveBoard implements HearingHost {
  board: Board;
  rangeMs: number;
  widgets: readonly LiveWidget[];
  perSecond = $state(0);
  readonly isBusy = $derived(this.perSecond > BUSY_PER_SECOND);
  readonly plug: Plug;
  readonly past: Past;
  readonly client: Client;
  readonly pulse = new Pulse(DAY_S);
  #hearings: Hearing[] = [];
  #undos: (() => void)[] = [];
  #arrivals: number[] = [];
  #counted = new Map<string, number>();
  #replayed = new Set<string>();
  readonly #pacer = new Pacer((most) => {
    if (this.#staged && this.isReady) this.#staged.swap();
    return this.#show(most);
  });
  /** The widget that is looked at first next time, so that under load each has its turn. */
  #turn = 0;
  #staged: { rangeMs: number; swap: () => void; drop: () => void } | null = null;
  #isOver = false;
  /** Since when arrivals are counted: a rate of the first seconds must not be one of ten. */
  #countingSince: number | null = null;

  constructor(
    board: Board,
    rangeMs: number,
    readonly session: Session,
  ) {
    this.client = session.client;
    this.plug = new Plug(this.client);
    this.past = new Past(this);
    this.board = $state.raw(board);
    this.rangeMs = $state(rangeMs);
    this.widgets = $state.raw(this.#membersOf(board, rangeMs));
  }

  get connection(): State {
    return this.session.connection;
  }

  /** The moment that is shown: the gateway's time, or where it was stopped. */
  get now(): number {
    return this.past.at ?? this.session.now;
  }

  get lostAt(): number | null {
    return this.session.lostAt;
  }

  /** What is looked back at is as old as it says; the loss of the connection makes it no older. */
  get isGrey(): boolean {
    return this.session.isGrey && this.past.at === null;
  }

  get hearings(): readonly Hearing[] {
    return this.#hearings;
  }

  /** Every widget has its history. */
  get isReady(): boolean {
    return this.#hearings.every((hearing) => hearing.isReady || hearing.refusal !== null);
  }

  /** The range that is shown, or will be as soon as its history is here. */
  get wantedMs(): number {
    return this.#staged?.rangeMs ?? this.rangeMs;
  }

  start(): void {
    this.#undos.push(this.client.onState((state) => this.#follow(state)));
    this.#listen(this.widgets, this.rangeMs, new Map());
    const timer = setInterval(() => this.#tick(), 1_000);
    this.#undos.push(() => clearInterval(timer));
  }

  stop(): void {
    this.#isOver = true;
    for (const undo of this.#undos) undo();
    for (const hearing of this.#hearings) hearing.stop();
    this.#pacer.stop();
    this.past.stop();
    this.plug.stop();
  }

  /** Takes another form of the same board. What folds alike keeps its state; the rest begins from events at hand, else asks for history. */
  adopt(board: Board, rangeMs: number): void {
    if (this.#isOver) return;
    this.#staged?.drop();
    const before = new Map(this.widgets.map((member) => [member.key, member]));
    const next = this.#membersOf(board, rangeMs, before);
    const fresh = next.filter((member) => before.get(member.key) !== member);
    this.#listen(fresh, rangeMs, before);
    const swap = () => {
      clearTimeout(timer);
      this.#staged = null;
      for (const [index, member] of next.entries()) member.widget = board.widgets[index] ?? member.widget;
      [this.board, this.rangeMs, this.widgets] = [board, rangeMs, next];
      this.#leave(next);
      this.#show();
      this.past.renew();
    };
    const drop = () => {
      clearTimeout(timer);
      this.#staged = null;
      this.#leave(this.widgets);
    };
    // Another range changes every tile: the old ones stay until the new ones have something to show. While the connection is lost
    // nothing can come: then the last values stay, and a wait begins that its return ends.
    const timer = setInterval(() => this.connection.is === "live" && swap(), STAGE_MS);
    this.#staged = { rangeMs, swap, drop };
    if (rangeMs === this.rangeMs || this.isReady) swap();
  }

  /** Not before what is on the screen: the client's clock runs late by as much as the gateway's greeting was on its way. */
  get newestAt(): number {
    return Math.max(this.client.now(), ...this.widgets.map(({ folded }) => folded.lastAt ?? 0));
  }

  heard(message: Message, now: number): void {
    this.plug.sawMessage(message);
    const { stream, offset, replayed } = message;
    // Two patterns may hear one event: it counts once, and a stream's offsets only rise.
    if (replayed) return this.#remember(`${stream} ${offset}`, message);
    if (offset <= (this.#counted.get(stream) ?? 0)) return;
    this.#counted.set(stream, offset);
    this.past.heardOne();
    this.pulse.add(now);
    this.#arrivals.push(now);
    if (this.#arrivals.length > ARRIVALS_MAX) this.#arrivals.splice(0, ARRIVALS_MAX / 2);
  }

  missed(gap: Gap): void {
    this.plug.sawGap(gap);
    // Another epoch may count from lower numbers again.
    if (gap.reason === "epoch") this.#counted.delete(gap.stream);
  }

  changed(): void {
    this.#pacer.ask();
  }

  /** Puts on the screen what was folded, so many widgets at most, unless time stands still. */
  #show(most = Infinity): { drawn: number; isMore: boolean } {
    const { widgets } = this;
    let drawn = 0;
    if (this.past.at !== null) return { drawn, isMore: false };
    for (let seen = 0; seen < widgets.length; seen += 1) {
      const member = widgets[(this.#turn + seen) % widgets.length];
      if (!member || member.shown === member.folded) continue;
      if (drawn >= most) {
        this.#turn = (this.#turn + seen) % widgets.length;
        return { drawn, isMore: true };
      }
      member.shown = member.folded;
      drawn += 1;
    }
    return { drawn, isMore: false };
  }

  #membersOf(board: Board, rangeMs: number, before?: ReadonlyMap<string, LiveWidget>): LiveWidget[] {
    const seen = new Set<string>();
    return board.widgets.map((widget, index) => {
      const key = seen.has(widget.id) ? `${widget.id} ${index}` : widget.id;
      seen.add(key);
      const old = before?.get(key);
      return old?.isStill(widget, rangeMs) ? old : new LiveWidget(key, widget, rangeMs);
    });
  }

  /** Finds each a subscription that heard enough, or opens one: equal ways share it, and it begins as far back as the widest looks. */
  #listen(members: readonly LiveWidget[], rangeMs: number, before: ReadonlyMap<string, LiveWidget>): void {
    const now = this.client.now();
    const apart: LiveWidget[] = [];
    for (const member of members.filter(({ widget }) => widget.from !== "")) {
      const { key } = wayOf(member.widget);
      const hearing = this.#hearings.find((each) => each.key === key && each.isReady && each.wholeFrom <= now - ageOf(member.widget, rangeMs));
      if (!hearing) {
        apart.push(member);
        continue;
      }
      member.catchUp(hearing.inputs, before.get(member.key));
      member.isReady = true;
      hearing.members.push(member);
    }
    const ways = Map.groupBy(apart, ({ widget }) => wayOf(widget).key);
    const kept = Math.max(KEPT_EACH_MIN, Math.min(KEPT_EACH_MAX, Math.floor(KEPT_MAX / (this.#hearings.length + ways.size))));
    for (const [key, own] of ways) {
      const [first] = own;
      if (!first) continue;
      const { pattern, latestMs } = wayOf(first.widget);
      const hearing = new Hearing(key, pattern, latestMs, Math.max(...own.map(({ widget }) => ageOf(widget, rangeMs))), kept, this);
      for (const member of own) member.catchUp([], before.get(member.key));
      hearing.members.push(...own);
      this.#hearings.push(hearing);
      hearing.start();
    }
  }

  /** Only these are still listened for. */
  #leave(members: readonly LiveWidget[]): void {
    const wanted = new Set(members);
    for (const hearing of this.#hearings) {
      hearing.members = hearing.members.filter((member) => wanted.has(member));
      if (hearing.members.length === 0) hearing.stop();
    }
    this.#hearings = this.#hearings.filter((hearing) => hearing.members.length > 0);
  }

  #remember(key: string, { event }: Message): void {
    if (this.#replayed.has(key) || this.#replayed.size >= REPLAYED_MAX) return;
    this.#replayed.add(key);
    const time = Date.parse(event.time);
    if (!Number.isNaN(time)) this.pulse.add(time);
  }

  #tick(): void {
    const now = this.client.now();
    this.#arrivals = this.#arrivals.filter((at) => at > now - RATE_OVER_MS);
    const counted = Math.min(RATE_OVER_MS, now - (this.#countingSince ?? now));
    this.perSecond = counted >= 1_000 ? this.#arrivals.length / (counted / 1_000) : 0;
  }

  #follow(state: State): void {
    if (state.is !== "live") this.#countingSince = null;
    else if (state.catchingUp === 0) this.#countingSince ??= this.client.now();
    this.plug.sawState(state);
  }
}

/** What dresses a widget changes nothing of what it folded. */
function foldedPart(widget: Widget): string {
  return JSON.stringify({ ...widget, title: "", at: null, unit: "", decimals: null });
}
