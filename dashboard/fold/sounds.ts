// The sounds that a board may name. They are made, not played from files; how is the page's business. Pure.

import type { Keys } from "./keys.ts";

export const SOUNDS = ["bell", "chime", "coin", "knock", "alarm"] as const;
export type Sound = (typeof SOUNDS)[number];

/** `sound = "bell"`, or `true` for a bell. */
export function parseSound(keys: Keys): Sound | null {
  const said = keys.get("sound");
  if (said === undefined || said === false) return null;
  if (said === true) return "bell";
  const found = SOUNDS.find((each) => each === said);
  if (!found) keys.mistake("sound", `one of ${SOUNDS.join(", ")}, or true for a bell`);
  return found ?? null;
}
