// The fields of the panel: one for each key that a widget may have, and the rows of keys that are lists. A row that says more than its
// cells can is no row, but text. Pure.

import { isTable, sameValue } from "./edit-draft.ts";
import { typedOf, valueOf } from "./edit-values.ts";
import { LEVELS } from "./level.ts";
import { OPERATORS } from "./pointer.ts";
import { SOUNDS } from "./sounds.ts";
import { OPS } from "./window.ts";

/** `scalar` is text, a number, yes or no; `list` is some of these with commas between. */
export type Kind = "text" | "number" | "duration" | "pointer" | "template" | "scalar" | "list" | "json" | "flag" | "choice";

export interface Field {
  kind: Kind;
  /** A key of the widget or the row; `value.op` is one of an inline table. */
  path: string;
  /** In a row a label with a small letter is heard, not seen: its neighbours say it. */
  label: string;
  hint: string | undefined;
  /** What holds while the key is not there. */
  otherwise: unknown;
  choices: readonly string[] | undefined;
  /** Of the twelve columns of a row. */
  span: number;
}

function field(kind: Kind, path: string, label: string, hint?: string, otherwise?: unknown, choices?: readonly string[], span = 0): Field {
  return { kind, path, label, hint, otherwise, choices, span };
}

const cell = (span: number, kind: Kind, path: string, label: string, hint?: string, choices?: readonly string[], otherwise?: unknown) => field(kind, path, label, hint, otherwise, choices, span);
const SOUND = cell(4, "choice", "sound", "Sound", "", ["", ...SOUNDS]);

export const FIELDS: readonly Field[] = [
  field("text", "title", "Title"),
  field("text", "from", "Events", "shop/orders/**"),
  field("json", "where", "Only where"),
  field("choice", "value.op", "Value", "", "count", OPS),
  field("pointer", "value.of", "of", "/data/amount"),
  field("number", "value.scale", "times", "1; 0.01 for cents"),
  field("duration", "value.window", "over the last", "the board's range"),
  field("duration", "value.bucket", "in steps of", "10s"),
  field("duration", "value.per", "as a rate per", "1m"),
  field("scalar", "compare", "Compared with", "before, or 1d"),
  field("pointer", "split.by", "Split by", "/data/country"),
  field("number", "split.top", "how many", "8"),
  field("pointer", "by", "One for each", "/subject"),
  field("json", "columns", "Columns"),
  field("choice", "sort", "Sorted by", "", "key"),
  field("duration", "bucket", "A cell lasts", "1m"),
  field("template", "text", "Text", "{/data/name} gave {/data/amount}"),
  field("template", "note", "Small line"),
  field("pointer", "link", "Leads to", "/data/html_url"),
  field("text", "unit", "Unit", "€"),
  field("number", "decimals", "Decimals"),
  field("number", "min", "Lowest"),
  field("number", "max", "Highest"),
  field("number", "rows", "Rows", "12"),
  field("number", "seconds", "Seconds", "6"),
  SOUND,
  field("duration", "max_age", "Not when older than", "60s"),
  field("flag", "stack", "Stacked", "", false),
  field("flag", "spark", "How it came about, as a line", "", true),
  field("flag", "horizontal", "Bars lie", "", true),
  field("json", "ok", "Well where"),
  field("json", "bad", "Bad where"),
  field("json", "levels", "Levels"),
  field("list", "zone", "Zones", "Europe/Lisbon, Asia/Tokyo"),
  field("duration", "stale", "Silent after", "5m"),
];

/** A row, by the keys of its cells. */
export type View = Readonly<Record<string, unknown>>;

export interface Rows {
  /** One of them, as the button says it. */
  one: string;
  max: number;
  cells(view: View): readonly Field[];
  /** Null where the cells cannot say it. */
  view(row: unknown): View | null;
  row(view: View): unknown;
  /** A new one, which changes as little as may be; `pointer` leads to something in the widget's events. */
  fresh(pointer: string): unknown;
}

/** A row that says more than its cells can. */
export const WHOLE = cell(12, "json", "", "its JSON");
const FIELD = cell(12, "pointer", "field", "field", "/data/status");
const IS = cell(6, "choice", "is", "comparison", "", OPERATORS);

