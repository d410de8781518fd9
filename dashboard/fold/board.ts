// A board as it was written, checked once: from here on every widget is whole. A mistake names the widget,
// the key and what was expected; the other widgets go on. Pure.

import type { Condition, Operator } from "./pointer.ts";
import type { Op } from "./window.ts";

export const BOUNDS = { buckets: 1_440, keys: 1_000, rows: 500, widgets: 64 };

export interface Value {
  op: Op;
  of: string | null;
  /** Null follows the board's range. */
  windowMs: number | null;
  bucketMs: number | null;
  perMs: number | null;
  /** Stripe counts cents: 0.01 shows euros. */
  scale: number;
}

export const WIDGET_TYPES = ["number", "line", "bar", "feed", "status", "alert"] as const;
export type WidgetType = (typeof WIDGET_TYPES)[number];

export interface Widget {
  id: string;
  type: WidgetType;
  title: string;
  /** Column, row, width, height. */
  at: [number, number, number, number];
  from: string;
  where: Condition[];
  value: Value;
  split: { by: string; top: number } | null;
  text: string;
  /** The small line above a scene or under a row. */
  note: string;
  by: string;
  ok: Condition[];
  bad: Condition[];
  unit: string;
  decimals: number | null;
  rows: number;
  seconds: number;
  maxAgeMs: number;
  staleMs: number | null;
}

export interface Board {
  name: string;
  title: string;
  rangeMs: number;
  widgets: Widget[];
  mistakes: string[];
  /** What the page offers to try: a source to test and a `curl` line, as the gateway gives them. */
  invitation: { source: string; curl: string | null } | null;
}

const OPS: readonly string[] = ["count", "sum", "avg", "min", "max", "last"];
const OPERATORS: readonly string[] = ["==", "!=", "<", "<=", ">", ">=", "in", "exists", "prefix"];

export function parseBoard(json: unknown): Board {
  const mistakes: string[] = [];
  const top = new Keys(json, "board", mistakes);
  const tables = top.list("widget");
  if (tables.length > BOUNDS.widgets) mistakes.push(`board: ${tables.length} widgets, at most ${BOUNDS.widgets} are shown`);
  const widgets = tables.slice(0, BOUNDS.widgets).flatMap((table, index) => parseWidget(table, index, mistakes));
  const invited = new Keys(top.get("try"), "board.try", mistakes);
  const source = invited.text("source", "");
  return {
    name: top.text("name", ""),
    title: top.text("title", "") || top.text("name", "Board"),
    rangeMs: top.duration("range") ?? 900_000,
    widgets,
    mistakes,
    invitation: source === "" ? null : { source, curl: invited.text("curl", "") || null },
  };
}

/** `10s`, `15m`, `2h`, `7d`, `500ms`; null for anything else. */
export function parseDuration(text: unknown): number | null {
  const found = typeof text === "string" ? /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text.trim()) : null;
  const unit = found && { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }[found[2] ?? ""];
  return found && unit ? Number(found[1]) * unit : null;
}

function parseWidget(table: unknown, index: number, mistakes: string[]): Widget[] {
  const found: string[] = [];
  const keys = new Keys(table, `widget ${index + 1}`, found);
  const id = keys.text("id", `widget-${index + 1}`);
  keys.name = `widget ${JSON.stringify(id)}`;
  const type = WIDGET_TYPES.find((each) => each === keys.get("type"));
  if (!type) keys.mistake("type", `one of ${WIDGET_TYPES.join(", ")}`);
  const from = keys.text("from", "");
  if (!from || /^\*/.test(from)) keys.mistake("from", "a pattern whose first segment is literal, such as \"shop/**\"");
  const split = keys.get("split") === undefined ? null : new Keys(keys.get("split"), `${keys.name}, split`, found);
  const value = new Keys(keys.get("value") ?? {}, `${keys.name}, value`, found);
  const widget: Omit<Widget, "type"> = {
    id,
    title: keys.text("title", id),
    at: place(keys, index),
    from,
    where: keys.conditions("where"),
    value: parseValue(value),
    split: split && { by: split.text("by", ""), top: split.count("top", 8, 32) },
    text: keys.text("text", "{/type}"),
    note: keys.text("note", ""),
    by: keys.text("by", "/subject"),
    ok: keys.conditions("ok"),
    bad: keys.conditions("bad"),
    unit: keys.text("unit", ""),
    decimals: keys.get("decimals") === undefined ? null : keys.count("decimals", 0, 6),
    rows: keys.count("rows", 12, BOUNDS.rows),
    seconds: keys.count("seconds", 6, 60),
    maxAgeMs: keys.duration("max_age") ?? 60_000,
    staleMs: keys.duration("stale"),
  };
  mistakes.push(...found);
  return type && found.length === 0 ? [{ ...widget, type }] : [];
}

