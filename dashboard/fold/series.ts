// Numbers over time, whole or split by a key: what the number, line and bar widgets stand on. Pure.

import { BOUNDS, type Widget } from "./board.ts";
import { readNumber, readText } from "./pointer.ts";
import { add, combine, within, type Buckets } from "./window.ts";

/** A key's buckets; without `split` the one key is empty. */
export type Series = ReadonlyMap<string, Buckets>;

/** No payload can be this key: what is read from one is cut far below its length. */
export const OTHER = "other".padEnd(300, "\u0000");

export interface Extent {
  windowMs: number;
  bucketMs: number;
}

export function extentOf({ value }: Widget, rangeMs: number): Extent {
  const windowMs = value.windowMs ?? rangeMs;
  return { windowMs, bucketMs: Math.max(value.bucketMs ?? windowMs / 60, windowMs / BOUNDS.buckets, 1) };
}

export function foldSeries(series: Series, widget: Widget, event: unknown, time: number, extent: Extent): Series {
  const { op, of, scale } = widget.value;
  const found = of === null ? 1 : readNumber(event, of);
  if (found === null && op !== "count") return series;
  const named = widget.split ? readText(event, widget.split.by) : "";
  const key = series.has(named) || series.size < BOUNDS.keys ? named : OTHER;
  const before = series.get(key) ?? [];
  const after = add(before, time, (found ?? 1) * scale, extent.bucketMs, extent.windowMs);
  return after === before ? series : new Map(series).set(key, after);
}

/** The number of a window that ends now; with `per`, as a rate. */
export function total(buckets: Buckets, widget: Widget, extent: Extent, now: number): number | null {
  const { op, perMs } = widget.value;
  const value = combine(op, within(buckets, now - extent.windowMs, now, extent.bucketMs));
  return value === null || perMs === null ? value : (value * perMs) / extent.windowMs;
}

export interface Ranked {
  key: string;
  value: number;
}

/** Highest first; a tie goes by name so that bars do not swap places for nothing. */
export function ranked(series: Series, widget: Widget, extent: Extent, now: number): Ranked[] {
  const all: Ranked[] = [];
  for (const [key, buckets] of series) {
    if (within(buckets, now - extent.windowMs, now, extent.bucketMs).length === 0) continue;
    all.push({ key, value: total(buckets, widget, extent, now) ?? 0 });
  }
  return all.sort((a, b) => b.value - a.value || a.key.localeCompare(b.key));
}

export interface Plot {
  /** Seconds, as the chart wants them. */
  times: number[];
  lines: { key: string; values: (number | null)[] }[];
}

/** Points at each bucket's end. A bucket still running is left out where it would show as a fall that is none. */
export function plot(series: Series, widget: Widget, extent: Extent, now: number): Plot {
  const { op, perMs } = widget.value;
  const { bucketMs, windowMs } = extent;
  const grows = op === "count" || op === "sum";
  const end = Math.floor(now / bucketMs) * bucketMs + (grows ? 0 : bucketMs);
  const steps = Math.ceil(windowMs / bucketMs);
  const starts = Array.from({ length: steps }, (_, step) => end - (steps - step) * bucketMs);
  const top = widget.split?.top ?? 1;
  const keys = ranked(series, { ...widget, value: { ...widget.value, op: grows ? op : "count" } }, extent, now).map(({ key }) => key);
  const shown = keys.filter((key) => key !== OTHER).slice(0, top).sort((a, b) => a.localeCompare(b));
  const rest = keys.filter((key) => !shown.includes(key));
  const lineOf = (key: string, members: string[]) => {
    const byStart = new Map<number, Buckets>();
    for (const member of members) for (const bucket of series.get(member) ?? []) byStart.set(bucket.at, [...(byStart.get(bucket.at) ?? []), bucket]);
    const values = starts.map((start) => {
      const value = combine(op, byStart.get(start) ?? []);
      return value === null || perMs === null ? value : (value * perMs) / bucketMs;
    });
    return { key, values };
  };
  const lines = shown.map((key) => lineOf(key, [key]));
  if (rest.length > 0) lines.push(lineOf(OTHER, rest));
  return { times: starts.map((start) => Math.min(start + bucketMs, now) / 1_000), lines };
}
