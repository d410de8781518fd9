// Numbers over time, whole or split by a key: what the number, line, bar, gauge and heatmap widgets stand on. Pure.

import { BOUNDS } from "./bounds.ts";
import { Keyed } from "./keyed.ts";
import { readNumber, readText } from "./pointer.ts";
import type { Widget, WidgetType } from "./widget.ts";
import { add, combine, NO_BUCKETS, within, type Bucket, type Buckets } from "./window.ts";

export interface Series {
  /** Without `split` the one key is empty. */
  byKey: Keyed<string, Buckets>;
  /** When keys that fell silent were last let go, ms: looking for them costs a walk, so it is not done for each event. */
  sweptAt: number;
}

export const NO_SERIES: Series = { byKey: Keyed.of(), sweptAt: 0 };

/** No payload can be this key: what is read from one has no controls. */
export const OTHER = "other".padEnd(300, "\u0000");

export interface Extent {
  windowMs: number;
  bucketMs: number;
  /** How far back buckets are kept: a comparison and a level's `for` look behind the window. */
  spanMs: number;
}

/** Sketches are large: fewer of them. */
const SKETCHED_BUCKETS = 60;
const SKETCHED_KEYS = 100;
/** Buckets of one key: a line has a point for each, a split one for each of many keys, the others only add them up. */
const BUCKETS: Partial<Record<WidgetType, number>> = { line: BOUNDS.buckets, heatmap: 336 };
const BUCKETS_SPLIT = 360;
const BUCKETS_ADDED = 180;

/** It is asked for each event and each frame, and changes only with the range. */
const extents = new WeakMap<Widget, { rangeMs: number; extent: Extent }>();

export function extentOf(widget: Widget, rangeMs: number): Extent {
  const known = extents.get(widget);
  if (known?.rangeMs === rangeMs) return known.extent;
  const extent = measure(widget, rangeMs);
  extents.set(widget, { rangeMs, extent });
  return extent;
}

function measure(widget: Widget, rangeMs: number): Extent {
  const { value, compareMs, levels } = widget;
  const windowMs = value.windowMs ?? rangeMs;
  const before = compareMs === "before" ? windowMs : (compareMs ?? 0);
  const spanMs = windowMs + Math.max(before, ...levels.map(({ forMs }) => forMs));
  const most = Math.min(BUCKETS[widget.type] ?? BUCKETS_ADDED, widget.split ? BUCKETS_SPLIT : BOUNDS.buckets, isSketched(widget) ? SKETCHED_BUCKETS : BOUNDS.buckets);
  return { windowMs, bucketMs: Math.max(value.bucketMs ?? windowMs / 60, spanMs / most, 1), spanMs };
}

/** Its total is a lower bound where events are missing. */
export function grows({ value: { op } }: Widget): boolean {
  return op === "count" || op === "sum" || op === "distinct";
}

export function foldSeries(series: Series, widget: Widget, event: unknown, time: number, extent: Extent): Series {
  const { op, of, scale } = widget.value;
  const found = of === null ? 1 : readNumber(event, of);
  const text = op === "distinct" && of !== null ? readText(event, of) : "";
  if (found === null && op !== "count" && op !== "distinct") return series;
  const named = widget.split ? readText(event, widget.split.by) : "";
  const isKnown = series.byKey.has(named);
  const swept = isKnown ? { ...series, isFull: false } : withRoom(series, isSketched(widget) ? SKETCHED_KEYS : BOUNDS.keys, time, extent);
  const key = swept.isFull ? OTHER : named;
  const before = swept.byKey.get(key) ?? NO_BUCKETS;
  const after = add(before, { time, value: (found ?? 1) * scale, text }, op, extent.bucketMs, extent.spanMs);
  return after === before ? series : { byKey: swept.byKey.set(key, after), sweptAt: swept.sweptAt };
}

/** The number of a window that ends at `at`; with `per`, as a rate. */
export function total(buckets: Buckets | undefined, widget: Widget, extent: Extent, at: number): number | null {
  const { op, perMs } = widget.value;
  const value = combine(op, within(buckets ?? NO_BUCKETS, at - extent.windowMs, at, extent.bucketMs));
  return value === null || perMs === null ? value : (value * perMs) / extent.windowMs;
}

