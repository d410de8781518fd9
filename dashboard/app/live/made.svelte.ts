// What the answer to a new source said once, its secret above all. It is kept in the memory of this tab, so that a look elsewhere in the
// page does not lose it: never in the browser's storage, never in the address, and for whoever is signed in alone.

import type { Written } from "./sources.ts";

export class Made {
  #all = $state.raw<ReadonlyMap<string, Written>>(new Map());
  readonly #seen = new Set<string>();

  of(name: string): Written | null {
    return this.#all.get(name) ?? null;
  }

  /** Of a source that was made just now, which no list names yet. */
  keep(name: string, written: Written): void {
    this.#seen.delete(name);
    this.#set(name, written);
  }

  /** A list names it: from here on, where none does, it was removed. */
  see(name: string): void {
    this.#seen.add(name);
  }

  isAwaited(name: string): boolean {
    return this.#all.has(name) && !this.#seen.has(name);
  }

  /** Another secret counts from here on: the one that was made is not to be pasted any more, and what was said of it does not hold. */
  replace(name: string, { warning }: Pick<Written, "warning">): void {
    const written = this.of(name);
    if (written) this.#set(name, { ...written, secret: null, warning });
  }

  forget(name: string): void {
    this.#all = new Map([...this.#all].filter(([each]) => each !== name));
  }

  #set(name: string, written: Written): void {
    this.#all = new Map([...this.#all, [name, written]]);
  }
}

const all = new WeakMap<object, Made>();

/** Another session is another person: nothing of the one before is seen. */
export function madeIn(session: object): Made {
  const made = all.get(session) ?? new Made();
  all.set(session, made);
  return made;
}
