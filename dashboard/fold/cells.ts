// The last event of each key and how the ones before it were: the status widget. Pure.

import { BOUNDS, type Widget } from "./board.ts";
import type { Seen } from "./event.ts";
import { fill, holds, readText } from "./pointer.ts";

export type Mood = "ok" | "bad" | "busy";

export interface Cell {
  key: string;
  at: number;
  text: string;
  mood: Mood;
  /** Oldest first. */
  beats: readonly Mood[];
}

/** By key, the one heard least recently first. */
export type Cells = ReadonlyMap<string, Cell>;

const BEATS_MAX = 12;

export function foldCells(cells: Cells, widget: Widget, seen: Seen, time: number): Cells {
  const key = readText(seen.event, widget.by);
  const mood = moodOf(widget, seen.event);
  const beats = [...(cells.get(key)?.beats ?? []), mood].slice(-BEATS_MAX);
  const next = new Map(cells);
  next.delete(key);
  next.set(key, { key, at: time, text: fill(widget.text, seen.event), mood, beats });
  for (const oldest of next.keys()) {
    if (next.size <= BOUNDS.keys) break;
    next.delete(oldest);
  }
  return next;
}

/** The ones heard last, in the order of their names so that nothing jumps. */
export function shownCells(cells: Cells, rows: number): Cell[] {
  return [...cells.values()].slice(-rows).sort((a, b) => a.key.localeCompare(b.key, undefined, { numeric: true }));
}

function moodOf(widget: Widget, event: unknown): Mood {
  if (widget.bad.length > 0 && holds(widget.bad, event)) return "bad";
  if (widget.ok.length === 0) return widget.bad.length > 0 ? "ok" : "busy";
  return holds(widget.ok, event) ? "ok" : "busy";
}
