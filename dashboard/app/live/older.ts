// Events from before a board was opened, as the gateway still keeps them: pages behind those at hand.

import type { Input } from "../../fold/event.ts";
import { momentOf } from "../../fold/history.ts";
import type { Reel } from "../../fold/reel.ts";
import type { LiveBoard } from "./board.svelte.ts";
import { ask } from "./gateway.ts";

/** Offsets that the gateway looks at for one answer, and events that it gives. */
const LOOKED = 4_000;
const LIMIT = 1_000;

export interface Older {
  inputs: Input[];
  /** All offsets from this one on were looked at. */
  lookedFrom: number;
  wholeFrom: number;
  /** Nothing older is kept. */
  isFirst: boolean;
}

/** The events before what the reel has, or before the offset where the last look began; null where the gateway does not say. */
export async function olderEvents(pattern: string, reel: Reel, lookedFrom: number | null, { client, session }: LiveBoard, isOver: () => boolean): Promise<Older | null> {
  const stream = pattern.split("/", 1)[0] ?? "";
  const position = client.positions()[stream];
  const colon = position?.lastIndexOf(":") ?? -1;
  if (position === undefined || colon < 1) return null;
  const epoch = position.slice(0, colon);
  const before = reel.inputs.find((input) => input.is === "event");
  const first = lookedFrom ?? (before?.is === "event" ? before.seen.offset : Number(position.slice(colon + 1)) + 1);
  const after = Math.max(0, first - 1 - LOOKED);
  const now = client.now();
  const inputs: Input[] = [];
  let from = `${epoch}:${after}`;
  let isCut = false;
  while (!isOver()) {
    const page = pageOf(await ask(session.pass, `/api/v1/events?pattern=${encodeURIComponent(pattern)}&after=${encodeURIComponent(from)}&limit=${LIMIT}`).catch(() => null));
    if (!page) return null;
    isCut ||= page.isGap;
    for (const { offset, topic, event } of page.events) if (offset < first) inputs.push({ is: "event", seen: { stream, offset, topic, event, replayed: true }, now });
    const reached = Number(page.position.slice(page.position.lastIndexOf(":") + 1));
    if (!page.isMore || reached >= first - 1 || page.position === from) break;
    from = page.position;
  }
  const oldest = inputs[0];
  const isFirst = after === 0 || isCut;
  return { inputs, isFirst, lookedFrom: after + 1, wholeFrom: isFirst && !isCut ? -Infinity : oldest ? momentOf(oldest) : reel.wholeFrom };
}

interface Page {
  events: { offset: number; topic: string; event: unknown }[];
  position: string;
  isMore: boolean;
  isGap: boolean;
}

function pageOf(answer: unknown): Page | null {
  const top = new Map<string, unknown>(typeof answer === "object" && answer !== null ? Object.entries(answer) : []);
  const [list, position] = [top.get("events"), top.get("position")];
  if (!Array.isArray(list) || typeof position !== "string") return null;
  const events = list.flatMap((each: unknown) => {
    const item = new Map<string, unknown>(typeof each === "object" && each !== null ? Object.entries(each) : []);
    const [offset, topic] = [item.get("offset"), item.get("topic")];
    return typeof offset === "number" && typeof topic === "string" ? [{ offset, topic, event: item.get("event") }] : [];
  });
  return { events, position, isMore: top.get("more") === true, isGap: (top.get("gap") ?? null) !== null };
}
