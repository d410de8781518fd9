// How a value of a board's file stands in a field, and what typing into the field makes of it. Numbers, yes and no are typed as they
// are, text too; a text that would be read as one of those stands in quotes. Pure.

import type { Kind } from "./edit-form.ts";

/** Whole, however long: what is cut here would be saved cut with the next letter typed. */
export function typedOf(kind: Kind, value: unknown): string {
  if (value === undefined) return "";
  if (kind === "list") return [value].flat().map(bare).join(", ");
  if (kind === "scalar") return bare(value);
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Undefined takes the key out. What cannot be read stays text, and is told beside its field. */
export function valueOf(kind: Kind, typed: string): unknown {
  if (kind === "list") return typed.split(",").map(scalar).filter((each) => each !== "");
  if (kind === "scalar") return scalar(typed);
  if (typed === "") return undefined;
  if (kind === "number") return typed.trim() !== "" && Number.isFinite(Number(typed)) ? Number(typed) : typed;
  return kind === "json" ? parsed(typed) : typed;
}

function bare(value: unknown): string {
  return typeof value === "string" && scalar(value) === value ? value : JSON.stringify(value);
}

function scalar(typed: string): unknown {
  const text = typed.trim();
  // A longer number is a name, such as an order's: as a number it would lose its end.
  return /^(true|false|-?\d{1,15}(\.\d{1,9})?|".*")$/s.test(text) ? parsed(text) : text;
}

/** Half of a list is no list yet: it is read when it is left whole. */
function parsed(typed: string): unknown {
  try {
    return JSON.parse(typed);
  } catch {
    return typed;
  }
}
