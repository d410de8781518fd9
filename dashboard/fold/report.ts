// What the gateway reports of one delivery, read from the reserved stream or from its API: one shape, checked once. Pure.
// An attack to keep in mind: ids, types and topics may hold what the sender chose. They are cut here and what would
// turn or hide text is spelt out, so that a row shows what is there.

import { read } from "./pointer.ts";
import { shownText } from "./report-text.ts";

export const OUTCOMES = ["accepted", "duplicate", "filtered", "refused", "unavailable", "handshake"] as const;
export type Outcome = (typeof OUTCOMES)[number];

export type Verdict = "ok" | "failed" | "not_reached";

export interface Checked {
  check: string;
  result: Verdict;
  says: string;
}

/** What a delivery became: one of its events. */
export interface Became {
  id: string;
  type: string;
  topic: string | null;
  outcome: Outcome | null;
  position: string | null;
  /** The rule that kept it from being published. */
  filteredBy: string | null;
  failures: Failure[];
}

/** A rule that gave no value, and what it saw. */
export interface Failure {
  rule: string;
  expression: string;
  why: string;
  saw: string;
}

export interface Report {
  id: string;
  /** Whose memory holds what came. */
  node: string;
  source: string;
  provider: string;
  /** When it was received, ms. */
  at: number;
  outcome: Outcome;
  /** One word for what kept it out, and a sentence. */
  reason: string | null;
  says: string;
  status: number | null;
  tookMs: number | null;
  method: string;
  /** What the secret that proved it is called. */
  secret: string | null;
  bytes: number | null;
  checks: Checked[];
  events: Became[];
  eventsTotal: number;
  /** Deliveries of its source and kind before it that were only counted. */
  leftOut: number;
  /** As it came, for whoever exports it. */
  raw: unknown;
}

const WORD_MAX = 256;
const SENTENCE_MAX = 600;
/** As many as the gateway names; a peer that says more is not believed. */
const EVENTS_MAX = 20;
const FAILURES_MAX = 4;
const CHECKS_MAX = 12;

/** Null where it is no report: without an id of the right form, a source, a time or an outcome nothing can be shown of it. */
export function parseReport(json: unknown): Report | null {
  const id = rawText(json, "id");
  const source = word(json, "source");
  const at = Date.parse(rawText(json, "received"));
  const outcome = outcomeOf(read(json, "/outcome"));
  if (!isDeliveryId(id) || source === "" || Number.isNaN(at) || outcome === null) return null;
  const events = list(json, "events").slice(0, EVENTS_MAX).map(parseBecame);
  return {
    id,
    node: id.slice(0, id.indexOf("-")),
    source,
    provider: word(json, "provider"),
    at,
    outcome,
    reason: word(json, "reason") || null,
    says: sentence(json, "says"),
    status: count(json, "status"),
    tookMs: measure(json, "took_ms"),
    method: word(json, "method"),
    secret: word(json, "secret") || null,
    bytes: count(json, "bytes"),
    checks: list(json, "checks").slice(0, CHECKS_MAX).map(parseChecked),
    events,
    eventsTotal: Math.max(count(json, "events_total") ?? 0, events.length),
    leftOut: count(json, "left_out") ?? 0,
    raw: json,
  };
}

/** The node's eight characters, a hyphen, and eight of the delivery's own. */
export function isDeliveryId(text: string): boolean {
  return /^[a-z0-9]{8}-[a-z0-9]{8}$/i.test(text);
}

export function outcomeOf(found: unknown): Outcome | null {
  return OUTCOMES.find((each) => each === found) ?? null;
}

/** What it is called in one line: its first event's type, and how many more there are. */
export function typeOf(report: Report): string {
  const first = report.events[0]?.type ?? "";
  return report.eventsTotal > 1 ? `${first} +${report.eventsTotal - 1}` : first;
}

function parseChecked(json: unknown): Checked {
  const result = read(json, "/result");
  return { check: word(json, "check"), result: result === "ok" || result === "failed" ? result : "not_reached", says: sentence(json, "says") };
}

function parseBecame(json: unknown): Became {
  return {
    id: word(json, "id"),
    type: word(json, "type"),
    topic: word(json, "topic") || null,
    outcome: outcomeOf(read(json, "/outcome")),
    position: word(json, "position") || null,
    filteredBy: word(json, "filtered_by") || null,
    failures: list(json, "failures").slice(0, FAILURES_MAX).map(parseFailure),
  };
}

function parseFailure(json: unknown): Failure {
  return { rule: word(json, "rule"), expression: sentence(json, "expression"), why: sentence(json, "why"), saw: sentence(json, "saw") };
}

function rawText(json: unknown, key: string): string {
  const found = read(json, `/${key}`);
  return typeof found === "string" ? found : "";
}

function word(json: unknown, key: string): string {
  return shownText(rawText(json, key), WORD_MAX);
}

function sentence(json: unknown, key: string): string {
  return shownText(rawText(json, key), SENTENCE_MAX);
}

function list(json: unknown, key: string): unknown[] {
  const found = read(json, `/${key}`);
  return Array.isArray(found) ? found : [];
}

function measure(json: unknown, key: string): number | null {
  const found = read(json, `/${key}`);
  return typeof found === "number" && Number.isFinite(found) && found >= 0 ? found : null;
}

function count(json: unknown, key: string): number | null {
  const found = measure(json, key);
  return found !== null && Number.isSafeInteger(found) ? found : null;
}
