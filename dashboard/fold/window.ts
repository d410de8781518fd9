// A moving window of buckets: what is left of many events when only their count, sum and bounds are needed.
// Pure: each step gives a new window and leaves the old one as it was; an event of the newest bucket copies that bucket alone.

import { distinct, quantile, sketched, sketchOf, type Sketch } from "./sketch.ts";

export interface Bucket {
  /** Its start, ms, a multiple of the bucket's width. */
  at: number;
  count: number;
  sum: number;
  min: number;
  max: number;
  first: number;
  last: number;
  sketch: Sketch | null;
}

export const OPS = ["count", "sum", "avg", "min", "max", "first", "last", "distinct", "p50", "p95"] as const;
export type Op = (typeof OPS)[number];

/** Oldest first, no two with the same start, none older than the span before the newest. */
export interface Buckets {
  sealed: readonly Bucket[];
  newest: Bucket | null;
}

export const NO_BUCKETS: Buckets = { sealed: [], newest: null };

/** One happening: its time, its number, and its text where values are told apart. */
export interface Reading {
  time: number;
  value: number;
  text: string;
}

export function add(buckets: Buckets, reading: Reading, op: Op, bucketMs: number, spanMs: number): Buckets {
  const at = Math.floor(reading.time / bucketMs) * bucketMs;
  const { sealed, newest } = buckets;
  if (newest === null) return { sealed, newest: begun(at, reading, op) };
  if (at === newest.at) return { sealed, newest: joined(newest, reading) };
  const edge = Math.max(at, newest.at) - spanMs - bucketMs;
  if (at <= edge) return buckets;
  if (at > newest.at) {
    const kept = [...sealed, newest];
    const stale = kept.findIndex((each) => each.at > edge);
    return { sealed: stale < 0 ? [] : kept.slice(stale), newest: begun(at, reading, op) };
  }
  // It comes late: into its own bucket all the same.
  const place = sealed.findLastIndex((each) => each.at <= at);
  const here = sealed[place];
  if (here?.at === at) return { sealed: sealed.with(place, joined(here, reading)), newest };
  return { sealed: sealed.toSpliced(place + 1, 0, begun(at, reading, op)), newest };
}

/** Buckets that end after `from` and begin before `to`. */
export function within(buckets: Buckets, from: number, to: number, bucketMs: number): Bucket[] {
  const found = buckets.sealed.filter(({ at }) => at + bucketMs > from && at <= to);
  const { newest } = buckets;
  if (newest && newest.at + bucketMs > from && newest.at <= to) found.push(newest);
  return found;
}

/** Null where nothing happened and nothing is no number: an average of no readings. */
export function combine(op: Op, buckets: readonly Bucket[]): number | null {
  if (op === "distinct") return distinct(buckets.map(({ sketch }) => sketch));
  if (op === "p50" || op === "p95") return quantile(buckets.map(({ sketch }) => sketch), op === "p50" ? 0.5 : 0.95);
  let [count, sum, min, max] = [0, 0, Infinity, -Infinity];
  for (const each of buckets) {
    count += each.count;
    sum += each.sum;
    min = Math.min(min, each.min);
    max = Math.max(max, each.max);
  }
  if (op === "count") return count;
  if (op === "sum") return sum;
  if (count === 0) return null;
  if (op === "avg") return sum / count;
  if (op === "min") return min;
  if (op === "max") return max;
  return (op === "first" ? buckets[0]?.first : buckets.at(-1)?.last) ?? null;
}

function begun(at: number, { value, text }: Reading, op: Op): Bucket {
  const sketch = sketchOf(op);
  return { at, count: 1, sum: value, min: value, max: value, first: value, last: value, sketch: sketch && sketched(sketch, value, text) };
}

function joined(bucket: Bucket, { value, text }: Reading): Bucket {
  return {
    at: bucket.at,
    count: bucket.count + 1,
    sum: bucket.sum + value,
    min: Math.min(bucket.min, value),
    max: Math.max(bucket.max, value),
    first: bucket.first,
    last: value,
    sketch: bucket.sketch && sketched(bucket.sketch, value, text),
  };
}
