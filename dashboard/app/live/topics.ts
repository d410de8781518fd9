// Streams and topics: what the gateway keeps, and a tree of what is heard while somebody looks. The tree is one object that
// changes in place, for a stream may say thousands of things a second; it is read once a moment by what draws it. No page.

import { Fields } from "./fields.ts";

export interface Stream {
  name: string;
  epoch: string;
  head: number | null;
  first: number | null;
  kept: number | null;
  retention: { events: number | null; bytes: number | null; ageMs: number | null };
  topics: number | null;
}

export function parseStreams(json: unknown): Stream[] {
  return new Fields(json).tables("streams").map((fields) => {
    const retention = fields.at("retention");
    return {
      name: fields.text("name"),
      epoch: fields.text("epoch"),
      head: fields.number("head"),
      first: fields.number("first"),
      kept: fields.number("kept"),
      retention: { events: retention.number("events"), bytes: retention.number("bytes"), ageMs: retention.number("age_ms") },
      topics: fields.number("topics"),
    };
  });
}

export interface TopicPage {
  topics: { topic: string; offset: number | null }[];
  hasMore: boolean;
}

export function parseTopics(json: unknown): TopicPage {
  const fields = new Fields(json);
  const topics = fields.tables("topics").map((each) => ({ topic: each.text("topic"), offset: each.number("offset") }));
  return { topics: topics.filter(({ topic }) => topic !== ""), hasMore: fields.is("more") };
}

/** Nodes of one tree; what comes after is counted, not kept. */
export const NODES_MAX = 5_000;
/** Rows that are drawn; nobody reads further, and a filter says what is meant. */
export const ROWS_MAX = 500;
const SLOT_MS = 10_000;
const SLOTS = 6;

/** Events of the last minute in six slots, so that a rate costs the same however many there are. */
class Minute {
  #slots = new Array<number>(SLOTS).fill(0);
  #slot = 0;

  take(at: number): void {
    this.#turn(at);
    this.#slots[this.#slot % SLOTS] = (this.#slots[this.#slot % SLOTS] ?? 0) + 1;
  }

  count(now: number): number {
    this.#turn(now);
    return this.#slots.reduce((sum, slot) => sum + slot, 0);
  }

  #turn(at: number): void {
    const slot = Math.floor(at / SLOT_MS);
    for (let next = Math.max(this.#slot + 1, slot - SLOTS + 1); next <= slot; next += 1) this.#slots[next % SLOTS] = 0;
    this.#slot = Math.max(this.#slot, slot);
  }
}

export class TopicNode {
  readonly children = new Map<string, TopicNode>();
  /** Seen since somebody looks. */
  seen = 0;
  lastAt: number | null = null;
  lastType = "";
  /** The newest kept offset of this very topic; null where it is only a part of others. */
  offset: number | null = null;
  isTopic = false;
  isExpanded = false;
  readonly minute = new Minute();

  constructor(
    readonly name: string,
    readonly path: string,
    readonly depth: number,
  ) {}
}

export interface TreeRow {
  node: TopicNode;
  hasChildren: boolean;
  place: number;
  siblings: number;
}

export class TopicTree {
  readonly root: TopicNode;
  nodes = 1;
  /** Events whose topic found no room. */
  leftOut = 0;
  readonly since: number;

  constructor(
    readonly stream: string,
    now: number,
  ) {
    this.root = new TopicNode(stream, stream, 0);
    this.root.isExpanded = true;
    this.since = now;
  }

  /** What the gateway keeps, whether or not it is heard now. */
  know(topic: string, offset: number | null): void {
    const node = this.#path(topic)?.at(-1);
    if (!node) return;
    node.isTopic = true;
    node.offset = offset === null ? node.offset : Math.max(offset, node.offset ?? 0);
  }

  take(topic: string, type: string, offset: number, at: number): void {
    const path = this.#path(topic);
    if (!path) {
      this.leftOut += 1;
      this.#hear(this.root, type, at);
      return;
    }
    for (const node of path) this.#hear(node, type, at);
    const last = path.at(-1);
    if (!last) return;
    last.isTopic = true;
    last.offset = Math.max(offset, last.offset ?? 0);
  }

  /** Events a minute; over less than a minute of looking it is scaled, so that it does not creep up. Null: it was not looked for long enough. */
  perMinute(node: TopicNode, now: number): number | null {
    const lookedMs = Math.min(60_000, now - this.since);
    return lookedMs < SLOT_MS ? null : (node.minute.count(now) * 60_000) / lookedMs;
  }

  /** The open part from the top; `typed` narrows it to topics that have it, with all above them. */
  rows(typed = ""): TreeRow[] {
    const rows: TreeRow[] = [];
    const wanted = typed.trim().toLowerCase();
    const fits = (node: TopicNode): boolean => node.path.toLowerCase().includes(wanted) || [...node.children.values()].some(fits);
    const walk = (node: TopicNode, place: number, siblings: number) => {
      if (rows.length >= ROWS_MAX) return;
      rows.push({ node, hasChildren: node.children.size > 0, place, siblings });
      if (!node.isExpanded && wanted === "") return;
      const children = [...node.children.values()].filter((child) => wanted === "" || fits(child));
      children.sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
      for (const [at, child] of children.entries()) walk(child, at + 1, children.length);
    };
    walk(this.root, 1, 1);
    return rows;
  }

  #hear(node: TopicNode, type: string, at: number): void {
    node.seen += 1;
    node.lastAt = at;
    node.lastType = type;
    node.minute.take(at);
  }

  /** The nodes from the stream to the topic, made where they are missing; null where there is no room. */
  #path(topic: string): TopicNode[] | null {
    const [stream, ...segments] = topic.split("/");
    if (stream !== this.stream) return null;
    const path = [this.root];
    let node = this.root;
    for (const segment of segments) {
      let child = node.children.get(segment);
      if (!child) {
        if (this.nodes >= NODES_MAX) return null;
        child = new TopicNode(segment, `${node.path}/${segment}`, node.depth + 1);
        node.children.set(segment, child);
        this.nodes += 1;
      }
      path.push(child);
      node = child;
    }
    return path;
  }
}

/** How to hear a pattern, ready to paste. */
export function codeFor(pattern: string, origin: string): { name: string; text: string }[] {
  const quoted = JSON.stringify(pattern);
  const shell = `'${pattern.replaceAll("'", `'\\''`)}'`;
  const socket = origin.replace(/^http/, "ws");
  const sdk = [
    `import { connect } from "hookcast";`,
    `const client = connect({ url: "${socket}/ws", getToken: () => token });`,
    `client.subscribe(${quoted}, { event: ({ topic, event }) => console.log(topic, event.data) });`,
  ];
  return [
    { name: "SDK", text: sdk.join("\n") },
    { name: "Terminal", text: `hookcast listen ${shell} --url ${origin}` },
    { name: "curl", text: `curl -N -H "authorization: Bearer $TOKEN" '${origin}/sse?pattern=${encodeURIComponent(pattern)}'` },
  ];
}
