// How the gateway is, and one verdict on it: green only if the way of an event was tried and went through. Pure.

import { Fields } from "./fields.ts";

export interface NodeHealth {
  id: string;
  host: string;
  build: string;
  listen: string;
  uptimeMs: number | null;
  sessions: number | null;
  streams: number | null;
  heardAt: number | null;
  hasAnswered: boolean;
}

export interface StreamHealth {
  name: string;
  head: number | null;
  first: number | null;
  doAgree: boolean;
  isStale: boolean;
}

export interface Hop {
  hop: string;
  p50Ms: number | null;
  p99Ms: number | null;
  count: number | null;
}

export interface Health {
  node: string;
  nodes: NodeHealth[];
  broker: { kind: string; isUp: boolean; warnings: string[] };
  streams: StreamHealth[];
  hops: Hop[];
  receive: { triedAt: number | null; isOk: boolean; ms: number | null; why: string };
}

export function parseHealth(json: unknown): Health {
  const fields = new Fields(json);
  const broker = fields.at("broker");
  const receive = fields.at("receive");
  return {
    node: fields.text("node"),
    nodes: fields.tables("nodes").map(parseNode),
    broker: { kind: broker.text("kind"), isUp: broker.is("up"), warnings: broker.texts("warnings") },
    streams: fields.tables("streams").map((each) => ({
      name: each.text("name"),
      head: each.number("head"),
      first: each.number("first"),
      doAgree: each.get("agree") !== false,
      isStale: each.is("stale"),
    })),
    hops: fields.tables("hops").map((each) => ({ hop: each.text("hop"), p50Ms: each.number("p50_ms"), p99Ms: each.number("p99_ms"), count: each.number("count") })),
    receive: { triedAt: receive.time("tried_at"), isOk: receive.is("ok"), ms: receive.number("ms"), why: receive.text("why") },
  };
}

function parseNode(fields: Fields): NodeHealth {
  return {
    id: fields.text("id"),
    host: fields.text("host"),
    build: fields.text("build"),
    listen: fields.text("listen"),
    uptimeMs: fields.number("uptime_ms"),
    sessions: fields.number("sessions"),
    streams: fields.number("streams"),
    heardAt: fields.time("heard_at"),
    hasAnswered: fields.is("answered"),
  };
}

export interface Verdict {
  tone: "ok" | "warn" | "bad";
  title: string;
  /** What it means and what to do. */
  says: string;
  /** The rest that is wrong, a sentence each. */
  also: string[];
}

/** A try that is older says nothing of now. */
const TRIED_MAX_MS = 5 * 60_000;

export function verdictOn(health: Health, now: number): Verdict {
  const [first, ...also] = [...troubles(health, now)].sort((a, b) => Number(a.tone === "warn") - Number(b.tone === "warn"));
  if (first) return { ...first, also: also.map(({ title, says }) => `${title}: ${says}`) };
  return { tone: "ok", title: "Events come through", says: "An event was appended to the log, and came back to those who listen here.", also: [] };
}

type Trouble = Pick<Verdict, "title" | "says"> & { tone: "warn" | "bad" };

function* troubles({ receive, broker, nodes, streams }: Health, now: number): Generator<Trouble> {
  if (!broker.isUp) {
    yield { tone: "bad", title: "The broker is away", says: "Deliveries wait a moment and are then answered 503, so that their senders try again. Nothing that was acknowledged is lost." };
  }
  if (receive.triedAt === null) {
    yield { tone: "warn", title: "Not tried yet", says: "Whether an event would come through is unknown: the way is tried when somebody looks here." };
  } else if (!receive.isOk) {
    yield { tone: "bad", title: "Events do not come through", says: receive.why || "What this node appended did not come back: who listens here hears nothing, and senders may be told to wait." };
  } else if (now - receive.triedAt > TRIED_MAX_MS) {
    yield { tone: "warn", title: "Tried too long ago", says: "The last try went through, but it says nothing of now." };
  }
  const silent = nodes.filter(({ hasAnswered }) => !hasAnswered);
  if (silent.length > 0) {
    const names = silent.map(({ host, id }) => host || id).join(", ");
    yield { tone: "warn", title: silent.length === 1 ? "A node does not answer" : `${silent.length} nodes do not answer`, says: `${names}: ended without saying so, or cut off from the broker. What is told of it is old.` };
  }
  const apart = streams.filter(({ doAgree }) => !doAgree);
  if (apart.length > 0) {
    yield { tone: "warn", title: apart.length === 1 ? "Nodes disagree on a stream" : "Nodes disagree on streams", says: `${named(apart)}: some node is behind, and its subscribers are with it. It passes when that node has caught up.` };
  }
  const stale = streams.filter(({ isStale }) => isStale);
  if (stale.length > 0) {
    yield { tone: "bad", title: "Out of touch with the log", says: `${named(stale)}: this node has not been able to check for 15 s; its subscribers are told so.` };
  }
  for (const warning of broker.warnings) yield { tone: "warn", title: "The broker may lose what it acknowledged", says: warning };
}

function named(streams: StreamHealth[]): string {
  const names = streams.slice(0, 5).map(({ name }) => name);
  return streams.length > names.length ? `${names.join(", ")} and ${streams.length - names.length} more` : names.join(", ");
}
