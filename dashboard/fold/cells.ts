// The last event of each key and how the ones before it were: the status widget. Pure.

import { BOUNDS } from "./bounds.ts";
import type { Seen } from "./event.ts";
import { Keyed, withRoom } from "./keyed.ts";
import { fill, holds, readText } from "./pointer.ts";
import type { Widget } from "./widget.ts";

export type Mood = "ok" | "bad" | "busy";

export interface Cell {
  key: string;
  at: number;
  /** The how manieth event of the widget it was. */
  heard: number;
  text: string;
  mood: Mood;
  /** Oldest first. */
  beats: readonly Mood[];
}

export type Cells = Keyed<string, Cell>;

const BEATS_MAX = 12;

export function foldCells(cells: Cells, widget: Widget, seen: Seen, time: number, heard: number): Cells {
  const key = readText(seen.event, widget.by);
  const mood = moodOf(widget, seen.event);
  const known = cells.get(key);
  const beats = [...(known?.beats ?? []), mood].slice(-BEATS_MAX);
  return (known ? cells : withRoom(cells, BOUNDS.keys)).set(key, { key, at: time, heard, text: fill(widget.text, seen.event), mood, beats });
}

/** The ones heard last, in the order of their names so that nothing jumps. */
export function shownCells(cells: Cells, rows: number): Cell[] {
  return lastHeard(cells.values(), rows).sort((a, b) => naturally.compare(a.key, b.key));
}

/** `HC-9` before `HC-10`. */
export const naturally = new Intl.Collator(undefined, { numeric: true });

export function lastHeard<T extends { heard: number }>(all: T[], most: number): T[] {
  return all.length <= most ? all : all.sort((a, b) => b.heard - a.heard).slice(0, most);
}

function moodOf(widget: Widget, event: unknown): Mood {
  if (widget.bad.length > 0 && holds(widget.bad, event)) return "bad";
  if (widget.ok.length === 0) return widget.bad.length > 0 ? "ok" : "busy";
  return holds(widget.ok, event) ? "ok" : "busy";
}
