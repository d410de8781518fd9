// A pattern as a value that changes, for frameworks that show values: it starts with its first reader, ends with its
// last, and tells at most one change in 16 ms however many events came.

import type { HookcastError } from "./errors.ts";
import type { Client, How } from "./options.ts";
import type { Gap, Message } from "./subscription.ts";
import type { Undo } from "./wake.ts";

export interface Topic<T = unknown> {
  /** The newest, oldest first: at most `keep`. */
  messages: Message<T>[];
  /** What was missed since it started, oldest first: at most `keep`. */
  gaps: Gap[];
  /** Caught up: what is shown is all there was to show. */
  isReady: boolean;
  /** The gateway refused or ended it. */
  error: HookcastError | null;
}

export interface TopicHow extends How {
  /** How many messages are held; 100 by default. */
  keep?: number;
}

/** One change a frame is all that anybody sees. */
const FRAME_MS = 16;
const KEEP = 100;

export interface Watched<T> {
  current(): Topic<T>;
  watch(changed: () => void): Undo;
}

export function watchTopic<T>(client: Client, pattern: string, how: TopicHow = {}): Watched<T> {
  const keep = how.keep ?? KEEP;
  const empty: Topic<T> = { messages: [], gaps: [], isReady: false, error: null };
  const watchers = new Set<() => void>();
  let [shown, next] = [empty, empty];
  let undo: Undo | null = null;
  let frame: ReturnType<typeof setTimeout> | undefined;
  const show = () => {
    frame = undefined;
    shown = { ...next, messages: next.messages.slice(-keep), gaps: next.gaps.slice(-keep) };
    for (const changed of [...watchers]) changed();
  };
  const add = (change: (topic: Topic<T>) => void) => {
    change(next);
    // Lists are cut now and then while nobody shows them, so that a burst stays bounded.
    for (const list of [next.messages, next.gaps]) if (list.length > 2 * keep) list.splice(0, list.length - keep);
    frame ??= setTimeout(show, FRAME_MS);
  };
  const start = () => {
    shown = empty;
    next = { messages: [], gaps: [], isReady: false, error: null };
    undo = client.subscribe<T>(
      pattern,
      {
        event: (message) => add((topic) => topic.messages.push(message)),
        gap: (gap) => add((topic) => topic.gaps.push(gap)),
        ready: () => add((topic) => (topic.isReady = true)),
        error: (error) => add((topic) => (topic.error = error)),
      },
      how,
    );
  };
  const stop = () => {
    clearTimeout(frame);
    frame = undefined;
    undo?.();
    undo = null;
  };
  return {
    current: () => shown,
    watch(changed) {
      // A function of its own: the same watcher twice is two.
      const own = () => changed();
      watchers.add(own);
      if (!undo) start();
      return () => {
        if (watchers.delete(own) && watchers.size === 0) stop();
      };
    },
  };
}
