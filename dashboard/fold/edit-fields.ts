// What an event offers to be counted, named or shown: its values with the pointers that lead to them. A payload is a stranger's, so depth,
// number and length are bounded. Pure.

import { isTable } from "./edit-draft.ts";

export interface Found {
  pointer: string;
  /** A number may come as text: shops send money so. */
  kind: "number" | "text" | "yes/no" | "time" | "other";
  /** Cut to what fits on a line. */
  text: string;
}

const FIELDS_MAX = 200;
const DEPTH_MAX = 8;
const TEXT_MAX = 80;
/** Of an envelope: who reads an event wants its data first. */
const ENVELOPE = ["type", "subject", "time", "source", "id"];

export function fieldsOf(event: unknown): Found[] {
  const fields: Found[] = [];
  if (!isTable(event)) return fields;
  gather(event["data"], "/data", 1, fields);
  for (const name of ENVELOPE) if (Object.hasOwn(event, name)) gather(event[name], `/${name}`, 1, fields);
  return fields;
}

function gather(value: unknown, pointer: string, depth: number, fields: Found[]): void {
  if (fields.length >= FIELDS_MAX || value === undefined) return;
  if (typeof value === "object" && value !== null && depth < DEPTH_MAX) {
    // Of a list the first is enough to point at: the others look like it.
    const entries = Array.isArray(value) ? value.slice(0, 1).map((each: unknown): [string, unknown] => ["0", each]) : Object.entries(value).slice(0, FIELDS_MAX);
    for (const [name, each] of entries) gather(each, `${pointer}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`, depth + 1, fields);
    return;
  }
  fields.push({ pointer, kind: kindOf(value), text: cut(value) });
}

function kindOf(value: unknown): Found["kind"] {
  if (typeof value === "boolean") return "yes/no";
  if (typeof value === "number") return "number";
  if (typeof value !== "string") return "other";
  if (/^-?\d{1,15}(\.\d+)?$/.test(value)) return "number";
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(value) ? "time" : "text";
}

function cut(value: unknown): string {
  const text = typeof value === "string" ? value.slice(0, TEXT_MAX + 1) : typeof value === "object" && value !== null ? "{…}" : String(value);
  return text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX - 1)}…` : text;
}

/** The last named part of a pointer, as a person would say it: `/data/customer/first_name` is "first name". */
export function nameOf(pointer: string): string {
  const part = pointer.split("/").findLast((each) => each !== "" && !/^\d+$/.test(each)) ?? "value";
  return part.replaceAll("~1", "/").replaceAll("~0", "~").replace(/([a-z])([A-Z])/g, "$1 $2").replace(/[_-]+/g, " ").toLowerCase().slice(0, 40);
}
