// JSON as it was written: numbers keep their spelling (an id of 18 digits is no float), keys their order and their
// repeats, and a key called `__proto__` is a key. Pure. What is no JSON, or too deep, is null: then there is the raw text.

export type Json =
  | { is: "object"; entries: [string, Json][] }
  | { is: "array"; items: Json[] }
  | { is: "string"; text: string }
  /** A number as it was spelt, or `true`, `false`, `null`. */
  | { is: "number" | "word"; text: string };

/** As deep as the gateway reads. */
const DEPTH_MAX = 128;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const SPACE = /[ \t\n\r]*/y;
const WORD = /true|false|null/y;

/** What stands under a key, the last of equal ones, or at a place; null where nothing does. */
export function memberOf(json: Json | null, name: string): Json | null {
  if (json?.is === "object") return json.entries.findLast(([key]) => key === name)?.[1] ?? null;
  return json?.is === "array" ? (json.items[Number(name)] ?? null) : null;
}

export interface JsonMistake {
  /** In characters from the start. */
  at: number;
  line: number;
  column: number;
  says: string;
}

export function parseJson(text: string): Json | null {
  return new Reader(text).document();
}

/** Where a text stops being JSON, for whoever edits it; null where it is. */
export function jsonMistake(text: string): JsonMistake | null {
  const reader = new Reader(text);
  if (reader.document() !== null) return null;
  const { at, expected } = reader.failure ?? { at: 0, expected: "a value" };
  const before = text.slice(0, at).split("\n");
  const found = at >= text.length ? "the end" : JSON.stringify(String.fromCodePoint(text.codePointAt(at) ?? 32));
  return { at, line: before.length, column: (before.at(-1) ?? "").length + 1, says: `expected ${expected}, found ${found}` };
}

/** The same with line breaks, for whoever edits it; null where it is no JSON. */
export function prettyJson(text: string): string | null {
  const json = parseJson(text);
  return json && written(json, "");
}

function written(json: Json, indent: string): string {
  const inner = `${indent}  `;
  switch (json.is) {
    case "object":
      if (json.entries.length === 0) return "{}";
      return `{\n${json.entries.map(([name, value]) => `${inner}${JSON.stringify(name)}: ${written(value, inner)}`).join(",\n")}\n${indent}}`;
    case "array":
      return json.items.length === 0 ? "[]" : `[\n${json.items.map((item) => inner + written(item, inner)).join(",\n")}\n${indent}]`;
    case "string":
      return JSON.stringify(json.text);
    default:
      return json.text;
  }
}

class Reader {
  failure: { at: number; expected: string } | null = null;
  private at = 0;

  constructor(private text: string) {}

  document(): Json | null {
    const found = this.value(0);
    if (found === null) return null;
    this.space();
    return this.at === this.text.length ? found : this.fail("nothing more");
  }

  private value(depth: number): Json | null {
    this.space();
    switch (this.text[this.at]) {
      case "{":
        return depth === DEPTH_MAX ? this.fail(`at most ${DEPTH_MAX} levels`) : this.object(depth + 1);
      case "[":
        return depth === DEPTH_MAX ? this.fail(`at most ${DEPTH_MAX} levels`) : this.array(depth + 1);
      case '"': {
        const text = this.string();
        return text === null ? null : { is: "string", text };
      }
    }
    const number = this.take(NUMBER);
    if (number !== null) return { is: "number", text: number };
    const word = this.take(WORD);
    return word === null ? this.fail("a value") : { is: "word", text: word };
  }

  private object(depth: number): Json | null {
    const entries: [string, Json][] = [];
    this.at += 1;
    if (this.eats("}")) return { is: "object", entries };
    for (;;) {
      this.space();
      if (this.text[this.at] !== '"') return this.fail("a name in quotes");
      const name = this.string();
      if (name === null) return null;
      if (!this.eats(":")) return this.fail("a colon");
      const value = this.value(depth);
      if (value === null) return null;
      entries.push([name, value]);
      if (this.eats("}")) return { is: "object", entries };
      if (!this.eats(",")) return this.fail("a comma or }");
    }
  }