const conditions = (fresh: string): Rows => ({
  one: "condition",
  max: 20,
  cells: ({ is }) => [FIELD, IS, is === "exists" ? cell(6, "choice", "value", "value", "", ["true", "false"]) : cell(6, is === "in" ? "list" : "scalar", "value", "value", is === "in" ? "a, b, c" : "value")],
  view(row) {
    const [pointer, is, value, ...more]: unknown[] = Array.isArray(row) ? row : [];
    const kind = is === "in" ? "list" : "scalar";
    const isSaid = value === undefined || sameValue(valueOf(kind, typedOf(kind, value)), value);
    return typeof pointer === "string" && OPERATORS.some((each) => each === is) && isSaid && more.length === 0 ? { field: pointer, is, value } : null;
  },
  row({ field: pointer = "", is, value = "" }) {
    const listed = [value].flat().filter((each) => each !== "");
    return [pointer, is, is === "exists" ? value !== false && value !== "false" : is === "in" ? listed : (listed[0] ?? "")];
  },
  fresh: (pointer) => [pointer, fresh, ""],
});

const BOUNDS = ["above", "below", "equals"];
/** Above one number and below another. */
const BETWEEN = "between";
const when = (span: number) => cell(span, "choice", "when", "when", "", [...BOUNDS, BETWEEN]);
const weight = (span: number) => cell(span, "choice", "level", "level", "", LEVELS, "warn");
const REST: readonly Field[] = [cell(4, "duration", "for", "For", "at once"), SOUND, cell(4, "flag", "notify", "Notify", "", [], false)];
const LEVEL: readonly Field[] = [when(4), cell(4, "number", "value", "value", "value"), weight(4), ...REST];
const LEVEL_BETWEEN: readonly Field[] = [when(6), weight(6), cell(6, "number", "value", "lowest", "above"), cell(6, "number", "to", "highest", "below"), ...REST];
const COLUMN: readonly Field[] = [
  cell(12, "template", "show", "show", "/data/city"),
  cell(7, "text", "title", "Title"),
  cell(5, "text", "unit", "Unit"),
  cell(7, "number", "decimals", "Decimals"),
  cell(5, "number", "scale", "Times", "1"),
];

export const ROWS: Readonly<Record<string, Rows>> = {
  where: conditions("!="),
  ok: conditions("=="),
  bad: conditions("=="),
  levels: {
    one: "level",
    max: 8,
    cells: ({ when: is }) => (is === BETWEEN ? LEVEL_BETWEEN : LEVEL),
    view(row) {
      // A key that is called as a cell is none of ours, and must not be lost.
      if (!isTable(row) || ["when", "value", "to"].some((each) => each in row)) return null;
      const { above, below, equals, ...rest } = row;
      const [bound, ...more] = BOUNDS.filter((each) => each in row);
      if (bound === "above" && String(more) === "below") return plain({ when: BETWEEN, value: above, to: below, ...rest }, LEVEL_BETWEEN);
      return bound === undefined || more.length > 0 ? null : plain({ when: bound, value: row[bound], ...rest }, LEVEL);
    },
    // Without a number a level would always hold: an empty one stays, and is told.
    row: ({ when: is, value = "", to = "", ...rest }) => whole(is === BETWEEN ? { above: value, below: to, ...rest } : { [String(is)]: value, ...rest }),
    fresh: () => ({ above: 1_000, level: "warn" }),
  },
  columns: {
    one: "column",
    max: 12,
    cells: () => COLUMN,
    view: (row) => plain(typeof row === "string" ? { show: row } : row, COLUMN),
    row({ show = "", ...rest }) {
      const others = whole(rest);
      return sameValue(others, {}) ? show : { show, ...others };
    },
    fresh: (pointer) => pointer,
  },
};

/** What a table can be sorted by: a column without a title is called as the last part of what it shows. */
export function titlesOf(columns: unknown): string[] {
  return (Array.isArray(columns) ? columns.slice(0, 12) : []).flatMap((each: unknown): string[] => {
    const { title, show }: View = isTable(each) ? each : { show: each };
    return typeof title === "string" ? [title] : typeof show === "string" ? [/([^/{}]+)\}?$/.exec(show)?.[1] ?? show] : [];
  });
}

function plain(row: unknown, cells: readonly Field[]): View | null {
  return isTable(row) && Object.entries(row).every(([key, value]) => typeof value !== "object" && cells.some(({ path }) => path === key)) ? row : null;
}

function whole(view: View): View {
  return Object.fromEntries(Object.entries(view).filter(([, value]) => value !== undefined));
}
