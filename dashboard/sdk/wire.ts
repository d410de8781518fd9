// The wire `hookcast.v1` as the browser sees it: the messages, and the one place where what came over
// the socket becomes a type. The gateway's `wire.rs` is its twin. No IO, no clock, no state.

/** A CloudEvents 1.0 event. `data` is whatever the upstream sent. */
export interface CloudEvent<T = unknown> {
  specversion: string;
  id: string;
  source: string;
  type: string;
  time: string;
  datacontenttype?: string;
  data?: T;
  data_base64?: string;
}

/** Where a new subscription begins. */
export type Since = "now" | "snapshot" | { last: number } | { ageMs: number } | { position: string };

export type GapReason = "retention" | "slow" | "epoch" | "limit" | "client";

export interface Item {
  offset: number;
  topic: string;
  event: CloudEvent;
  skipped: number | null;
}

export type ServerMessage =
  | { type: "welcome"; heartbeatMs: number; build: string; time: number | null; expires: number | null }
  | { type: "subscribed"; id: string; position: string }
  | { type: "events"; id: string | null; events: Item[] }
  | { type: "live"; id: string; position: string }
  | { type: "gap"; id: string | null; stream: string; reason: GapReason; from: number | null; to: number | null; position: string | null }
  | { type: "positions"; positions: Map<string, string>; time: number | null }
  | { type: "unsubscribed"; id: string; code: string | null }
  | { type: "error"; id: string | null; code: string; message: string }
  | { type: "pong" };

type Fields = Record<string, unknown>;

/** Narrows one frame. Null is a message that this version does not know: it is ignored, not an error. */
export function parse(text: string): ServerMessage | null {
  const frame = object(text);
  switch (frame["type"]) {
    case "welcome":
      return {
        type: "welcome",
        heartbeatMs: integer(frame["heartbeat_ms"]) ?? 25_000,
        build: string(frame["build"]) ?? "",
        time: instant(frame["time"]),
        expires: instant(frame["expires"]),
      };
    case "subscribed":
    case "live":
      return placed(frame["type"], frame);
    case "events":
      return Array.isArray(frame["events"]) ? { type: "events", id: string(frame["id"]), events: frame["events"].flatMap(item) } : null;
    case "gap":
      return gap(frame);
    case "positions":
      return { type: "positions", positions: strings(frame["positions"]), time: instant(frame["time"]) };
    case "unsubscribed":
      return { type: "unsubscribed", id: string(frame["id"]) ?? "", code: string(frame["code"]) };
    case "error":
      return { type: "error", id: string(frame["id"]), code: string(frame["code"]) ?? "unknown", message: string(frame["message"]) ?? "" };
    case "pong":
      return { type: "pong" };
    default:
      return null;
  }
}

export function auth(token: string): string {
  return JSON.stringify({ type: "auth", token });
}

/** `latestMs` absent: every event. */
export function subscribe(id: string, pattern: string, since: Since, latestMs?: number): string {
  const wired = typeof since === "object" && "ageMs" in since ? { age_ms: since.ageMs } : since;
  const mode = latestMs === undefined ? undefined : { latest_ms: latestMs };
  return JSON.stringify({ type: "subscribe", id, pattern, since: wired, mode });
}

export function unsubscribe(id: string): string {
  return JSON.stringify({ type: "unsubscribe", id });
}

export function ping(): string {
  return JSON.stringify({ type: "ping" });
}

/** The least time before the next attempt that a close reason such as `{"retry_ms":900}` asks for. */
export function retryMs(reason: string): number {
  return Math.max(0, integer(object(reason)["retry_ms"]) ?? 0);
}

function placed(type: "subscribed" | "live", frame: Fields): ServerMessage | null {
  const id = string(frame["id"]);
  const position = string(frame["position"]);
  return id === null || position === null ? null : { type, id, position };
}

function gap(frame: Fields): ServerMessage | null {
  const stream = string(frame["stream"]);
  if (stream === null) return null;
  return {
    type: "gap",
    id: string(frame["id"]),
    stream,
    // A reason that a newer gateway invents is still a gap, and must still be told.
    reason: (string(frame["reason"]) ?? "epoch") as GapReason,
    from: integer(frame["from"]),
    to: integer(frame["to"]),
    position: string(frame["position"]),
  };
}

function item(value: unknown): Item[] {
  if (!isFields(value)) return [];
  const offset = integer(value["offset"]);
  const topic = string(value["topic"]);
  const event = value["event"];
  if (offset === null || topic === null || !isFields(event)) return [];
  return [{ offset, topic, event: event as unknown as CloudEvent, skipped: integer(value["skipped"]) }];
}

/** For transports that pass on more than they read: an object or its text as fields, anything else as none. */
export function object(value: unknown): Fields {
  if (typeof value !== "string") return isFields(value) ? value : {};
  try {
    const parsed: unknown = JSON.parse(value);
    return isFields(parsed) ? parsed : {};
  } catch {
    return {};
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function string(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function integer(value: unknown): number | null {
  return Number.isSafeInteger(value) ? (value as number) : null;
}

function instant(value: unknown): number | null {
  const ms = typeof value === "string" ? Date.parse(value) : NaN;
  return Number.isNaN(ms) ? null : ms;
}

function strings(value: unknown): Map<string, string> {
  const entries = isFields(value) ? Object.entries(value) : [];
  return new Map(entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}