function parseValue(value: Keys): Value {
  const op = value.text("op", "count");
  if (!OPS.includes(op)) value.mistake("op", `one of ${OPS.join(", ")}`);
  const of = value.text("of", "") || null;
  if (op !== "count" && of === null) value.mistake("of", `a pointer, for ${JSON.stringify(op)} needs a number`);
  return {
    op: isOp(op) ? op : "count",
    of,
    windowMs: value.duration("window"),
    bucketMs: value.duration("bucket"),
    perMs: value.duration("per"),
    scale: value.number("scale", 1),
  };
}

function place(keys: Keys, index: number): [number, number, number, number] {
  const at = keys.get("at") ?? [(index % 3) * 4, Math.floor(index / 3) * 4, 4, 4];
  const numbers = Array.isArray(at) ? at.filter((each): each is number => Number.isInteger(each) && each >= 0) : [];
  const [column = 0, row = 0, width = 4, height = 4] = numbers;
  if (numbers.length !== 4 || column + width > 12 || width < 1 || height < 1) keys.mistake("at", "[column, row, width, height] within 12 columns");
  return [column, row, width, height];
}

function isOp(op: string): op is Op {
  return OPS.includes(op);
}

function isOperator(operator: unknown): operator is Operator {
  return typeof operator === "string" && OPERATORS.includes(operator);
}

/** Reads one table and writes down each mistake instead of throwing. */
class Keys {
  #table: Map<string, unknown>;

  constructor(
    table: unknown,
    public name: string,
    private mistakes: string[],
  ) {
    this.#table = new Map(typeof table === "object" && table !== null ? Object.entries(table) : []);
  }

  get(key: string): unknown {
    return this.#table.get(key);
  }

  mistake(key: string, expected: string): void {
    const got = this.get(key);
    this.mistakes.push(`${this.name}: \`${key}\` should be ${expected}${got === undefined ? "" : `, not ${JSON.stringify(got)}`}`);
  }

  text(key: string, otherwise: string): string {
    const value = this.get(key) ?? otherwise;
    if (typeof value === "string") return value;
    this.mistake(key, "text");
    return otherwise;
  }

  number(key: string, otherwise: number): number {
    const value = this.get(key) ?? otherwise;
    if (typeof value === "number") return value;
    this.mistake(key, "a number");
    return otherwise;
  }

  count(key: string, otherwise: number, max: number): number {
    const value = this.number(key, otherwise);
    if (Number.isInteger(value) && value >= 0 && value <= max) return value;
    this.mistake(key, `a whole number up to ${max}`);
    return otherwise;
  }

  duration(key: string): number | null {
    if (this.get(key) === undefined) return null;
    const ms = parseDuration(this.get(key));
    if (ms === null || ms <= 0) this.mistake(key, 'a duration such as "15m"');
    return ms;
  }

  list(key: string): unknown[] {
    const value = this.get(key) ?? [];
    if (Array.isArray(value)) return value;
    this.mistake(key, "a list");
    return [];
  }

  conditions(key: string): Condition[] {
    return this.list(key).flatMap((each): Condition[] => {
      const [pointer, operator, operand]: unknown[] = Array.isArray(each) ? each : [];
      if (typeof pointer === "string" && isOperator(operator)) return [{ pointer, operator, operand }];
      this.mistake(key, `conditions such as ["/data/test", "!=", true]`);
      return [];
    });
  }
}
