// What came of sending a delivery again: the answers of the public route, one by one. Pure.

import { read } from "./pointer.ts";
import { shownText } from "./report-text.ts";
import { isDeliveryId, outcomeOf, type Outcome, type Report } from "./report.ts";

export interface ReplayAnswer {
  status: number;
  outcome: Outcome | null;
  /** The event's id, as its sender hears it. */
  event: string | null;
  /** The delivery that it made, where the gateway says. */
  delivery: string | null;
  /** A sentence of the refusal, where it was refused. */
  detail: string | null;
}

export interface Replayed {
  as: string;
  says: string;
  answers: ReplayAnswer[];
}

const ANSWERS_MAX = 100;

export function parseReplayed(json: unknown): Replayed {
  const several = read(json, "/answers");
  const answers = Array.isArray(several) ? several.slice(0, ANSWERS_MAX) : [json];
  return { as: text(json, "as") ?? "", says: text(json, "says") ?? "", answers: answers.map(parseAnswer) };
}

function parseAnswer(json: unknown): ReplayAnswer {
  const status = read(json, "/status");
  const said = read(json, "/answer");
  // Of a batch the first event stands for all.
  const events = read(said, "/events");
  const first: unknown = Array.isArray(events) ? events[0] : said;
  const delivery = text(json, "delivery");
  return {
    status: typeof status === "number" ? status : 0,
    outcome: outcomeOf(read(first, "/outcome")),
    event: text(first, "id"),
    delivery: delivery !== null && isDeliveryId(delivery) ? delivery : null,
    detail: text(said, "detail"),
  };
}

/** Of many answers, how many of each kind: `12 × 202 accepted`. */
export function tally(answers: readonly ReplayAnswer[]): { word: string; count: number; isTaken: boolean }[] {
  const counts = new Map<string, { word: string; count: number; isTaken: boolean }>();
  for (const { status, outcome } of answers) {
    const word = outcome === null ? String(status) : `${status} ${outcome}`;
    const kind = counts.get(word) ?? { word, count: 0, isTaken: status >= 200 && status < 300 };
    counts.set(word, { ...kind, count: kind.count + 1 });
  }
  return [...counts.values()];
}

/** Whether this report tells of that answer: it names its event, or, where the answer names none, it is the first refusal of the source since. */
export function tellsOf(report: Report, answer: ReplayAnswer, source: string, since: number): boolean {
  if (report.source !== source || report.at < since) return false;
  if (answer.delivery !== null) return report.id === answer.delivery;
  if (answer.event !== null) return report.outcome === answer.outcome && report.events.some(({ id }) => id === answer.event);
  return report.status === answer.status && report.outcome !== "accepted";
}

function text(json: unknown, key: string): string | null {
  const found = read(json, `/${key}`);
  return typeof found === "string" ? shownText(found, 600) : null;
}
