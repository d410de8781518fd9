// What came of sending a delivery again: the answers of the public route, one by one. Pure.

import { read } from "./pointer.ts";
import { shownText } from "./report-text.ts";
import { isDeliveryId, outcomeOf, type Outcome } from "./report.ts";

export interface ReplayAnswer {
  status: number;
  outcome: Outcome | null;
  /** The delivery that it made; none where that was only counted. */
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

/** The first deliveries that it made, as far as the gateway told of them. */
export function madeBy({ answers }: Replayed, most: number): string[] {
  return answers.flatMap(({ delivery }) => delivery ?? []).slice(0, most);
}

function text(json: unknown, key: string): string | null {
  const found = read(json, `/${key}`);
  return typeof found === "string" ? shownText(found, 600) : null;
}
