// Widgets that make sense for events like these: a stranger picks one and has it. Guesses from names and values, never more than that;
// everything guessed can be changed in the panel. Pure.

import { apply, bodyOf, draftOf, placeOf, slug, type Table } from "./edit-draft.ts";
import { fieldsOf, nameOf, type Found } from "./edit-fields.ts";
import { COLUMNS } from "./edit-grid.ts";

export interface Suggestion {
  /** One line: what it will show. */
  says: string;
  table: Table;
}

const MONEY = /(amount|total|price|revenue|sum|value|cost|fee|paid|balance)/i;
const CURRENCIES: Record<string, string> = { EUR: "€", USD: "$", GBP: "£", JPY: "¥" };
const NAMES = /(name|title|message|subject|login|user|customer|email|description|text|summary|status|city)/i;
const GROUPS = /(status|state|country|city|type|kind|player|user|name|sensor|device|plan|currency|region|branch|ref|level|method|source)/i;
const THINGS = /(^|[_ ])(id|number|key|sensor|device|parcel|host|service|order|job|build)$/i;
const NOT_MEASURED = /(^|[_ ])(id|ids|number|code|zip|phone|year|version|timestamp|created|updated|at)$/i;

export function suggest(pattern: string, samples: readonly unknown[]): Suggestion[] {
  const what = nameOf(pattern.replace(/\/\*+/g, ""));
  const fields = fieldsOf(samples[0]);
  const count = { op: "count" };
  const found: (Suggestion | null)[] = [
    made("line", `${capital(what)} per minute`, pattern, "how many come, over time", { value: { ...count, per: "1m" } }),
    made("number", capital(what), pattern, "how many came", { value: count }),
    summed(fields, pattern),
    feed(fields, pattern, what),
    ranked(fields, samples, pattern, what),
    measured(fields, pattern),
    cells(fields, samples, pattern, what),
    made("alert", `New ${what}`, pattern, "a scene for each that comes", { text: template(fields) }),
  ];
  return found.filter((each) => each !== null);
}

/** A board of them, each where there is room. A scene is left out: nobody who only looks expects one. */
export function boardOf(pattern: string, samples: readonly unknown[]): Table {
  const chosen = suggest(pattern, samples).filter(({ table }) => table["type"] !== "alert");
  const draft = chosen.reduce((so, { table }) => apply(so, { do: "add", table }), draftOf({}));
  const places = draft.widgets.map((table) => placeOf(table));
  // The last of each row goes on to the edge.
  const widgets = draft.widgets.map((table, index) => {
    const [column, row, , height] = places[index] ?? [0, 0, COLUMNS, 1];
    const isLast = !places.some((other) => other !== null && other[1] === row && other[0] > column);
    return isLast ? { ...table, at: [column, row, COLUMNS - column, height] } : table;
  });
  return bodyOf({ ...draft, widgets });
}

function made(type: string, title: string, from: string, says: string, rest: Table): Suggestion {
  return { says, table: { id: slug(title) || type, type, title, from, ...rest } };
}

function summed(fields: Found[], from: string): Suggestion | null {
  const money = fields.find(({ kind, pointer }) => kind === "number" && MONEY.test(nameOf(pointer)));
  if (!money) return null;
  const currency = fields.find(({ pointer }) => /currency$/i.test(pointer))?.text.toUpperCase() ?? "";
  const unit = CURRENCIES[currency] ?? (/^[A-Z]{3}$/.test(currency) ? currency : "");
  const dressed = unit === "" ? {} : { unit, decimals: 2 };
  return made("number", `Total ${nameOf(money.pointer).replace(/^total\s*/, "") || "sum"}`, from, `the sum of ${nameOf(money.pointer)}`, { value: { op: "sum", of: money.pointer }, ...dressed });
}

function measured(fields: Found[], from: string): Suggestion | null {
  const reading = fields.find(({ kind, pointer }) => kind === "number" && pointer.startsWith("/data") && !NOT_MEASURED.test(nameOf(pointer)) && !MONEY.test(nameOf(pointer)));
  if (!reading) return null;
  const name = nameOf(reading.pointer);
  return made("line", `Average ${name}`, from, `${name}, averaged over time`, { value: { op: "avg", of: reading.pointer } });
}

function feed(fields: Found[], from: string, what: string): Suggestion {
  const when = fields.find(({ kind, pointer }) => kind === "text" && pointer.startsWith("/data") && /(message|description|summary|email)/i.test(pointer));
  const text = template(fields);
  const note = when && !text.includes(when.pointer) ? { note: `{${when.pointer}}` } : {};
  return made("feed", `Latest ${what}`, from, "the newest, one a row", { text, ...note, rows: 20 });
}

function ranked(fields: Found[], samples: readonly unknown[], from: string, what: string): Suggestion | null {
  const by = grouping(fields, samples, GROUPS);
  return by ? made("bar", `Top ${nameOf(by.pointer)}`, from, `${what} by ${nameOf(by.pointer)}, highest first`, { value: { op: "count" }, split: { by: by.pointer, top: 6 } }) : null;
}

function cells(fields: Found[], samples: readonly unknown[], from: string, what: string): Suggestion | null {
  const by = grouping(fields, samples, THINGS);
  const state = fields.find(({ kind, pointer }) => kind === "text" && /(status|state|city|phase)$/i.test(pointer));
  if (!by || !state) return null;
  return made("status", `${capital(nameOf(by.pointer))} by ${nameOf(state.pointer)}`, from, `the last ${nameOf(state.pointer)} of each ${what}`, { by: by.pointer, text: `{${state.pointer}}`, rows: 8 });
}

/** Names that repeat make groups; a value that is new each time does not. */
function grouping(fields: Found[], samples: readonly unknown[], wanted: RegExp): Found | undefined {
  const isTime = ({ kind, text }: Found) => kind === "time" || /^https?:/.test(text);
  const fit = fields.filter((field) => field.pointer.startsWith("/data") && !isTime(field) && field.text.length <= 40 && wanted.test(nameOf(field.pointer)));
  const seen = samples.slice(0, 20).map((event) => new Map(fieldsOf(event).map(({ pointer, text }) => [pointer, text])));
  const kinds = (field: Found) => new Set(seen.map((each) => each.get(field.pointer))).size;
  const repeats = fit.filter((field) => seen.length < 4 || kinds(field) <= seen.length / 2);
  return repeats.sort((a, b) => (a.kind === "text" ? 0 : 1) - (b.kind === "text" ? 0 : 1))[0] ?? fit[0];
}

/** What names it, then what it is worth. */
function template(fields: Found[]): string {
  const data = fields.filter(({ pointer }) => pointer.startsWith("/data"));
  const named = data.find(({ kind, pointer, text }) => kind === "text" && NAMES.test(nameOf(pointer)) && !/^https?:/.test(text)) ?? data.find(({ kind }) => kind === "text");
  const worth = data.find(({ kind, pointer }) => kind === "number" && MONEY.test(nameOf(pointer)));
  const currency = worth && data.find(({ pointer }) => /currency$/i.test(pointer));
  const parts = [named, worth].filter((each) => each !== undefined).map(({ pointer }) => `{${pointer}}`);
  return parts.length === 0 ? "{/type}" : `${parts.join(" · ")}${currency ? ` {${currency.pointer}}` : ""}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
