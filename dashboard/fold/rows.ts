// The newest events as rows, for the feed. A gap is a row of its own between what came before and after. Pure.

import { keyOf, type Missed, type Seen } from "./event.ts";
import { fill, read } from "./pointer.ts";
import { before, type Trail } from "./trail.ts";
import type { Widget } from "./widget.ts";

export type Row =
  | { is: "event"; key: string; at: number; text: string; note: string; link: string | null; topic: string; replayed: boolean }
  | { is: "gap"; key: string; at: number; missed: Missed };

export type Rows = Trail<Row>;

const LINK_MAX = 2_000;

export function foldRows(rows: Rows, widget: Widget, seen: Seen, time: number): Rows {
  const row: Row = {
    is: "event",
    key: keyOf(seen),
    at: time,
    text: fill(widget.text, seen.event),
    note: widget.note === "" ? "" : fill(widget.note, seen.event),
    link: widget.link === "" ? null : safeLink(read(seen.event, widget.link)),
    topic: seen.topic,
    replayed: seen.replayed,
  };
  return before(rows, row, widget.rows);
}

export function foldRowGap(rows: Rows, widget: Widget, missed: Missed, now: number): Rows {
  const key = `gap ${missed.stream} ${missed.from} ${missed.to} ${now}`;
  return before(rows, { is: "gap" as const, key, at: now, missed }, widget.rows);
}

/** The attack: `javascript:` in a payload, which a click would run. Only what opens a page or a mail leads anywhere. */
export function safeLink(found: unknown): string | null {
  if (typeof found !== "string" || found.length > LINK_MAX || !URL.canParse(found)) return null;
  const { protocol, href } = new URL(found);
  return ["http:", "https:", "mailto:"].includes(protocol) ? href : null;
}
