// Scenes for the alert widget: one per event id, for events younger than `max_age`, and never because history
// was replayed: a wall that reconnects must not thank everyone again. Pure.

import type { Seen } from "./event.ts";
import { Keyed } from "./keyed.ts";
import { fill, readText } from "./pointer.ts";
import type { Widget } from "./widget.ts";

export interface Scene {
  /** Counts up from 1: who shows scenes remembers the last one shown. */
  number: number;
  at: number;
  text: string;
  note: string;
}

export interface Scenes {
  /** Oldest first. */
  queue: readonly Scene[];
  fired: number;
  /** In the order in which they came. */
  ids: Keyed<string, true>;
  /** The last event in words, shown while no scene runs; history may set it. */
  last: { at: number; text: string } | null;
}

export const NO_SCENES: Scenes = { queue: [], fired: 0, ids: Keyed.of<string, true>(), last: null };

/** Scenes beyond this wait no longer: the oldest is skipped, not the newest. */
const QUEUE_MAX = 20;
const IDS_MAX = 1_024;

export function foldScenes(scenes: Scenes, widget: Widget, seen: Seen, time: number, now: number): Scenes {
  const text = fill(widget.text, seen.event);
  const last = { at: time, text };
  const id = `${readText(seen.event, "/source")} ${readText(seen.event, "/id")}`;
  if (seen.replayed || now - time > widget.maxAgeMs || scenes.ids.has(id)) return { ...scenes, last };
  const number = scenes.fired + 1;
  const scene = { number, at: time, text, note: widget.note === "" ? "" : fill(widget.note, seen.event) };
  return {
    queue: [...scenes.queue, scene].slice(-QUEUE_MAX),
    fired: number,
    ids: withRoom(scenes.ids).set(id, true),
    last,
  };
}

/** When full the older half goes at once. */
function withRoom(ids: Keyed<string, true>): Keyed<string, true> {
  return ids.size < IDS_MAX ? ids : Keyed.of([...ids].slice(IDS_MAX / 2));
}
