// JSON pointers (RFC 6901) into an event, conditions on what they find, and text made of it. Pure.
// An attack to keep in mind: a payload may be called `__proto__` or be as long as it likes. Only own
// properties are read, and what is shown is cut.

const TEXT_MAX = 240;

/** Undefined where the pointer leads nowhere. */
export function read(event: unknown, pointer: string): unknown {
  if (pointer === "") return event;
  if (!pointer.startsWith("/")) return undefined;
  let here = event;
  for (const token of pointer.slice(1).split("/")) {
    const name = token.replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof here !== "object" || here === null || !Object.hasOwn(here, name)) return undefined;
    const next: unknown = Object.getOwnPropertyDescriptor(here, name)?.value;
    here = next;
  }
  return here;
}

/** Numbers, and the strings that shops send for money; anything else is no number. */
export function readNumber(event: unknown, pointer: string): number | null {
  const found = read(event, pointer);
  const number = typeof found === "string" && /^-?\d+(\.\d+)?$/.test(found.trim()) ? Number(found) : found;
  return typeof number === "number" && Number.isFinite(number) ? number : null;
}

export function readText(event: unknown, pointer: string): string {
  return cut(worded(read(event, pointer)));
}

/** `{/data/name} gave {/data/amount}`: what a pointer does not find is a dash. */
export function fill(template: string, event: unknown): string {
  return cut(template.replace(/\{(\/[^{}]*)\}/g, (_, pointer: string) => worded(read(event, pointer))));
}

export type Operator = "==" | "!=" | "<" | "<=" | ">" | ">=" | "in" | "exists" | "prefix";
export interface Condition {
  pointer: string;
  operator: Operator;
  operand: unknown;
}

export function holds(conditions: Condition[], event: unknown): boolean {
  return conditions.every(({ pointer, operator, operand }) => {
    const found = read(event, pointer);
    switch (operator) {
      case "==":
        return found === operand;
      case "!=":
        return found !== operand;
      case "exists":
        return (found !== undefined) === (operand !== false);
      case "in":
        return Array.isArray(operand) && operand.includes(found);
      case "prefix":
        return typeof found === "string" && typeof operand === "string" && found.startsWith(operand);
      default:
        return ordered(operator, readNumber(event, pointer), operand);
    }
  });
}

function ordered(operator: "<" | "<=" | ">" | ">=", left: number | null, right: unknown): boolean {
  if (left === null || typeof right !== "number") return false;
  if (operator === "<") return left < right;
  if (operator === "<=") return left <= right;
  return operator === ">" ? left > right : left >= right;
}

function worded(value: unknown): string {
  if (value === undefined || value === null) return "–";
  if (typeof value === "object") return JSON.stringify(value);
  return String(value);
}

function cut(text: string): string {
  return text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX - 1)}…` : text;
}
