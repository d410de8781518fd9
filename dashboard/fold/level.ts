// A level: from which value on a number is worth a word, a colour, a sound. Which levels hold at a moment is read from what was folded
// and a `now`, so history, live and scrubbed say the same; what fires is a machine of its own, armed only while live. Pure.
//
//     asleep ── live, caught up: take what holds as it is ──▶ armed ── holds, and did not a step before ──▶ fires, once
//        ▲                                                     │
//        └──────────── not live, or catching up ───────────────┘

import { Keys } from "./keys.ts";
import { parseSound, type Sound } from "./sounds.ts";

/** Mildest first. */
export const LEVELS = ["info", "warn", "alert"] as const;
export type LevelName = (typeof LEVELS)[number];

export interface Level {
  above: number | null;
  below: number | null;
  equals: number | null;
  /** It must hold for so long: what flaps says nothing. */
  forMs: number;
  level: LevelName;
  sound: Sound | null;
  notifies: boolean;
}

const LEVELS_MAX = 8;
const FOR_MAX_MS = 86_400_000;
/** Times looked at within `for`. */
const LOOKS_MAX = 60;

export function parseLevels(widget: Keys): Level[] {
  const listed = widget.list("levels");
  if (listed.length > LEVELS_MAX) widget.mistake("levels", `at most ${LEVELS_MAX} levels`);
  return listed.slice(0, LEVELS_MAX).map((table, index) => {
    const keys = new Keys(table, `${widget.name}, level ${index + 1}`, widget.mistakes);
    const level: Level = {
      above: keys.numberOr("above"),
      below: keys.numberOr("below"),
      equals: keys.numberOr("equals"),
      forMs: Math.min(FOR_MAX_MS, keys.duration("for") ?? 0),
      level: keys.choice("level", LEVELS, "warn"),
      sound: parseSound(keys),
      notifies: keys.flag("notify", false),
    };
    if (level.above === null && level.below === null && level.equals === null) keys.mistake("above", "a number, or `below` or `equals` one");
    for (const key of keys.names()) {
      if (!["above", "below", "equals", "for", "level", "sound", "notify"].includes(key)) widget.mistakes.push(`${keys.name}: \`${key.slice(0, 80)}\` is no key of a level`);
    }
    return level;
  });
}

/** With events missing a value is only a lower bound: then nobody knows that it is below anything. */
export function reached({ above, below, equals }: Level, value: number | null, isLowerBound: boolean): boolean {
  if (value === null) return false;
  if (above !== null && !(value > above)) return false;
  if (below !== null && (isLowerBound || !(value < below))) return false;
  return equals === null || (!isLowerBound && value === equals);
}

/** Whether the level held all through its `for`, up to now. `valuesAt` answers the values of a moment, one a key. */
export function holdsFor(level: Level, valuesAt: (at: number) => readonly (number | null)[], bucketMs: number, now: number, isLowerBound: boolean): boolean {
  const step = Math.max(bucketMs, level.forMs / LOOKS_MAX, 1);
  // Per key, or one that rises while another falls would count as one that stays.
  let holding: boolean[] | null = null;
  for (let at = now; at >= now - level.forMs; at -= step) {
    const here = valuesAt(at).map((value) => reached(level, value, isLowerBound));
    holding = holding === null ? here : holding.map((held, index) => held && here[index] === true);
    if (!holding.includes(true)) return false;
  }
  return true;
}

/** The gravest of the levels that hold; the first of equals. */
export function gravest(levels: readonly Level[], holding: readonly boolean[]): Level | null {
  let found: Level | null = null;
  for (const [index, level] of levels.entries()) {
    if (holding[index] && (!found || LEVELS.indexOf(level.level) > LEVELS.indexOf(found.level))) found = level;
  }
  return found;
}

export interface Alarm {
  isArmed: boolean;
  holding: readonly boolean[];
}

export const ASLEEP: Alarm = { isArmed: false, holding: [] };

/** `fired` are the places of the levels that were crossed just now. */
export function step(alarm: Alarm, holding: readonly boolean[], isLive: boolean): { alarm: Alarm; fired: number[] } {
  if (!isLive) return { alarm: { isArmed: false, holding: alarm.holding }, fired: [] };
  // What held already when the page came, or came back, was crossed by history.
  if (!alarm.isArmed) return { alarm: { isArmed: true, holding }, fired: [] };
  const fired = holding.flatMap((holds, index) => (holds && alarm.holding[index] !== true ? [index] : []));
  return { alarm: { isArmed: true, holding }, fired };
}
