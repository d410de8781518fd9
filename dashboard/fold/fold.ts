// (state, input) → state, for every widget. Pure. What a widget shows at a moment is read from its state and a
// `now`; nothing here waits, draws or asks the time.

import type { Widget } from "./board.ts";
import { foldCells, type Cells } from "./cells.ts";
import { timeOf, type Input, type Missed } from "./event.ts";
import { holds } from "./pointer.ts";
import { foldRowGap, foldRows, type Row } from "./rows.ts";
import { foldScenes, NO_SCENES, type Scenes } from "./scenes.ts";
import { extentOf, foldSeries, type Series } from "./series.ts";

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
  gaps: readonly GapMark[];
  series: Series;
  rows: readonly Row[];
  cells: Cells;
  scenes: Scenes;
}

export const EMPTY: WidgetState = { lastAt: null, gaps: [], series: new Map(), rows: [], cells: new Map(), scenes: NO_SCENES };

const GAPS_MAX = 50;

export function fold(state: WidgetState, input: Input, widget: Widget, rangeMs: number): WidgetState {
  if (input.is === "gap") return foldGap(state, input, widget);
  const { seen, now } = input;
  if (!holds(widget.where, seen.event)) return state;
  const time = timeOf(seen, now);
  const next = { ...state, lastAt: Math.max(state.lastAt ?? 0, time) };
  switch (widget.type) {
    case "number":
    case "line":
    case "bar":
      return { ...next, series: foldSeries(state.series, widget, seen.event, time, extentOf(widget, rangeMs)) };
    case "feed":
      return { ...next, rows: foldRows(state.rows, widget, seen, time) };
    case "status":
      return { ...next, cells: foldCells(state.cells, widget, seen, time) };
    case "alert":
      return { ...next, scenes: foldScenes(state.scenes, widget, seen, time, now) };
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
