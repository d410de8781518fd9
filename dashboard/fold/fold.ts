// (state, input) → state, for every widget. Pure. What a widget shows at a moment is read from its state and a
// `now`; nothing here waits, draws or asks the time.

import { foldCells, type Cells } from "./cells.ts";
import { timeOf, type Input, type Missed } from "./event.ts";
import { Keyed } from "./keyed.ts";
import { holdsFor } from "./level.ts";
import { holds } from "./pointer.ts";
import { foldRowGap, foldRows, type Rows } from "./rows.ts";
import { foldScenes, NO_SCENES, type Scenes } from "./scenes.ts";
import { extentOf, foldSeries, grows, NO_SERIES, valuesAt, type Series } from "./series.ts";
import { foldTable, type Table } from "./table.ts";
import type { Widget } from "./widget.ts";

/** A time in which the picture is not whole. */
export interface GapMark {
  from: number;
  to: number;
  missed: Missed;
  /** Null is unknown. */
  count: number | null;
}

export interface WidgetState {
  lastAt: number | null;
  /** Events that were for this widget. */
  count: number;
  gaps: readonly GapMark[];
  series: Series;
  rows: Rows;
  cells: Cells;
  table: Table;
  scenes: Scenes;
}

export const EMPTY: WidgetState = { lastAt: null, count: 0, gaps: [], series: NO_SERIES, rows: null, cells: Keyed.of(), table: Keyed.of(), scenes: NO_SCENES };

const GAPS_MAX = 50;

export function fold(state: WidgetState, input: Input, widget: Widget, rangeMs: number): WidgetState {
  if (input.is === "gap") return foldGap(state, input, widget);
  const { seen, now } = input;
  if (!holds(widget.where, seen.event)) return state;
  const time = timeOf(seen, now);
  const next = { ...state, lastAt: Math.max(state.lastAt ?? 0, time), count: state.count + 1 };
  switch (widget.type) {
    case "number":
    case "line":
    case "bar":
    case "gauge":
    case "heatmap":
      next.series = foldSeries(state.series, widget, seen.event, time, extentOf(widget, rangeMs));
      return next;
    case "feed":
      next.rows = foldRows(state.rows, widget, seen, time);
      return next;
    case "status":
      next.cells = foldCells(state.cells, widget, seen, time, next.count);
      return next;
    case "table":
      next.table = foldTable(state.table, widget, seen, time, next.count);
      return next;
    case "alert":
      next.scenes = foldScenes(state.scenes, widget, seen, time, now);
      return next;
    case "text":
    case "clock":
      return state;
  }
}

function foldGap(state: WidgetState, { missed, since, now }: Extract<Input, { is: "gap" }>, widget: Widget): WidgetState {
  const count = missed.from !== null && missed.to !== null ? Math.max(0, missed.to - missed.from + 1) : null;
  const mark: GapMark = { from: since, to: now, missed, count };
  const rows = widget.type === "feed" ? foldRowGap(state.rows, widget, missed, now) : state.rows;
  return { ...state, rows, gaps: [...state.gaps, mark].slice(-GAPS_MAX) };
}

/** What a window lacks: null is nothing, `count` null is an unknown number. */
export function missing(gaps: readonly GapMark[], from: number): { count: number | null } | null {
  const inside = gaps.filter(({ to }) => to >= from);
  if (inside.length === 0) return null;
  return { count: inside.reduce<number | null>((sum, { count }) => (sum === null || count === null ? null : sum + count), 0) };
}

/** Which of the widget's levels hold at `now`. */
export function levelsAt(state: WidgetState, widget: Widget, rangeMs: number, now: number): boolean[] {
  if (widget.levels.length === 0) return [];
  const extent = extentOf(widget, rangeMs);
  const isLowerBound = grows(widget) && missing(state.gaps, now - extent.spanMs) !== null;
  return widget.levels.map((level) => holdsFor(level, (at) => valuesAt(state.series, widget, extent, at), extent.bucketMs, now, isLowerBound));
}
