// A widget's mistakes, each beside the key or the row it is about: `parseBoard` says them, this only sorts them, and looks at each
// condition by itself. Pure.

import { parseBoard } from "./board.ts";
import type { Table } from "./edit-draft.ts";
import { OPERATORS } from "./pointer.ts";

/** By key; a key of an inline table is `value.of`, a row `levels.0`. What is about no key is under the empty one. */
export type Mistakes = ReadonlyMap<string, string>;

export function check(table: Table): Mistakes {
  const found = new Map<string, string>();
  const say = (path: string, what: string) => found.has(path) || found.set(path, what.length > 240 ? `${what.slice(0, 239)}…` : what);
  for (const key of ["where", "ok", "bad"]) {
    const listed = table[key];
    if (!Array.isArray(listed)) continue;
    for (const [index, each] of listed.entries()) say(`${key}.${index}`, conditionMistake(each));
  }
  const levels = table["levels"];
  for (const [index, { above, below }] of (Array.isArray(levels) ? levels : []).map(Object).entries()) {
    if (typeof above === "number" && typeof below === "number" && above >= below) say(`levels.${index}`, `never holds: nothing is above ${above} and below ${below}`);
  }
  for (const sentence of parseBoard({ widget: [table] }).mistakes) {
    const [, inner, row, key = "", what] = /^widget .*?(?:, (\w+)(?: (\d+))?)?: `(\w+)` ((?:should be|is no key of a level).*)$/s.exec(sentence) ?? [];
    if (what === undefined) say("", sentence);
    else if (row !== undefined) say(`${inner}s.${Number(row) - 1}`, `\`${key}\` ${what}`);
    // Of conditions each is told beside its row.
    else if (!Array.isArray(table[key]) || !found.has(`${key}.0`)) say(inner === undefined ? key : `${inner}.${key}`, what);
  }
  for (const [path, what] of found) if (what === "") found.delete(path);
  return found;
}

/** Empty where it is good. What could never hold is a mistake too. */
function conditionMistake(each: unknown): string {
  const [pointer, operator, operand]: unknown[] = Array.isArray(each) ? each : [];
  if (typeof pointer !== "string" || !OPERATORS.some((one) => one === operator)) return 'should be a condition such as ["/data/test", "!=", true]';
  if (!pointer.startsWith("/")) return 'the field should be a pointer such as "/data/name"';
  if (/[<>]/.test(String(operator)) && typeof operand !== "number") return "should be compared with a number";
  if (operator === "in" && !Array.isArray(operand)) return "should be compared with a list";
  return operator === "prefix" && typeof operand !== "string" ? "should be compared with a text" : "";
}
