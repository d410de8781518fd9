// What a bucket keeps beside its sum, where the question needs more: which values there were (`distinct`), or how they lie (`p50`,
// `p95`). Of a fixed size whatever comes. Pure.

import { Keyed } from "./keyed.ts";

export type Sketch =
  /** Values by magnitude: the bin's number → how many. */
  | { is: "spread"; bins: Keyed<number, number> }
  /** The different values, up to `DISTINCT_MAX`: from there on it is "at least". */
  | { is: "different"; seen: Keyed<string, true> };

/** From here on a count of different values is a lower bound, and says so. */
export const DISTINCT_MAX = 1_000;
const BINS_MAX = 256;
/** Two numbers in one bin differ by 2 %: a percentile is right within 1 %. */
const GAMMA = 1.02;
const LN_GAMMA = Math.log(GAMMA);
/** Larger than the bin of any number's magnitude, so that the sign of a bin is the sign of its numbers. */
const OFFSET = 40_000;

export function sketchOf(op: string): Sketch | null {
  if (op === "distinct") return { is: "different", seen: Keyed.of() };
  return op === "p50" || op === "p95" ? { is: "spread", bins: Keyed.of() } : null;
}

export function sketched(sketch: Sketch, value: number, text: string): Sketch {
  if (sketch.is === "different") {
    const isKnown = sketch.seen.size >= DISTINCT_MAX || sketch.seen.has(text);
    return isKnown ? sketch : { is: "different", seen: sketch.seen.set(text, true) };
  }
  const { bins } = sketch;
  const wanted = binOf(value);
  const bin = bins.has(wanted) || bins.size < BINS_MAX ? wanted : nearest(bins, wanted);
  return { is: "spread", bins: bins.set(bin, (bins.get(bin) ?? 0) + 1) };
}

/** Different values over several buckets, `DISTINCT_MAX` at most. */
export function distinct(sketches: readonly (Sketch | null)[]): number {
  const all = new Set<string>();
  for (const sketch of sketches) {
    if (sketch?.is !== "different") continue;
    for (const [text] of sketch.seen) {
      all.add(text);
      if (all.size >= DISTINCT_MAX) return DISTINCT_MAX;
    }
  }
  return all.size;
}

/** The value below which this part of all values lies; null where there are none. */
export function quantile(sketches: readonly (Sketch | null)[], part: number): number | null {
  const counts = new Map<number, number>();
  let total = 0;
  for (const sketch of sketches) {
    if (sketch?.is !== "spread") continue;
    sketch.bins.forEach((count, bin) => {
      counts.set(bin, (counts.get(bin) ?? 0) + count);
      total += count;
    });
  }
  let rank = Math.max(1, Math.ceil(part * total));
  for (const bin of [...counts.keys()].sort((a, b) => a - b)) {
    rank -= counts.get(bin) ?? 0;
    if (rank <= 0) return middleOf(bin);
  }
  return null;
}

function binOf(value: number): number {
  if (value === 0) return 0;
  return Math.sign(value) * (Math.ceil(Math.log(Math.abs(value)) / LN_GAMMA) + OFFSET);
}

function middleOf(bin: number): number {
  if (bin === 0) return 0;
  return (Math.sign(bin) * 2 * GAMMA ** (Math.abs(bin) - OFFSET)) / (GAMMA + 1);
}

function nearest(bins: Keyed<number, number>, wanted: number): number {
  let best = wanted;
  let distance = Infinity;
  bins.forEach((_, bin) => {
    if (Math.abs(bin - wanted) < distance) [best, distance] = [bin, Math.abs(bin - wanted)];
  });
  return best;
}
