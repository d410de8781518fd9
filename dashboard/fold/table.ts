// The last event of each key as a row of columns: the table widget. Pure.

import { BOUNDS } from "./bounds.ts";
import { lastHeard, naturally } from "./cells.ts";
import type { Seen } from "./event.ts";
import { Keyed, withRoom } from "./keyed.ts";
import { fill, readNumber, readText } from "./pointer.ts";
import type { Column, Widget } from "./widget.ts";

export interface TableRow {
  key: string;
  at: number;
  heard: number;
  /** One a column: a number where it is one, so that it can be measured and sorted. */
  values: readonly (string | number)[];
}

export type Table = Keyed<string, TableRow>;

export function foldTable(table: Table, widget: Widget, seen: Seen, time: number, heard: number): Table {
  const key = readText(seen.event, widget.by);
  const values = widget.columns.map((column) => valueOf(column, seen.event));
  return (table.has(key) ? table : withRoom(table, BOUNDS.keys)).set(key, { key, at: time, heard, values });
}

/** What is shown of it, sorted; equals by key, so that nothing jumps. */
export function shownRows(table: Table, { rows, sort }: Widget): TableRow[] {
  const turn = sort.isDown ? -1 : 1;
  const all = table.values();
  // By key or time the newest are shown; by a column those that come first.
  const listed = sort.by === "key" || sort.by === "time" ? lastHeard(all, rows) : all;
  return listed.sort((a, b) => turn * compare(a, b, sort.by) || naturally.compare(a.key, b.key)).slice(0, rows);
}

function compare(a: TableRow, b: TableRow, by: number | "key" | "time"): number {
  if (by === "key") return naturally.compare(a.key, b.key);
  if (by === "time") return a.at - b.at || a.heard - b.heard;
  const [one, other] = [a.values[by] ?? "", b.values[by] ?? ""];
  if (typeof one === "number" && typeof other === "number") return one - other;
  if (typeof one === "number") return 1;
  return typeof other === "number" ? -1 : naturally.compare(one, other);
}

function valueOf({ show, scale }: Column, event: unknown): string | number {
  if (!show.startsWith("/")) return fill(show, event);
  const number = readNumber(event, show);
  return number === null ? readText(event, show) : number * scale;
}
