// A moving window of buckets: what is left of many events when only their count, sum and bounds are needed.
// Pure: each step gives a new window and leaves the old one as it was.

export interface Bucket {
  /** Its start, ms, a multiple of the bucket's width. */
  at: number;
  count: number;
  sum: number;
  min: number;
  max: number;
  last: number;
}

export type Op = "count" | "sum" | "avg" | "min" | "max" | "last";

/** Oldest first, no two with the same start, none older than `spanMs` before the newest. */
export type Buckets = readonly Bucket[];

export function add(buckets: Buckets, time: number, value: number, bucketMs: number, spanMs: number): Buckets {
  const at = Math.floor(time / bucketMs) * bucketMs;
  const newest = buckets.at(-1)?.at ?? at;
  if (at <= newest - spanMs - bucketMs) return buckets;
  let place = buckets.length;
  while (place > 0 && (buckets[place - 1]?.at ?? 0) > at) place -= 1;
  const here = buckets[place - 1];
  const kept = buckets.filter((each) => each.at > Math.max(at, newest) - spanMs - bucketMs);
  const dropped = buckets.length - kept.length;
  if (here?.at === at) return kept.with(place - 1 - dropped, joined(here, value));
  return kept.toSpliced(Math.max(0, place - dropped), 0, { at, count: 1, sum: value, min: value, max: value, last: value });
}

/** Buckets that end after `from` and begin before `to`. */
export function within(buckets: Buckets, from: number, to: number, bucketMs: number): Bucket[] {
  return buckets.filter(({ at }) => at + bucketMs > from && at <= to);
}

/** Null where nothing happened and nothing is no number: an average of no readings. */
export function combine(op: Op, buckets: readonly Bucket[]): number | null {
  const count = buckets.reduce((total, each) => total + each.count, 0);
  if (op === "count") return count;
  const sum = buckets.reduce((total, each) => total + each.sum, 0);
  if (op === "sum") return sum;
  if (count === 0) return null;
  if (op === "avg") return sum / count;
  if (op === "min") return Math.min(...buckets.map(({ min }) => min));
  if (op === "max") return Math.max(...buckets.map(({ max }) => max));
  return buckets.at(-1)?.last ?? null;
}

function joined(bucket: Bucket, value: number): Bucket {
  return {
    at: bucket.at,
    count: bucket.count + 1,
    sum: bucket.sum + value,
    min: Math.min(bucket.min, value),
    max: Math.max(bucket.max, value),
    last: value,
  };
}
