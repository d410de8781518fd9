// One widget of a board: what it is once it is whole, and how its table is read. Pure.

import { BOUNDS } from "./bounds.ts";
import { Keys } from "./keys.ts";
import { parseLevels, type Level } from "./level.ts";
import type { Condition } from "./pointer.ts";
import { parseSound, type Sound } from "./sounds.ts";
import { OPS, type Op } from "./window.ts";

export const WIDGET_TYPES = ["number", "line", "bar", "feed", "table", "gauge", "status", "heatmap", "alert", "text", "clock"] as const;
export type WidgetType = (typeof WIDGET_TYPES)[number];

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

export interface Column {
  title: string;
  /** A pointer, or a template with pointers in braces. */
  show: string;
  unit: string;
  decimals: number | null;
  scale: number;
}

export interface Sort {
  /** A column's place; "key" or "time" where it is none of them. */
  by: number | "key" | "time";
  isDown: boolean;
}

export interface Widget {
  id: string;
  type: WidgetType;
  title: string;
  /** Column, row, width, height. */
  at: [number, number, number, number];
  /** Empty where nothing is listened to. */
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
  levels: Level[];
  sound: Sound | null;
  columns: Column[];
  sort: Sort;
  min: number | null;
  max: number | null;
  hasSpark: boolean;
  /** Against the same window so long before. */
  compareMs: number | "before" | null;
  isStacked: boolean;
  isHorizontal: boolean;
  /** A pointer to an address that a row leads to. */
  link: string;
  zones: string[];
}

const HOUR_MS = 3_600_000;
const WEEK_MS = 168 * HOUR_MS;
const COLUMNS_MAX = 12;
const ZONES_MAX = 6;
/** Of a split more lines would be one knot. */
const TOP_MAX = 32;
const TEXT_MAX = 20_000;

/** 64 widgets one below the other, each as high as a wall. */
const ROWS_MAX = 2_000;

const EVERY = ["id", "type", "title", "at"];
const HEARS = [...EVERY, "from", "where", "stale"];
const MEASURES = [...HEARS, "value", "unit", "decimals", "levels"];
/** The keys of each type; any other is a slip of the pen, and is told. */
export const WIDGET_KEYS: Record<WidgetType, readonly string[]> = {
  number: [...MEASURES, "spark", "compare"],
  line: [...MEASURES, "split", "stack", "min", "max"],
  bar: [...MEASURES, "split", "horizontal"],
  feed: [...HEARS, "text", "note", "rows", "link"],
  table: [...HEARS, "by", "columns", "sort", "rows"],
  gauge: [...MEASURES, "min", "max"],
  status: [...HEARS, "by", "text", "ok", "bad", "rows"],
  heatmap: [...MEASURES, "by", "bucket", "rows"],
  alert: [...HEARS, "text", "note", "seconds", "sound", "max_age"],
  text: [...EVERY, "text"],
  clock: [...EVERY, "zone"],
};

/** How often a value of which only the newest counts is asked for: oftener than that nobody reads. */
const LATEST_MS = 200;

/** With `op = "last"` the gateway may pass over what nobody would see. */
export function latestMsOf({ type, value }: Widget): number | undefined {
  return WIDGET_KEYS[type].includes("value") && type !== "line" && type !== "heatmap" && value.op === "last" ? LATEST_MS : undefined;
}

/** Null where a mistake leaves nothing to show. */
export function parseWidget(table: unknown, index: number, mistakes: string[]): Widget | null {
  const found: string[] = [];
  const keys = new Keys(table, `widget ${index + 1}`, found);
  const id = keys.text("id", `widget-${index + 1}`);
  keys.name = `widget ${JSON.stringify(id.slice(0, 80))}`;
  const type = WIDGET_TYPES.find((each) => each === keys.get("type"));
  if (!type) keys.mistake("type", `one of ${WIDGET_TYPES.join(", ")}`);
  const hears = type !== "text" && type !== "clock";
  const from = keys.text("from", "");
  if (hears && (!from || /^\*/.test(from))) keys.mistake("from", "a pattern whose first segment is literal, such as \"shop/**\"");
  const columns = parseColumns(keys);
  const widget: Omit<Widget, "type"> = {
    id,
    title: keys.text("title", id),
    at: place(keys, index),
    from: hears ? from : "",
    where: keys.conditions("where"),
    value: parseValue(keys, type),
    split: parseSplit(keys, type),
    text: keys.text("text", type === "text" ? "" : "{/type}").slice(0, TEXT_MAX),
    note: keys.text("note", ""),
    by: keys.pointer("by", "/subject"),
    ok: keys.conditions("ok"),
    bad: keys.conditions("bad"),
    unit: keys.text("unit", ""),
    decimals: keys.get("decimals") === undefined ? null : keys.count("decimals", 0, 6),
    rows: keys.count("rows", 12, BOUNDS.rows),
    seconds: keys.count("seconds", 6, 60),
    maxAgeMs: keys.duration("max_age") ?? 60_000,
    staleMs: keys.duration("stale"),
    levels: parseLevels(keys),
    sound: parseSound(keys),
    columns,
    sort: parseSort(keys, columns),
    min: keys.numberOr("min"),
    max: keys.numberOr("max"),
    hasSpark: keys.flag("spark", true),
    compareMs: parseCompare(keys),
    isStacked: keys.flag("stack", false),
    isHorizontal: keys.flag("horizontal", true),
    link: keys.pointer("link", ""),
    zones: parseZones(keys),
  };
  if (widget.min !== null && widget.max !== null && widget.min >= widget.max) keys.mistake("max", "more than `min`");
  mistakes.push(...found);
  const unknown = type ? keys.names().filter((key) => !WIDGET_KEYS[type].includes(key)) : [];
  // A key too many harms nothing: it is told, and the widget goes on.
  for (const key of unknown) mistakes.push(`${keys.name}: \`${key.slice(0, 80)}\` is no key of a ${type}`);
  return type && found.length === 0 ? { ...widget, type } : null;
}

