// A few real events of a pattern, to point at instead of typing, and the topics there are. Both are asked for while somebody edits.

import { Fields } from "../live/fields.ts";
import { ask } from "../live/gateway.ts";
import { patternMistake } from "../live/pattern.ts";
import type { Session } from "../live/session.svelte.ts";

const SAMPLES = 12;
const TOPICS_MAX = 400;

export class Samples {
  events = $state.raw<readonly unknown[]>([]);
  /** Since it was asked for: history and what came live. */
  count = $state(0);
  isReady = $state(false);
  trouble = $state("");
  #undo: (() => void) | undefined;
  #pattern = "";

  constructor(readonly session: Session) {}

  of(pattern: string): void {
    if (pattern === this.#pattern) return;
    this.stop();
    [this.#pattern, this.events, this.count, this.isReady, this.trouble] = [pattern, [], 0, false, ""];
    if (patternMistake(pattern) !== null) return;
    this.#undo = this.session.client.subscribe(
      pattern,
      {
        event: ({ event }) => {
          this.count += 1;
          this.events = [event, ...this.events].slice(0, SAMPLES);
        },
        ready: () => (this.isReady = true),
        error: ({ message, code }) => (this.trouble = message || code),
      },
      { since: { last: SAMPLES } },
    );
  }

  stop(): void {
    this.#undo?.();
    this.#undo = undefined;
    this.#pattern = "";
  }
}

export async function topicsOf(session: Session): Promise<string[]> {
  const topics: string[] = [];
  const read = async (path: string, key: string) => new Fields(await ask(session.pass, path)).tables(key);
  for (const each of (await read("/api/v1/topics", "streams")).slice(0, 50)) {
    const stream = each.text("name");
    if (stream === "hookcast") continue;
    topics.push(...(await read(`/api/v1/topics?stream=${encodeURIComponent(stream)}&limit=100`, "topics")).map((topic) => topic.text("topic")));
    if (topics.length > TOPICS_MAX) break;
  }
  return topics.slice(0, TOPICS_MAX);
}
