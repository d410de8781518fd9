// A widget's mistakes, each beside the key it is about: `parseBoard` says them, this only sorts them. Pure.

import { parseBoard } from "./board.ts";
import type { Table } from "./edit-draft.ts";

/** By key; a key of an inline table is `value.of`. What is about no key is under the empty one. */
export type Mistakes = ReadonlyMap<string, string>;

export function check(table: Table): Mistakes {
  const found = new Map<string, string>();
  for (const sentence of parseBoard({ widget: [table] }).mistakes) {
    const [, inner, key, what] = /^widget .*?(?:, (\w+))?: `(\w+)` (should be .*)$/s.exec(sentence) ?? [];
    const path = key === undefined ? "" : inner === undefined ? key : `${inner}.${key}`;
    if (!found.has(path)) found.set(path, short(what ?? sentence));
  }
  return found;
}

function short(text: string): string {
  return text.length > 240 ? `${text.slice(0, 239)}…` : text;
}
