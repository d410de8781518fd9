// A board of what a source sends: the newest of its events say what is worth showing.

import { makeBoard, NameTaken } from "../../live/boards.ts";
import type { Session } from "../../live/session.svelte.ts";

const SAMPLES = 12;
/** Without samples the board counts and lists all the same. */
const SAMPLES_MS = 3_000;
/** Boards of one source that are made one after the other. */
const NAMES_MAX = 20;

/** Answers the name that it got: “shop”, or “shop-2” where there is such a board already. */
export async function boardFor(session: Session, source: string, pattern: string): Promise<string> {
  const [{ boardOf }, samples] = await Promise.all([import("../../../fold/edit-suggest.ts"), newest(session, pattern)]);
  const board = boardOf(pattern, samples);
  for (let number = 1; ; number += 1) {
    try {
      return await makeBoard(session.pass, number === 1 ? source : `${source} ${number}`, board);
    } catch (error) {
      if (!(error instanceof NameTaken) || number === NAMES_MAX) throw error;
    }
  }
}

function newest(session: Session, pattern: string): Promise<unknown[]> {
  return new Promise((found) => {
    const events: unknown[] = [];
    const timer = setTimeout(done, SAMPLES_MS);
    const undo = session.client.subscribe(pattern, { event: ({ event }) => events.unshift(event), ready: done, error: done }, { since: { last: SAMPLES } });
    function done() {
      clearTimeout(timer);
      undo();
      found(events);
    }
  });
}
