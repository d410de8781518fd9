// What a board keeps so that it can be looked back at: its newest events, and how many came when. What is folded again is marked as
// history, so that it rings no bell and plays no scene. Pure.

import { timeOf, type Input } from "./event.ts";
import { EMPTY, fold, type WidgetState } from "./fold.ts";
import type { Widget } from "./widget.ts";

/** The newest inputs of one subscription; older ones give way. Adding costs one write, however many widgets read it. */
export class Ring {
  #kept: (Input | undefined)[] = [];
  #next = 0;
  /** Whether anything gave way. */
  isCut = false;

  constructor(readonly max: number) {}

  add(input: Input): void {
    if (this.#kept[this.#next] !== undefined) this.isCut = true;
    this.#kept[this.#next] = input;
    this.#next = (this.#next + 1) % this.max;
  }

  get oldest(): Input | undefined {
    return this.#kept[this.#next] ?? this.#kept[0];
  }

  /** Oldest first. */
  list(): Input[] {
    return [...this.#kept.slice(this.#next), ...this.#kept.slice(0, this.#next)].filter((each) => each !== undefined);
  }
}

/** When it counts: an event when the gateway received it, a gap when it was told. */
export function momentOf(input: Input): number {
  return input.is === "event" ? timeOf(input.seen, input.now) : input.now;
}

/** What a widget shows of inputs that are there already: for one that was just made or changed. */
export function replay(inputs: readonly Input[], widget: Widget, rangeMs: number): WidgetState {
  return inputs.reduce((state, input) => fold(state, asHistory(input), widget, rangeMs), EMPTY);
}

export function asHistory(input: Input): Input {
  return input.is === "event" && !input.seen.replayed ? { ...input, seen: { ...input.seen, replayed: true } } : input;
}

/** Events of each second of the last day, so that a strip can be drawn without the events. Fixed in size. */
export class Pulse {
  #counts: Uint32Array;
  #newest = 0;

  constructor(readonly seconds: number) {
    this.#counts = new Uint32Array(seconds);
  }

  add(time: number): void {
    const second = Math.floor(time / 1_000);
    if (this.#newest === 0) this.#newest = second;
    if (second <= this.#newest - this.seconds) return;
    while (this.#newest < second && second - this.#newest < this.seconds) {
      this.#newest += 1;
      this.#counts[this.#newest % this.seconds] = 0;
    }
    if (second > this.#newest) {
      this.#counts.fill(0);
      this.#newest = second;
    }
    const place = second % this.seconds;
    this.#counts[place] = (this.#counts[place] ?? 0) + 1;
  }

  /** Events between two times, in so many equal parts. */
  bins(from: number, to: number, bins: number): number[] {
    const sums = new Array<number>(bins).fill(0);
    const oldest = Math.max(this.#newest - this.seconds + 1, Math.floor(from / 1_000));
    const last = Math.min(this.#newest, Math.floor(to / 1_000));
    for (let second = oldest; second <= last; second += 1) {
      const bin = Math.min(bins - 1, Math.max(0, Math.floor(((second * 1_000 - from) / (to - from)) * bins)));
      sums[bin] = (sums[bin] ?? 0) + (this.#counts[second % this.seconds] ?? 0);
    }
    return sums;
  }
}
