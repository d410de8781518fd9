// JSON pointers (RFC 6901) into an event, conditions on what they find, and text made of it. Pure.
// An attack to keep in mind: a payload may be called `__proto__`, be as long and as deep as it likes, and may turn the words around
// it. Only own properties are read, what is shown is cut, and nothing walks further than what is shown.

import { shown, told } from "./shown.ts";

/** Pointers and templates come from boards: a few dozen. Beyond this the memory starts afresh. */
const COMPILED_MAX = 2_000;
const pointers = new Map<string, readonly string[] | null>();
const templates = new Map<string, readonly (string | { pointer: string })[]>();

/** Undefined where the pointer leads nowhere. */
export function read(event: unknown, pointer: string): unknown {
  if (pointer === "") return event;
  const tokens = pointers.get(pointer) ?? remember(pointers, pointer, tokensOf(pointer));
  if (tokens === null) return undefined;
  let here = event;
  for (const token of tokens) {
    if (!isTable(here) || !Object.hasOwn(here, token)) return undefined;
    here = here[token];
  }
  return here;
}

/** Numbers, and the strings that shops send for money; anything else is no number. */
export function readNumber(event: unknown, pointer: string): number | null {
  const found = read(event, pointer);
  if (typeof found === "number") return Number.isFinite(found) ? found : null;
  // What is longer is no sum of money, and is not searched.
  if (typeof found !== "string" || found.length > 40 || !/^\s*-?\d+(\.\d+)?\s*$/.test(found)) return null;
  return Number(found);
}

export function readText(event: unknown, pointer: string): string {
  return shown(told(read(event, pointer)));
}

/** `{/data/name} gave {/data/amount}`: what a pointer does not find is a dash. */
export function fill(template: string, event: unknown): string {
  const parts = templates.get(template) ?? remember(templates, template, partsOf(template));
  let text = "";
  for (const part of parts) text += typeof part === "string" ? part : shown(told(read(event, part.pointer)), "among others");
  return shown(text, "as it is");
}

export const OPERATORS = ["==", "!=", "<", "<=", ">", ">=", "in", "exists", "prefix"] as const;
export type Operator = (typeof OPERATORS)[number];
export interface Condition {
  pointer: string;
  operator: Operator;
  operand: unknown;
}

export function holds(conditions: readonly Condition[], event: unknown): boolean {
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

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function tokensOf(pointer: string): readonly string[] | null {
  if (!pointer.startsWith("/")) return null;
  return pointer.slice(1).split("/").map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function partsOf(template: string): readonly (string | { pointer: string })[] {
  return template.split(/(\{\/[^{}]*\})/).filter((part) => part !== "").map((part) => (/^\{\/[^{}]*\}$/.test(part) ? { pointer: part.slice(1, -1) } : part));
}

function remember<T>(memory: Map<string, T>, key: string, value: T): T {
  if (memory.size >= COMPILED_MAX) memory.clear();
  memory.set(key, value);
  return value;
}
