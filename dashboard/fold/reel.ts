// Looking back: what a board showed at any moment of the events at hand. A moment is what the folds give of all that had come by then,
// marked as history. It is loaded when time is first stopped. Pure.

import type { Input } from "./event.ts";
import { EMPTY, fold, type WidgetState } from "./fold.ts";
import { asHistory, momentOf } from "./history.ts";
import type { Widget } from "./widget.ts";

/** One subscription's past, laid out to be wound: `times` never fall, though an event may come later than a younger one. */
export interface Reel {
  inputs: readonly Input[];
  times: readonly number[];
  /** From here on nothing is missing that was not told. */
  wholeFrom: number;
}

export function reelOf(inputs: readonly Input[], wholeFrom: number): Reel {
  let latest = -Infinity;
  const times = inputs.map((input) => (latest = Math.max(latest, momentOf(input))));
  return { inputs: inputs.map(asHistory), times, wholeFrom };
}

/** Older events before what is there; one that is there already is not put in twice. */
export function extended(reel: Reel, older: readonly Input[], wholeFrom: number): Reel {
  const first = reel.inputs.find((input) => input.is === "event");
  const before = first?.is === "event" ? first.seen.offset : Infinity;
  const fresh = older.filter((input) => input.is === "event" && input.seen.offset < before);
  return reelOf([...fresh, ...reel.inputs], wholeFrom);
}

/** How many inputs had come by then. */
export function countUntil({ times }: Reel, moment: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] ?? Infinity) <= moment) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Between two states kept on the way: a step back folds at most so many inputs again. */
const STRIDE = 250;

/** A widget's states along a reel. States never change, so keeping one every so often costs little and makes winding quick. */
export class Winder {
  #states: WidgetState[];

  constructor(
    readonly reel: Reel,
    readonly widget: Widget,
    readonly rangeMs: number,
  ) {
    // What came before the reel begins is unknown, and is told as any gap is: a number says "at least".
    const missed = { stream: "", from: null, to: null, reason: "limit" };
    const isWhole = reel.wholeFrom === -Infinity;
    this.#states = [isWhole ? EMPTY : { ...EMPTY, gaps: [{ from: 0, to: reel.wholeFrom, missed, count: null }] }];
  }

  at(moment: number): WidgetState {
    const wanted = countUntil(this.reel, moment);
    while (this.#states.length <= Math.floor(wanted / STRIDE)) this.#states.push(this.#run((this.#states.length - 1) * STRIDE, this.#states.length * STRIDE));
    return this.#run(Math.floor(wanted / STRIDE) * STRIDE, wanted);
  }

  #run(from: number, to: number): WidgetState {
    let state = this.#states[from / STRIDE] ?? EMPTY;
    for (const input of this.reel.inputs.slice(from, to)) state = fold(state, input, this.widget, this.rangeMs);
    return state;
  }
}
