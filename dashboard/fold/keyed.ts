// A map that keeps its earlier versions: `set` gives a new one and leaves the old one as it was, at the price of two short copies
// instead of a thousand entries. Pure to whoever uses it.
//
//     version 7 ─▶ root ─▶ [chunk][chunk][chunk']   `set` copies one chunk and the root;
//     version 6 ─▶ root ─▶ [chunk][chunk][chunk ]   names are shared, and a version sees as many as it has
//
// Two versions that both grew from one would write over each other's names: the second to grow copies them first.

const BITS = 5;
const CHUNK = 1 << BITS;

interface Names<K> {
  index: Map<K, number>;
  list: K[];
}

type Chunks<V> = readonly (readonly V[])[];

export class Keyed<K extends string | number, V> implements Iterable<[K, V]> {
  readonly size: number;
  readonly #names: Names<K>;
  readonly #chunks: Chunks<V>;

  private constructor(size: number, names: Names<K>, chunks: Chunks<V>) {
    this.size = size;
    this.#names = names;
    this.#chunks = chunks;
  }

  static of<K extends string | number, V>(entries: Iterable<readonly [K, V]> = []): Keyed<K, V> {
    let keyed = new Keyed<K, V>(0, { index: new Map(), list: [] }, []);
    for (const [key, value] of entries) keyed = keyed.set(key, value);
    return keyed;
  }

  get(key: K): V | undefined {
    const at = this.#at(key);
    return at < 0 ? undefined : this.#chunks[at >> BITS]?.[at & (CHUNK - 1)];
  }

  has(key: K): boolean {
    return this.#at(key) >= 0;
  }

  set(key: K, value: V): Keyed<K, V> {
    const found = this.#at(key);
    const at = found < 0 ? this.size : found;
    const names = found < 0 ? this.#named(key) : this.#names;
    const chunk = (this.#chunks[at >> BITS] ?? []).slice();
    chunk[at & (CHUNK - 1)] = value;
    const chunks = this.#chunks.slice();
    chunks[at >> BITS] = chunk;
    return new Keyed(found < 0 ? this.size + 1 : this.size, names, chunks);
  }

  /** In the order in which the keys came. */
  *[Symbol.iterator](): Iterator<[K, V]> {
    let at = 0;
    for (const chunk of this.#chunks) {
      for (const value of chunk) {
        const key = this.#names.list[at];
        at += 1;
        if (key !== undefined) yield [key, value];
      }
    }
  }

  forEach(see: (value: V, key: K) => void): void {
    let at = 0;
    for (const chunk of this.#chunks) {
      for (const value of chunk) {
        const key = this.#names.list[at];
        at += 1;
        if (key !== undefined) see(value, key);
      }
    }
  }

  values(): V[] {
    return this.#chunks.flat();
  }

  #at(key: K): number {
    const at = this.#names.index.get(key);
    return at !== undefined && at < this.size ? at : -1;
  }

  #named(key: K): Names<K> {
    const isNewest = this.#names.list.length === this.size;
    const list = isNewest ? this.#names.list : this.#names.list.slice(0, this.size);
    const index = isNewest ? this.#names.index : new Map(list.map((each, at) => [each, at]));
    index.set(key, list.length);
    list.push(key);
    return { index, list };
  }
}

/** When full: lets go of the eighth that was heard least recently, so that a thousand new keys do not each cost a search. */
export function withRoom<V extends { heard: number }>(keyed: Keyed<string, V>, max: number): Keyed<string, V> {
  if (keyed.size < max) return keyed;
  const edge = keyed.values().map(({ heard }) => heard).sort((a, b) => a - b)[Math.floor(max / 8)] ?? 0;
  return Keyed.of([...keyed].filter(([, { heard }]) => heard >= edge));
}
