// Who is connected, and the viewers' links: as the gateway tells of them, filtered and in order. Pure.

import { Fields } from "./fields.ts";

export interface Subscribed {
  id: string;
  pattern: string;
  mode: string;
  lagEvents: number | null;
  lagMs: number | null;
}

export interface Connected {
  id: string;
  node: string;
  transport: string;
  subject: string | null;
  /** The id of the viewer's link that it came in by. */
  link: string | null;
  isAnonymous: boolean;
  grants: string[];
  address: string;
  since: number | null;
  expires: number | null;
  subscriptions: Subscribed[];
}

export interface Sessions {
  sessions: Connected[];
  asked: number | null;
  answered: number | null;
  hasMore: boolean;
}

export function parseSessions(json: unknown): Sessions {
  const fields = new Fields(json);
  const nodes = fields.at("nodes");
  return { sessions: fields.tables("sessions").map(parseOne), asked: nodes.number("asked"), answered: nodes.number("answered"), hasMore: fields.is("more") };
}

function parseOne(fields: Fields): Connected {
  return {
    id: fields.text("id"),
    node: fields.text("node"),
    transport: fields.text("transport"),
    subject: fields.textOrNull("subject"),
    link: fields.textOrNull("link"),
    isAnonymous: fields.is("anonymous"),
    grants: fields.texts("grants"),
    address: fields.text("address"),
    since: fields.time("since"),
    expires: fields.time("expires"),
    subscriptions: fields.tables("subscriptions").map((each) => ({
      id: each.text("id"),
      pattern: each.text("pattern"),
      mode: modeWords(each.get("mode")),
      lagEvents: each.number("lag_events"),
      lagMs: each.number("lag_ms"),
    })),
  };
}

function modeWords(mode: unknown): string {
  const everyMs = new Fields(mode).number("latest_ms");
  if (everyMs === null) return "all";
  return everyMs < 1_000 ? `latest, ${everyMs} ms` : `latest, ${everyMs / 1_000} s`;
}

export const SORTS = ["since", "subject", "lag", "node"] as const;
export type Sort = (typeof SORTS)[number];

export function isSort(text: string | null): text is Sort {
  return SORTS.some((sort) => sort === text);
}

/** How far behind a session's slowest subscription is; null where the gateway does not know. */
export function lagOf({ subscriptions }: Connected): { events: number; ms: number | null } | null {
  const known = subscriptions.flatMap(({ lagEvents, lagMs }) => (lagEvents === null ? [] : [{ events: lagEvents, ms: lagMs }]));
  return known.reduce<{ events: number; ms: number | null } | null>((worst, each) => (worst && worst.events >= each.events ? worst : each), null);
}

/** Whose it is; a viewer has no name but the label of the link that it came in by. */
export function nameOf({ subject, link, isAnonymous }: Connected, links: Link[] | null): string {
  if (subject !== null) return subject;
  if (link !== null) return links?.find(({ id }) => id === link)?.label || `link ${link}`;
  return isAnonymous ? "anonymous" : "no subject";
}

/** Those that have every word that was typed somewhere, in the order wanted. */
export function arranged(sessions: Connected[], typed: string, sort: Sort, isDown: boolean, links: Link[] | null): Connected[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const textOf = (each: Connected) => [nameOf(each, links), each.address, each.node, each.transport, ...each.grants, ...each.subscriptions.map(({ pattern }) => pattern)].join(" ").toLowerCase();
  const found = sessions.filter((each) => words.every((word) => textOf(each).includes(word)));
  const turn = isDown ? -1 : 1;
  return found.sort((a, b) => turn * compare(a, b, sort, links) || a.id.localeCompare(b.id));
}

function compare(a: Connected, b: Connected, sort: Sort, links: Link[] | null): number {
  switch (sort) {
    case "since":
      return (a.since ?? 0) - (b.since ?? 0);
    case "lag":
      return (lagOf(a)?.events ?? -1) - (lagOf(b)?.events ?? -1);
    case "subject":
      return nameOf(a, links).localeCompare(nameOf(b, links));
    case "node":
      return a.node.localeCompare(b.node);
  }
}

export interface Link {
  id: string;
  label: string;
  grants: string[];
  expires: number | null;
}

export function parseLinks(json: unknown): Link[] {
  return new Fields(json).tables("links").map(parseLink);
}

export function parseLink(fields: Fields): Link {
  return { id: fields.text("id"), label: fields.text("label"), grants: fields.texts("grants"), expires: fields.time("expires") };
}