/** The values of a moment, one a key: what levels look at. A line's level looks at its last whole bucket, as the line does. */
export function valuesAt(series: Series, widget: Widget, extent: Extent, at: number): (number | null)[] {
  const isRate = widget.type === "line" && grows(widget);
  const looked = isRate ? { ...extent, windowMs: extent.bucketMs } : extent;
  const moment = isRate ? Math.floor(at / extent.bucketMs) * extent.bucketMs - 1 : at;
  if (widget.split === null) return [total(series.byKey.get(""), widget, looked, moment)];
  return series.byKey.values().map((buckets) => total(buckets, widget, looked, moment));
}

export interface Ranked {
  key: string;
  value: number;
}

/** Highest first; a tie goes by name so that bars do not swap places for nothing. */
export function ranked(series: Series, widget: Widget, extent: Extent, now: number): Ranked[] {
  const all: Ranked[] = [];
  const { op, perMs } = widget.value;
  series.byKey.forEach((buckets, key) => {
    const inside = within(buckets, now - extent.windowMs, now, extent.bucketMs);
    if (inside.length === 0) return;
    const value = combine(op, inside) ?? 0;
    all.push({ key, value: perMs === null ? value : (value * perMs) / extent.windowMs });
  });
  return all.sort((a, b) => b.value - a.value || byName(a.key, b.key));
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
  const end = Math.floor(now / bucketMs) * bucketMs + (grows(widget) ? 0 : bucketMs);
  const steps = Math.ceil(windowMs / bucketMs);
  const starts = Array.from({ length: steps }, (_, step) => end - (steps - step) * bucketMs);
  const top = widget.split?.top ?? 1;
  const keys = ranked(series, { ...widget, value: { ...widget.value, op: grows(widget) ? op : "count" } }, extent, now).map(({ key }) => key);
  const shown = keys.filter((key) => key !== OTHER).slice(0, top).sort(byName);
  const named = new Set(shown);
  const rest = keys.filter((key) => !named.has(key));
  const lineOf = (key: string, members: string[]) => {
    const byStart = new Map<number, Bucket[]>();
    for (const member of members) {
      for (const bucket of within(series.byKey.get(member) ?? NO_BUCKETS, end - windowMs - bucketMs, Infinity, bucketMs)) {
        const here = byStart.get(bucket.at);
        if (here) here.push(bucket);
        else byStart.set(bucket.at, [bucket]);
      }
    }
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

/** Fewer in all that is shown are no rate yet: one event in ten seconds is not six a minute. */
const FEW = 5;

/** What is plotted as a rate, as events of each step, where they are too few for one; null where the rate stands. */
export function counted({ times, lines }: Plot, { value: { op, perMs } }: Widget, { bucketMs }: Extent): Plot | null {
  if (op !== "count" || perMs === null || perMs <= bucketMs || lines.length === 0) return null;
  const count = (rate: number | null) => Math.round(((rate ?? 0) * bucketMs) / perMs);
  const told = lines.map(({ key, values }) => ({ key, values: values.map(count) }));
  const all = told.flatMap(({ values }) => values).reduce((sum, each) => sum + each, 0);
  return all < FEW ? { times, lines: told } : null;
}

export function byName(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function isSketched({ value: { op } }: Widget): boolean {
  return op === "distinct" || op === "p50" || op === "p95";
}

/** Room for one more key, if those that fell silent leave any. */
function withRoom(series: Series, max: number, time: number, { bucketMs, spanMs }: Extent): Series & { isFull: boolean } {
  if (series.byKey.size < max) return { ...series, isFull: false };
  if (time < series.sweptAt + bucketMs) return { ...series, isFull: true };
  const alive = [...series.byKey].filter(([, { newest }]) => newest !== null && newest.at > time - spanMs - bucketMs);
  if (alive.length === series.byKey.size) return { ...series, sweptAt: time, isFull: true };
  return { byKey: Keyed.of(alive), sweptAt: time, isFull: alive.length >= max };
}
