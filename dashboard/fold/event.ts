// What the folds take in. They know neither socket nor clock: time comes with each input, so the same inputs
// give the same state whether they are live, history, or scrubbed through.

/** An event as the page heard it. `event` is the whole CloudEvent: pointers read from its root. */
export interface Seen {
  stream: string;
  offset: number;
  topic: string;
  event: unknown;
  /** It came as history, before the subscription was live. */
  replayed: boolean;
}

export interface Missed {
  stream: string;
  from: number | null;
  to: number | null;
  reason: string;
}

export type Input =
  | { is: "event"; seen: Seen; now: number }
  /** `since`: up to when the picture is known to be whole. */
  | { is: "gap"; missed: Missed; since: number; now: number };

/** An event cannot come from further ahead than clocks differ; a sender that says so would push all others out of the window. */
const AHEAD_MAX_MS = 5_000;
/** A dozen widgets ask for one event's time after the other: it is read once. */
let lastRead: { time: string; ms: number } = { time: "", ms: NaN };

/** When the gateway received it, ms; `now` where an event does not say. */
export function timeOf(seen: Seen, now: number): number {
  const { event } = seen;
  const time = typeof event === "object" && event !== null && "time" in event ? event.time : undefined;
  if (typeof time !== "string") return now;
  if (time !== lastRead.time) lastRead = { time, ms: time.length > 64 ? NaN : Date.parse(time) };
  const { ms } = lastRead;
  return Number.isNaN(ms) || ms > now + AHEAD_MAX_MS ? now : ms;
}

/** One event, wherever it is heard from. */
export function keyOf(seen: Seen): string {
  return `${seen.stream}:${seen.offset}`;
}
