// Where along a gauge's rim each level holds: the graver one where two do.

import { LEVELS, reached, type Level, type LevelName } from "../../fold/level.ts";

export interface Zone {
  /** Parts of the rim, 0 to 1. */
  from: number;
  to: number;
  name: LevelName;
}

/** A narrower part of the rim is a speck. */
const SEEN_MIN = 0.005;

export function zonesOf(levels: readonly Level[], min: number, max: number): Zone[] {
  const inside = (value: number) => Math.min(max, Math.max(min, value));
  const borders = levels.flatMap(({ above, below }) => [above, below]).flatMap((value) => (value === null ? [] : [inside(value)]));
  const edges = [...new Set([min, ...borders, max])].sort((a, b) => a - b);
  return edges.slice(1).flatMap((to, index): Zone[] => {
    const from = edges[index] ?? min;
    const holding = levels.filter((level) => reached(level, (from + to) / 2, false)).map(({ level }) => LEVELS.indexOf(level));
    const name = LEVELS[Math.max(-1, ...holding)];
    return name && to - from >= (max - min) * SEEN_MIN ? [{ from: (from - min) / (max - min), to: (to - min) / (max - min), name }] : [];
  });
}