  private array(depth: number): Json | null {
    const items: Json[] = [];
    this.at += 1;
    if (this.eats("]")) return { is: "array", items };
    for (;;) {
      const value = this.value(depth);
      if (value === null) return null;
      items.push(value);
      if (this.eats("]")) return { is: "array", items };
      if (!this.eats(",")) return this.fail("a comma or ]");
    }
  }

  /** Walked by hand: a pattern would need a stack as deep as the text is long, and it may be of 1 MB. */
  private string(): string | null {
    const start = this.at;
    let end = start + 1;
    while (end < this.text.length && this.text[end] !== '"') end += this.text[end] === "\\" ? 2 : 1;
    try {
      const text: unknown = JSON.parse(this.text.slice(start, end + 1));
      this.at = end + 1;
      return typeof text === "string" ? text : null;
    } catch {
      return this.fail("a text that ends, with its control characters escaped");
    }
  }

  private take(what: RegExp): string | null {
    what.lastIndex = this.at;
    const found = what.exec(this.text)?.[0] ?? null;
    if (found !== null) this.at += found.length;
    return found;
  }

  private space(): void {
    SPACE.lastIndex = this.at;
    this.at += SPACE.exec(this.text)?.[0].length ?? 0;
  }

  private eats(sign: string): boolean {
    this.space();
    if (this.text[this.at] !== sign) return false;
    this.at += 1;
    return true;
  }

  private fail(expected: string): null {
    this.failure ??= { at: this.at, expected };
    return null;
  }
}

export interface TreeRow {
  /** RFC 6901, from the root of this value. */
  pointer: string;
  depth: number;
  /** The key or the index it stands under; null for the root. */
  name: string | null;
  value: Json;
  /** Members it has, where it can be opened. */
  members: number | null;
  isOpen: boolean;
  /** Members of the last open parent that are not shown: this row offers them and has no value of its own. */
  hidden: number;
  /** Its place among its siblings, from 1, and how many those are. */
  place: number;
  siblings: number;
}

/** Members of one parent that are shown before more is asked for. */
export const MEMBERS_STEP = 100;
/** Rows in all: whoever opens everything of a large payload still has a page that scrolls. */
export const TREE_ROWS_MAX = 4_000;

export interface TreeView {
  isOpen(pointer: string, depth: number, members: number): boolean;
  /** How many members of a parent are shown. */
  shown(pointer: string): number;
}

/** The rows that are open to see, from above to below. */
export function treeRows(root: Json, view: TreeView): TreeRow[] {
  const rows: TreeRow[] = [];
  walk(rows, view, root, { pointer: "", depth: 0, name: null, place: 1, siblings: 1 });
  return rows;
}

type Place = Pick<TreeRow, "pointer" | "depth" | "name" | "place" | "siblings">;

function walk(rows: TreeRow[], view: TreeView, value: Json, at: Place): void {
  if (rows.length >= TREE_ROWS_MAX) return;
  const members = membersOf(value);
  const isOpen = members !== null && members.length > 0 && view.isOpen(at.pointer, at.depth, members.length);
  rows.push({ ...at, value, members: members?.length ?? null, isOpen, hidden: 0 });
  if (!isOpen || members === null) return;
  const shown = Math.min(members.length, view.shown(at.pointer));
  const siblings = members.length;
  const depth = at.depth + 1;
  for (const [index, [name, member]] of members.slice(0, shown).entries()) {
    walk(rows, view, member, { pointer: `${at.pointer}/${escaped(name)}`, depth, name, place: index + 1, siblings });
  }
  if (shown < siblings) rows.push({ pointer: at.pointer, depth, name: null, value, members: null, isOpen: false, hidden: siblings - shown, place: siblings, siblings });
}

function membersOf(value: Json): [string, Json][] | null {
  if (value.is === "object") return value.entries;
  return value.is === "array" ? value.items.map((item, index): [string, Json] => [String(index), item]) : null;
}

function escaped(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}
