// The same session over SSE, for where no WebSocket gets through: loaded only then. To the client it is a `Dial` like any other;
// behind it are streams of up to ten patterns, dialled again from their positions whenever what is asked for changes.

import { matches, streamOf } from "./pattern.ts";
import { beside, type Dial } from "./socket.ts";
import { object } from "./wire.ts";

const PATTERNS_MAX = 10;
/** Heard from within this time, the gateway needs no proof that it lives. */
const FRESH_MS = 5_000;

interface Member {
  id: unknown;
  pattern: string;
  /** As a query spells it. */
  since: string;
  latest: unknown;
  /** Empty until it has begun. */
  position: string;
  isLive: boolean;
}

interface Stream {
  group: Member[];
  stop: AbortController;
}

const offset = (position: string | undefined) => Number(position?.split(":")[1]);

export const overSse: Dial = (socket, heard) => {
  const members = new Map<unknown, Member>();
  const streams = new Set<Stream>();
  let token: unknown;
  let heardAt = 0;
  let soon = setTimeout(() => (heard.open(), again()));

  const say = (message: object) => heard.frame(JSON.stringify(message));
  // Where no stream could be begun, what was answered proves the gateway all the same.
  const welcome = () => say({ type: "welcome", heartbeheardAtms: 3_600_000 });
  const drop = (stream: Stream) => {
    stream.stop.abort();
    return streams.delete(stream);
  };
  const close = () => {
    clearTimeout(soon);
    streams.forEach(drop);
  };
  const end = (stream: Stream, code: number, reason = "") => {
    if (!drop(stream)) return;
    close();
    heard.end(code, reason);
  };

  /** What is asked for in one go goes out in one go: all anew, each from where it stands. */
  const again = () => {
    clearTimeout(soon);
    soon = setTimeout(() => {
      streams.forEach(drop);
      // One request begins all its patterns alike, by their own positions or with the same `since`, and in one mode.
      const groups: Record<string, Member[]> = {};
      const counts: Record<string, number> = {};
      for (const member of members.values()) {
        const alike = [member.position ? "" : member.since, member.latest].join();
        const count = (counts[alike] = (counts[alike] ?? 0) + 1);
        (groups[[alike, Math.ceil(count / PATTERNS_MAX)].join()] ??= []).push(member);
      }
      Object.values(groups).forEach(read);
      if (members.size === 0) welcome();
    });
  };

  const read = async (group: Member[]) => {
    const stream: Stream = { group, stop: new AbortController() };
    streams.add(stream);
    const url = beside(socket, "sse");
    const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};
    for (const member of group) {
      member.isLive = false;
      url.searchParams.append("pattern", member.pattern);
      url.searchParams.set("since", member.since);
      if (member.latest) url.searchParams.set("latest", `${member.latest}`);
      if (member.position) headers["last-event-id"] = group.map(({ position }) => position).join();
    }
    try {
      const response = await fetch(url, { headers, signal: stream.stop.signal });
      if (!response.ok || !response.body) {
        const { code = "forbidden", detail } = object(await response.text());
        if (response.status !== 400 && response.status !== 403) return end(stream, response.status === 401 ? 4501 : 1013);
        if (!drop(stream)) return;
        // One of several was refused: each for itself shows which.
        if (group.length > 1) return group.forEach((each) => void read([each]));
        welcome();
        return say({ type: "error", id: group[0]?.id, code, message: detail });
      }
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      let text = "";
      for (;;) {
        const { value, done } = await reader.read();
        if (done) break;
        heardAt = Date.now();
        const blocks = (text + value).split("\n\n");
        text = blocks.pop() ?? "";
        for (const block of blocks) if (streams.has(stream)) hear(stream, block);
      }
    } catch {
      // As a socket that fell: the client comes back.
    }
    end(stream, 1006);
  };

  /** Streams are not in step with each other: what comes for all on one is said to each of its own alone. */
  const hear = (stream: Stream, block: string) => {
    const { event, data, id: ids }: Record<string, string | undefined> = Object.fromEntries(block.split("\n").map((line) => line.split(/: (.*)/)));
    const message = object(data);
    const { type, id, events } = message;
    if (event === "close") return end(stream, Number(message["code"]), data);
    ids?.split(",").forEach((position, at) => {
      const member = stream.group[at];
      if (member && position) member.position = position;
    });
    const member = stream.group[Number(id)];
    if (member) {
      if (type === "live") member.isLive = true;
      // The gateway ends a stream with the first of its patterns that it refuses: the others go on without it.
      if (type === "error" || type === "unsubscribed") {
        members.delete(member.id);
        again();
      }
      say({ ...message, id: member.id });
    } else if (type === "positions") {
      heartbeat(stream, message);
    } else if (Array.isArray(events) || type === "gap") {
      for (const { id, pattern, isLive } of stream.group) {
        const own = Array.isArray(events) && events.filter((item) => matches(pattern, String(object(item)["topic"])));
        if (isLive && (own ? own.length > 0 : streamOf(pattern) === message["stream"])) say({ ...message, id, events: own });
      }
    } else if (data) {
      say(message);
    }
  };

  /** Of each of the gateway's streams what all have got that carry it; none where this one has lost touch with it. */
  const heartbeat = ({ group }: Stream, { type, time, positions }: Record<string, unknown>) => {
    const lowest: Record<string, string> = {};
    for (const { pattern, position, isLive } of members.values()) {
      const name = streamOf(pattern);
      if (isLive && !(offset(lowest[name]) <= offset(position))) lowest[name] = position;
    }
    for (const { pattern, isLive } of group) if (isLive && !(streamOf(pattern) in object(positions))) delete lowest[streamOf(pattern)];
    say({ type, time, positions: lowest });
  };

  return {
    send(frame) {
      const { type, id, pattern, since, mode, token: given } = object(frame);
      if (type === "ping") {
        if (Date.now() - heardAt < FRESH_MS) return say({ type: "pong" });
      } else if (type === "auth") {
        token = given;
      } else if (type === "subscribe") {
        const { position, last, age_ms: ageMs } = object(since);
        const text = typeof since === "string" ? since : last === undefined ? `age:${ageMs}ms` : `last:${last}`;
        members.set(id, { id, pattern: String(pattern), since: position ? "now" : text, latest: object(mode)["latest_ms"], position: String(position ?? ""), isLive: false });
      } else {
        members.delete(id);
      }
      again();
    },
    close,
  };
};