function parseValue(widget: Keys, type: WidgetType | undefined): Value {
  const value = new Keys(widget.get("value") ?? {}, `${widget.name}, value`, widget.mistakes);
  const op = value.choice("op", OPS, type === "gauge" ? "last" : "count");
  const of = value.pointer("of", "") || null;
  const measures = type === undefined || WIDGET_KEYS[type].includes("value");
  if (measures && op !== "count" && of === null) value.mistake("of", `a pointer, for ${JSON.stringify(op)} needs a number`);
  const isCalendar = type === "heatmap" && widget.get("by") === undefined;
  const windowMs = value.duration("window") ?? (isCalendar ? WEEK_MS : null);
  // An hour is an hour of the day: a calendar has no other bucket.
  const bucketMs = isCalendar ? HOUR_MS : (value.duration("bucket") ?? widget.duration("bucket"));
  return { op, of, windowMs, bucketMs, perMs: value.duration("per"), scale: value.number("scale", 1) };
}

function parseSplit(widget: Keys, type: WidgetType | undefined): Widget["split"] {
  if (type === "heatmap") return widget.get("by") === undefined ? null : { by: widget.pointer("by", ""), top: widget.count("rows", 8, TOP_MAX) };
  if (widget.get("split") === undefined) return null;
  const split = new Keys(widget.get("split"), `${widget.name}, split`, widget.mistakes);
  return { by: split.pointer("by", ""), top: split.count("top", 8, TOP_MAX) };
}

function parseColumns(widget: Keys): Column[] {
  const listed = widget.list("columns");
  if (listed.length > COLUMNS_MAX) widget.mistake("columns", `at most ${COLUMNS_MAX} columns`);
  return listed.slice(0, COLUMNS_MAX).flatMap((each, index): Column[] => {
    const isPlain = typeof each === "string";
    if (!isPlain && (typeof each !== "object" || each === null)) widget.mistake("columns", 'pointers such as "/data/city", or tables like { title = "City", show = "/data/city" }');
    const keys = new Keys(isPlain ? { show: each } : each, `${widget.name}, column ${index + 1}`, widget.mistakes);
    const show = keys.text("show", "");
    if (!show.includes("/")) keys.mistake("show", 'a pointer such as "/data/city", or a text such as "{/data/city}, {/data/country}"');
    const named = /([^/{}]+)\}?$/.exec(show)?.[1] ?? show;
    return [{ title: keys.text("title", named), show, unit: keys.text("unit", ""), decimals: keys.get("decimals") === undefined ? null : keys.count("decimals", 0, 6), scale: keys.number("scale", 1) }];
  });
}

function parseSort(widget: Keys, columns: Column[]): Sort {
  const said = widget.text("sort", "key");
  const isDown = said.startsWith("-");
  const name = isDown ? said.slice(1) : said;
  if (name === "key" || name === "time") return { by: name, isDown };
  const by = columns.findIndex(({ title }) => title === name);
  if (by < 0) widget.mistake("sort", `"key", "time" or the title of a column, with "-" before it for the highest first`);
  return { by: Math.max(0, by), isDown };
}

function parseCompare(widget: Keys): Widget["compareMs"] {
  const said = widget.get("compare");
  if (said === undefined || said === false) return null;
  if (said === true || said === "before") return "before";
  const ms = new Keys({ compare: said }, widget.name, []).duration("compare");
  if (ms === null || ms <= 0) widget.mistake("compare", 'true, for the window before, or how long ago, such as "1d"');
  return ms;
}

function parseZones(widget: Keys): string[] {
  const said = widget.get("zone") ?? [];
  const zones = Array.isArray(said) ? said : [said];
  if (zones.length > ZONES_MAX) widget.mistake("zone", `at most ${ZONES_MAX} zones`);
  return zones.slice(0, ZONES_MAX).flatMap((zone: unknown): string[] => {
    if (typeof zone === "string" && isZone(zone)) return [zone];
    widget.mistake("zone", 'a time zone such as "Europe/Lisbon", or a list of them');
    return [];
  });
}

function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

function place(keys: Keys, index: number): [number, number, number, number] {
  const at = keys.get("at") ?? [(index % 3) * 4, Math.floor(index / 3) * 4, 4, 4];
  const numbers = Array.isArray(at) ? at.filter((each): each is number => Number.isInteger(each) && each >= 0 && each <= ROWS_MAX) : [];
  const [column = 0, row = 0, width = 4, height = 4] = numbers;
  if (numbers.length !== 4 || column + width > 12 || width < 1 || height < 1) keys.mistake("at", "[column, row, width, height] within 12 columns");
  return [column, row, width, height];
}
