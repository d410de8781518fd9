// Reads one table of a board and writes down each mistake instead of throwing: widget, key, what was expected. Pure.

import { OPERATORS, type Condition } from "./pointer.ts";

/** `10s`, `15m`, `2h`, `7d`, `500ms`; null for anything else. */
export function parseDuration(text: unknown): number | null {
  const found = typeof text === "string" ? /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text.trim()) : null;
  const unit = found && { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }[found[2] ?? ""];
  return found && unit ? Number(found[1]) * unit : null;
}

export class Keys {
  #table: Map<string, unknown>;

  constructor(
    table: unknown,
    public name: string,
    readonly mistakes: string[],
  ) {
    this.#table = new Map(typeof table === "object" && table !== null ? Object.entries(table) : []);
  }

  get(key: string): unknown {
    return this.#table.get(key);
  }

  names(): string[] {
    return [...this.#table.keys()];
  }

  mistake(key: string, expected: string): void {
    const got = this.get(key);
    this.mistakes.push(`${this.name}: \`${key}\` should be ${expected}${got === undefined ? "" : `, not ${quoted(got)}`}`);
  }

  text(key: string, otherwise: string): string {
    const value = this.get(key) ?? otherwise;
    if (typeof value === "string") return value;
    this.mistake(key, "text");
    return otherwise;
  }

  number(key: string, otherwise: number): number {
    const value = this.get(key) ?? otherwise;
    if (typeof value === "number" && Number.isFinite(value)) return value;
    this.mistake(key, "a number");
    return otherwise;
  }

  numberOr(key: string): number | null {
    return this.get(key) === undefined ? null : this.number(key, 0);
  }

  flag(key: string, otherwise: boolean): boolean {
    const value = this.get(key) ?? otherwise;
    if (typeof value === "boolean") return value;
    this.mistake(key, "true or false");
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

  choice<T extends string>(key: string, choices: readonly T[], otherwise: T): T {
    const value = this.get(key) ?? otherwise;
    const found = choices.find((each) => each === value);
    if (found === undefined) this.mistake(key, `one of ${choices.join(", ")}`);
    return found ?? otherwise;
  }

  list(key: string): unknown[] {
    const value = this.get(key) ?? [];
    if (Array.isArray(value)) return value;
    this.mistake(key, "a list");
    return [];
  }

  pointer(key: string, otherwise: string): string {
    const value = this.text(key, otherwise);
    if (value !== "" && !value.startsWith("/")) this.mistake(key, 'a pointer such as "/data/name"');
    return value;
  }

  conditions(key: string): Condition[] {
    return this.list(key).flatMap((each): Condition[] => {
      const [pointer, operator, operand]: unknown[] = Array.isArray(each) ? each : [];
      const known = OPERATORS.find((one) => one === operator);
      if (typeof pointer === "string" && known) return [{ pointer, operator: known, operand }];
      this.mistake(key, `conditions such as ["/data/test", "!=", true]`);
      return [];
    });
  }
}

/** What stood there, in so few words that the sentence stays one. */
function quoted(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 120 ? `${text.slice(0, 119)}…` : text;
}
