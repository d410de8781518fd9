// What the gateway answered, narrowed once. What is missing or of another kind is a plain nothing, never a throw: an older
// or newer node must not blank a screen. Names come from payloads too, so nothing is looked up on a prototype. Pure.

export class Fields {
  readonly #table: ReadonlyMap<string, unknown>;

  constructor(json: unknown) {
    this.#table = new Map(typeof json === "object" && json !== null && !Array.isArray(json) ? Object.entries(json) : []);
  }

  get(key: string): unknown {
    return this.#table.get(key);
  }

  text(key: string): string {
    return this.textOrNull(key) ?? "";
  }

  textOrNull(key: string): string | null {
    const value = this.get(key);
    return typeof value === "string" ? value : null;
  }

  number(key: string): number | null {
    const value = this.get(key);
    return typeof value === "number" && Number.isFinite(value) ? value : null;
  }

  is(key: string): boolean {
    return this.get(key) === true;
  }

  /** An instant in RFC 3339, or in ms since 1970. */
  time(key: string): number | null {
    const value = this.get(key);
    const ms = typeof value === "string" ? Date.parse(value) : value;
    return typeof ms === "number" && Number.isFinite(ms) ? ms : null;
  }

  at(key: string): Fields {
    return new Fields(this.get(key));
  }

  has(key: string): boolean {
    return this.get(key) !== undefined && this.get(key) !== null;
  }

  list(key: string): unknown[] {
    const value = this.get(key);
    return Array.isArray(value) ? value : [];
  }

  texts(key: string): string[] {
    return this.list(key).filter((each) => typeof each === "string");
  }

  tables(key: string): Fields[] {
    return this.list(key).map((each) => new Fields(each));
  }
}
