// Where tiles lie on the twelve columns while a board is edited: nothing overlaps, nothing leaves the grid, and who is in the way of
// another goes straight down. Nobody moves sideways or up by itself: what a person did not touch stays where the eye left it. Pure.

export const COLUMNS = 12;
/** A tile is no taller than this many rows: more than two screens. */
export const HEIGHT_MAX = 24;
/** The lowest row that a tile is put on. Pushed ones may lie below: 64 tiles of 24 rows at most. */
export const ROW_MAX = 400;

/** Narrower than this nothing is legible; so wide, everything is. */
const NARROWEST = 3;
const USUAL_WIDTH = 4;

/** Column, row, width, height. */
export type At = readonly [number, number, number, number];

export function overlaps(a: At, b: At): boolean {
  return a[0] < b[0] + b[2] && b[0] < a[0] + a[2] && a[1] < b[1] + b[3] && b[1] < a[1] + a[3];
}

/** The nearest place inside the grid; what is no number is nought. */
export function inside([column, row, width, height]: At): At {
  const wide = between(width, 1, COLUMNS);
  return [between(column, 0, COLUMNS - wide), between(row, 0, ROW_MAX), wide, between(height, 1, HEIGHT_MAX)];
}

/** Puts one tile where it is wanted; the others keep their places, or go down until they are free, the uppermost first. */
export function settle(places: readonly At[], moved: number, wanted: At): At[] {
  const settled: At[] = [...places];
  settled[moved] = inside(wanted);
  return giveWay(settled, [moved]);
}

/** Places as they were written, made free of overlaps: the first of two keeps its place. */
export function untangle(places: readonly At[]): At[] {
  return giveWay(places.map(lowered), []);
}

/** Closes the holes: each tile goes up as far as it can, the uppermost first. */
export function tidy(places: readonly At[]): At[] {
  const next: At[] = [...places];
  const done: number[] = [];
  for (const index of readingOrder(places)) {
    const [column, row, width, height] = places[index] ?? [0, 0, 1, 1];
    let free = row;
    while (free > 0 && !done.some((other) => overlaps([column, free - 1, width, height], next[other] ?? [0, 0, 0, 0]))) free -= 1;
    next[index] = [column, free, width, height];
    done.push(index);
  }
  return next;
}

/** The first gap, read from the top left, in which a tile of this size fits. */
export function freePlace(places: readonly At[], width: number, height: number): At {
  const [, , wide, high] = inside([0, 0, width, height]);
  const bottom = Math.min(ROW_MAX, Math.max(0, ...places.map(([, row, , tall]) => row + tall)));
  for (let row = 0; row < bottom; row += 1) {
    for (let column = 0; column + wide <= COLUMNS; column += 1) {
      const at: At = [column, row, wide, high];
      if (!places.some((each) => overlaps(at, each))) return at;
    }
  }
  return [0, bottom, wide, high];
}

/** Beside the last tile and as tall, so that a row ends at the grid's edge: what would leave a gap that nothing fits in takes it too. */
export function endOfRow(places: readonly At[], width: number, height: number): At | null {
  const last = places[readingOrder(places).at(-1) ?? -1];
  if (!last || Math.abs(last[3] - height) > 1) return null;
  const column = last[0] + last[2];
  const room = COLUMNS - column;
  if (room < Math.min(width, USUAL_WIDTH)) return null;
  const at: At = [column, last[1], room - width < NARROWEST ? room : width, last[3]];
  return places.some((each) => overlaps(at, each)) ? null : at;
}

function giveWay(places: At[], first: number[]): At[] {
  const done = [...first];
  for (const index of readingOrder(places)) {
    if (first.includes(index)) continue;
    let at = places[index] ?? [0, 0, 1, 1];
    for (;;) {
      const blocking = done.map((other) => places[other]).filter((other) => other !== undefined && overlaps(at, other));
      if (blocking.length === 0) break;
      at = [at[0], Math.max(...blocking.map((other) => (other ? other[1] + other[3] : 0))), at[2], at[3]];
    }
    places[index] = at;
    done.push(index);
  }
  return places;
}

function readingOrder(places: readonly At[]): number[] {
  const order = [...places.keys()];
  return order.sort((a, b) => (places[a]?.[1] ?? 0) - (places[b]?.[1] ?? 0) || (places[a]?.[0] ?? 0) - (places[b]?.[0] ?? 0) || a - b);
}

/** As `inside`, but tiles that were pushed below the last row where one may be put are left there. */
function lowered(at: At): At {
  const [column, row, width, height] = inside(at);
  return [column, between(at[1], row, ROW_MAX * 6), width, height];
}

function between(value: number, low: number, high: number): number {
  return Number.isFinite(value) ? Math.min(high, Math.max(low, Math.round(value))) : low;
}
