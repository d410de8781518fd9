// A board while it is edited: the tables as they were written, with keys this page does not know left in them. A command gives a new
// draft, or the same one where it changes nothing. Ids are unique, places are free of overlaps, and there are 64 widgets at most. Pure.

import { BOUNDS } from "./board.ts";
import { endOfRow, freePlace, settle, tidy, untangle, type At } from "./edit-grid.ts";

export type Table = Readonly<Record<string, unknown>>;

export interface Draft {
  title: string;
  /** As written: `15m`. */
  range: string;
  widgets: readonly Table[];
}

export type Command =
  | { do: "add"; table: Table }
  | { do: "remove"; id: string }
  | { do: "duplicate"; id: string }
  /** Moves or resizes; the others give way. */
  | { do: "place"; id: string; at: At }
  /** Undefined takes the key out. A second part of the path is a key of an inline table: `value.op`. */
  | { do: "set"; id: string; path: readonly [string] | readonly [string, string]; value: unknown }
  | { do: "rename"; id: string; to: string }
  | { do: "board"; key: "title" | "range"; value: string }
  /** Closes the holes. */
  | { do: "tidy" };

/** Of one text that is typed: a template, a Markdown note. */
export const TEXT_MAX = 4_096;
const ID_MAX = 64;
const SIZES: Record<string, readonly [number, number]> = {
  number: [3, 4], line: [6, 4], bar: [4, 4], feed: [4, 4], status: [4, 4], alert: [3, 4], table: [6, 4], gauge: [3, 4], heatmap: [6, 4], text: [4, 2], clock: [3, 2],
};

export function isTable(value: unknown): value is Table {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A board as the gateway gives it. What is no table is left out; an id or a place that is missing or taken is given. */
export function draftOf(json: unknown): Draft {
  const top = isTable(json) ? json : {};
  const list = Array.isArray(top["widget"]) ? top["widget"] : [];
  const tables = list.filter(isTable).slice(0, BOUNDS.widgets);
  const ids: string[] = [];
  for (const [index, table] of tables.entries()) ids.push(freeId(typeof table["id"] === "string" && table["id"] !== "" ? table["id"] : `widget-${index + 1}`, ids));
  const places = untangle(tables.map((table, index) => placeOf(table) ?? [(index % 3) * 4, Math.floor(index / 3) * 4, 4, 4]));
  const widgets = tables.map((table, index) => {
    const at = places[index];
    const isAsWritten = table["id"] === ids[index] && sameValue(table["at"], at);
    return isAsWritten ? table : { ...table, id: ids[index], at };
  });
  return { title: textOf(top["title"], ""), range: textOf(top["range"], "15m"), widgets };
}

/** What is saved, and what `parseBoard` reads. */
export function bodyOf({ title, range, widgets }: Draft): Table {
  return { title, range, widget: widgets };
}

export function apply(draft: Draft, command: Command): Draft {
  switch (command.do) {
    case "add":
      return added(draft, command.table, null);
    case "duplicate": {
      const table = find(draft, command.id);
      return table ? added(draft, table, placeOf(table)) : draft;
    }
    case "remove": {
      const widgets = draft.widgets.filter(({ id }) => id !== command.id);
      return widgets.length === draft.widgets.length ? draft : { ...draft, widgets };
    }
    case "place": {
      const index = draft.widgets.findIndex(({ id }) => id === command.id);
      return index < 0 ? draft : placed(draft, settle(placesOf(draft), index, command.at));
    }
    case "tidy":
      return placed(draft, tidy(placesOf(draft)));
    case "set":
      return changed(draft, command.id, (table) => withKey(table, command.path, command.value));
    case "rename":
      return renamed(draft, command.id, command.to);
    case "board":
      return draft[command.key] === command.value || command.value.length > TEXT_MAX ? draft : { ...draft, [command.key]: command.value };
  }
}

export function find(draft: Draft, id: string): Table | undefined {
  return draft.widgets.find((table) => table["id"] === id);
}

export function idOf(table: Table): string {
  return textOf(table["id"], "");
}

/** Null where it is missing or no place at all. */
export function placeOf(table: Table): At | null {
  const at = table["at"];
  if (!Array.isArray(at) || at.length !== 4) return null;
  const [column, row, width, height]: unknown[] = at;
  return typeof column === "number" && typeof row === "number" && typeof width === "number" && typeof height === "number" ? [column, row, width, height] : null;
}

/** Lowercase words and dashes: an id stands in addresses. */
export function freeId(wanted: string, taken: readonly string[]): string {
  if (!taken.includes(wanted)) return wanted;
  const stem = wanted.replace(/-\d+$/, "").slice(0, ID_MAX);
  let number = 2;
  while (taken.includes(`${stem}-${number}`)) number += 1;
  return `${stem}-${number}`;
}

export function slug(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 40);
}

/** Equal in what would be written, with keys in the same order: enough to tell whether anything was changed. */
export function sameValue(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

function added(draft: Draft, table: Table, beside: At | null): Draft {
  if (draft.widgets.length >= BOUNDS.widgets) return draft;
  const id = freeId(textOf(table["id"], "") || "widget", draft.widgets.map(idOf));
  const own = placeOf(table);
  const [width, height] = SIZES[textOf(table["type"], "")] ?? [4, 4];
  const places = placesOf(draft);
  const like = beside ?? own;
  const at = (like ? null : endOfRow(places, width, height)) ?? freePlace(places, like?.[2] ?? width, like?.[3] ?? height);
  return { ...draft, widgets: [...draft.widgets, { ...table, id, at }] };
}

function renamed(draft: Draft, id: string, to: string): Draft {
  const isFree = to !== "" && to.length <= ID_MAX && !draft.widgets.some((table) => table["id"] === to);
  return isFree ? changed(draft, id, (table) => ({ ...table, id: to })) : draft;
}

function changed(draft: Draft, id: string, change: (table: Table) => Table): Draft {
  const index = draft.widgets.findIndex((table) => table["id"] === id);
  const before = draft.widgets[index];
  if (!before) return draft;
  const after = change(before);
  return sameValue(before, after) ? draft : { ...draft, widgets: draft.widgets.with(index, after) };
}

/** `id` and `at` have commands of their own, for they must fit the others. */
function withKey(table: Table, [key, inner]: readonly [string] | readonly [string, string], value: unknown): Table {
  if (key === "id" || key === "at" || (typeof value === "string" && value.length > TEXT_MAX)) return table;
  if (inner === undefined) return value === undefined ? without(table, key) : { ...table, [key]: value };
  const held = table[key];
  const own: Table = isTable(held) ? held : {};
  const next = value === undefined ? without(own, inner) : { ...own, [inner]: value };
  return Object.keys(next).length === 0 ? without(table, key) : { ...table, [key]: next };
}

function without(table: Table, key: string): Table {
  return Object.fromEntries(Object.entries(table).filter(([each]) => each !== key));
}

function placed(draft: Draft, places: readonly At[]): Draft {
  const widgets = draft.widgets.map((table, index) => (sameValue(table["at"], places[index]) ? table : { ...table, at: places[index] }));
  return widgets.every((table, index) => table === draft.widgets[index]) ? draft : { ...draft, widgets };
}

function placesOf(draft: Draft): At[] {
  return draft.widgets.map((table) => placeOf(table) ?? [0, 0, 1, 1]);
}

function textOf(value: unknown, otherwise: string): string {
  return typeof value === "string" ? value : otherwise;
}
