// The query of the events screen: `source:shop -outcome:accepted type:orders/* topic:"a b" words of the payload`. One key
// again means either, another key means too, `-` means not. Written to the address as it was typed. Pure.

import { OUTCOMES, type Report } from "./report.ts";

export const SEARCH_KEYS = ["source", "type", "outcome", "topic"] as const;
export type SearchKey = (typeof SEARCH_KEYS)[number];

export interface Term {
  key: SearchKey;
  value: string;
  isNot: boolean;
}

export interface Search {
  terms: Term[];
  /** Looked for in payloads, which only the gateway has, and in what a report says. */
  text: string;
  /** What cannot be meant, in sentences. */
  mistakes: string[];
}

const TERMS_MAX = 32;
const TEXT_MAX = 200;
// A term is a key and a value, quoted or not; whatever else is a word or words in quotes.
const TOKEN = /(-?)([a-z]+):(?:"((?:[^"\\]|\\.)*)"?|(\S*))|"((?:[^"\\]|\\.)*)"?|(\S+)/gi;

export function parseSearch(query: string): Search {
  const terms: Term[] = [];
  const words: string[] = [];
  const mistakes: string[] = [];
  for (const [whole, minus, name, quoted, plain, phrase, word] of query.matchAll(TOKEN)) {
    const key = SEARCH_KEYS.find((each) => each === name?.toLowerCase());
    if (key) {
      const value = quoted === undefined ? (plain ?? "") : unquoted(quoted);
      // Not typed to its end yet.
      if (value !== "") terms.push({ key, value, isNot: minus === "-" });
      continue;
    }
    const near = name === undefined ? undefined : SEARCH_KEYS.find((each) => isNear(each, name.toLowerCase()));
    if (near) mistakes.push(`there is no ${name}: did you mean ${near}:?`);
    words.push(phrase === undefined ? (word ?? whole) : unquoted(phrase));
  }
  const known: readonly string[] = OUTCOMES;
  for (const { key, value } of terms) {
    if (key !== "outcome" || value.includes("*") || known.includes(value.toLowerCase())) continue;
    mistakes.push(`no delivery ends as “${value}”: expected ${OUTCOMES.join(", ")}`);
  }
  return { terms: terms.slice(0, TERMS_MAX), text: words.join(" ").slice(0, TEXT_MAX), mistakes };
}

/** As it would be typed. */
export function spell({ terms, text }: Search): string {
  const spelt = terms.map(({ key, value, isNot }) => `${isNot ? "-" : ""}${key}:${quotedIfNeeded(value)}`);
  // Words that would be read as something else, or lose their spaces, go into quotes.
  const isPlain = text === "" || (/^[^\s"]+( [^\s"]+)*$/.test(text) && !/(^|\s)-?(source|type|outcome|topic):/i.test(text));
  return [...spelt, isPlain ? text : quoted(text)].filter(Boolean).join(" ");
}

/** Puts a term in, or takes it out; its opposite goes. */
export function toggled(search: Search, key: SearchKey, value: string): Search {
  const others = search.terms.filter((term) => term.key !== key || !isSame(term.value, value));
  const isThere = search.terms.some((term) => term.key === key && isSame(term.value, value) && !term.isNot);
  return { ...search, terms: isThere ? others : [...others, { key, value, isNot: false }] };
}

export function has(search: Search, key: SearchKey, value: string): boolean {
  return search.terms.some((term) => term.key === key && isSame(term.value, value) && !term.isNot);
}

export function without(search: Search, key: SearchKey): Search {
  return { ...search, terms: search.terms.filter((term) => term.key !== key) };
}

/** `found`: ids of deliveries in whose payload the gateway found the text; null where it was not asked. */
export function matchesSearch(search: Search, report: Report, found: ReadonlySet<string> | null = null): boolean {
  for (const key of SEARCH_KEYS) {
    const terms = search.terms.filter((term) => term.key === key);
    if (terms.some((term) => term.isNot && hits(term, report))) return false;
    const wanted = terms.filter(({ isNot }) => !isNot);
    if (wanted.length > 0 && !wanted.some((term) => hits(term, report))) return false;
  }
  return search.text === "" || found?.has(report.id) === true || saysText(search.text, report);
}

function hits({ key, value }: Term, report: Report): boolean {
  switch (key) {
    case "source":
      return isLike(value, report.source);
    case "outcome":
      return isLike(value, report.outcome);
    case "type":
      return report.events.some(({ type }) => isLike(value, type));
    case "topic":
      return report.events.some(({ topic }) => topic !== null && isUnder(value, topic));
  }
}

function saysText(text: string, { id, reason, says, events, secret }: Report): boolean {
  const wanted = text.toLowerCase();
  const said = [id, reason ?? "", says, secret ?? "", ...events.flatMap((event) => [event.id, event.type, event.topic ?? ""])];
  return said.some((each) => each.toLowerCase().includes(wanted));
}

/** The whole text, whatever its case; `*` stands for anything. Walked, not compiled: no query may cost more than it is long. */
function isLike(wanted: string, text: string): boolean {
  const parts = wanted.toLowerCase().split("*");
  const body = text.toLowerCase();
  const [first = "", ...rest] = parts;
  if (rest.length === 0) return first === body;
  if (!body.startsWith(first)) return false;
  const last = rest.pop() ?? "";
  let at = first.length;
  for (const part of rest) {
    const found = body.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return body.length - last.length >= at && body.endsWith(last);
}

/** A topic itself, or what lies below it; `*` is one segment, a last `**` one or more. */
function isUnder(wanted: string, topic: string): boolean {
  const pattern = wanted.replace(/\/$/, "").split("/");
  const segments = topic.split("/");
  for (const [at, part] of pattern.entries()) {
    if (part === "**" && at === pattern.length - 1) return segments.length > at;
    const segment = segments[at];
    if (segment === undefined || !isLike(part, segment)) return false;
  }
  return true;
}

function isSame(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}

function quotedIfNeeded(value: string): string {
  return /[\s"]/.test(value) || value === "" ? quoted(value) : value;
}

function quoted(value: string): string {
  return `"${value.replace(/[\\"]/g, "\\$&")}"`;
}

function unquoted(value: string): string {
  return value.replace(/\\(.)/g, "$1");
}

/** One letter too many, too few, another, or two that changed places. */
function isNear(known: string, typed: string): boolean {
  if (known === typed || Math.abs(known.length - typed.length) > 1) return false;
  let start = 0;
  while (start < Math.min(known.length, typed.length) && known[start] === typed[start]) start += 1;
  const [left, right] = [known.slice(start), typed.slice(start)];
  return left.slice(1) === right || left === right.slice(1) || left.slice(1) === right.slice(1) || (left[0] === right[1] && left[1] === right[0] && left.slice(2) === right.slice(2));
}
