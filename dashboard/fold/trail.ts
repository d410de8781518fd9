// The newest things of many, newest first: a thing in front costs nothing but itself, and the far end is let go in one go. Pure.

export type Trail<T> = { item: T; rest: Trail<T>; length: number } | null;

/** Keeps at least `keep` where there were as many, and never twice as many. */
export function before<T>(trail: Trail<T>, item: T, keep: number): Trail<T> {
  const rest = trail !== null && trail.length >= keep * 2 - 1 ? listed(trail, keep).reduceRight<Trail<T>>(linked, null) : trail;
  return linked(rest, item);
}

export function listed<T>(trail: Trail<T>, most: number): T[] {
  const list: T[] = [];
  for (let here = trail; here !== null && list.length < most; here = here.rest) list.push(here.item);
  return list;
}

function linked<T>(rest: Trail<T>, item: T): Trail<T> {
  return { item, rest, length: (rest?.length ?? 0) + 1 };
}
