// Where it is hot: hours across and days down, or time across and keys down. Pure.

import { naturally } from "./cells.ts";
import { OTHER, ranked, type Extent, type Series } from "./series.ts";
import type { Widget } from "./widget.ts";
import { combine, NO_BUCKETS, within } from "./window.ts";

export interface HeatCell {
  /** Its start, ms. */
  at: number;
  value: number | null;
}

export interface Heat {
  rows: { key: string; cells: HeatCell[] }[];
  /** Of all cells: what is coldest and hottest. */
  low: number;
  high: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** More squares than this in a row are too small to see. */
const ACROSS_MAX = 96;

/** `dayStart` answers midnight of the day a moment lies in, where the viewer is. */
export function heatOf(series: Series, widget: Widget, extent: Extent, now: number, dayStart: (at: number) => number): Heat {
  const rows = widget.split ? byKey(series, widget, extent, now) : byDay(series, widget, extent, now, dayStart);
  let [low, high] = [Infinity, -Infinity];
  for (const { cells } of rows) {
    for (const { value } of cells) {
      if (value === null) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  return { rows, low: Number.isFinite(low) ? low : 0, high: Number.isFinite(high) ? high : 0 };
}

function byKey(series: Series, widget: Widget, extent: Extent, now: number): Heat["rows"] {
  const { bucketMs, windowMs } = extent;
  const count = Math.min(ACROSS_MAX, Math.ceil(windowMs / bucketMs));
  const end = Math.floor(now / bucketMs) * bucketMs + bucketMs;
  const keys = ranked(series, { ...widget, value: { ...widget.value, op: "count" } }, extent, now).filter(({ key }) => key !== OTHER).slice(0, widget.split?.top ?? 8);
  return keys
    .map(({ key }) => key)
    .sort(naturally.compare)
    .map((key) => ({ key, cells: Array.from({ length: count }, (_, step) => cell(series, key, widget, end - (count - step) * bucketMs, bucketMs)) }));
}

function byDay(series: Series, widget: Widget, { windowMs }: Extent, now: number, dayStart: (at: number) => number): Heat["rows"] {
  const days = Math.min(31, Math.max(1, Math.ceil(windowMs / DAY_MS)));
  const today = dayStart(now);
  return Array.from({ length: days }, (_, step) => {
    // Noon of a day is in it, whatever was done to its clocks.
    const start = dayStart(today + DAY_MS / 2 - (days - 1 - step) * DAY_MS);
    return { key: String(start), cells: Array.from({ length: 24 }, (_, hour) => later(cell(series, "", widget, start + hour * HOUR_MS, HOUR_MS), now)) };
  });
}

function cell(series: Series, key: string, widget: Widget, at: number, bucketMs: number): HeatCell {
  // A bucket that begins at the end belongs to the next cell.
  const inside = within(series.byKey.get(key) ?? NO_BUCKETS, at, at + bucketMs - 1, bucketMs).filter((bucket) => bucket.at >= at);
  return { at, value: combine(widget.value.op, inside) };
}

/** What has not been yet is not nothing. */
function later(cell: HeatCell, now: number): HeatCell {
  return cell.at > now ? { at: cell.at, value: null } : cell;
}
