// The newest events as rows, for the feed. A gap is a row of its own between what came before and after. Pure.

import type { Widget } from "./board.ts";
import { keyOf, type Missed, type Seen } from "./event.ts";
import { fill } from "./pointer.ts";

export type Row =
  | { is: "event"; key: string; at: number; text: string; note: string; topic: string; replayed: boolean }
  | { is: "gap"; key: string; at: number; missed: Missed };

/** Newest first. */
export function foldRows(rows: readonly Row[], widget: Widget, seen: Seen, time: number): readonly Row[] {
  const row: Row = {
    is: "event",
    key: keyOf(seen),
    at: time,
    text: fill(widget.text, seen.event),
    note: widget.note === "" ? "" : fill(widget.note, seen.event),
    topic: seen.topic,
    replayed: seen.replayed,
  };
  return [row, ...rows].slice(0, widget.rows);
}

export function foldRowGap(rows: readonly Row[], widget: Widget, missed: Missed, now: number): readonly Row[] {
  const key = `gap ${missed.stream} ${missed.from} ${missed.to} ${now}`;
  return [{ is: "gap" as const, key, at: now, missed }, ...rows].slice(0, widget.rows);
}
