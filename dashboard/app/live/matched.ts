// What a pattern catches while it is tried: the newest few, how many, how fast. Pure.

import type { Message } from "../../sdk/index.ts";

export const MATCHES_MAX = 40;
const RATE_OVER_MS = 10_000;
/** Above 500 a second the rate is read over less time, never over more memory. */
const ARRIVALS_MAX = 5_000;
const PREVIEW_MAX = 200;

export interface Match {
  key: string;
  at: number;
  topic: string;
  type: string;
  preview: string;
}

export class Matched {
  count = 0;
  /** Newest first. */
  newest: Match[] = [];
  #arrivals: number[] = [];

  constructor(readonly since: number) {}

  take({ stream, offset, topic, event }: Message, now: number): void {
    this.count += 1;
    this.#arrivals.push(now);
    if (this.#arrivals.length > ARRIVALS_MAX) this.#arrivals.splice(0, ARRIVALS_MAX / 2);
    this.newest.unshift({ key: `${stream}:${offset}`, at: now, topic, type: event.type, preview: preview(event.data) });
    if (this.newest.length > MATCHES_MAX) this.newest.length = MATCHES_MAX;
  }

  perSecond(now: number): number {
    this.#arrivals = this.#arrivals.filter((at) => at > now - RATE_OVER_MS);
    const [oldest = now] = this.#arrivals;
    const over = this.#arrivals.length >= ARRIVALS_MAX / 2 ? now - oldest : Math.min(RATE_OVER_MS, now - this.since);
    return over < 1_000 ? 0 : (this.#arrivals.length * 1_000) / over;
  }
}

/** A line of a payload; a huge one is not written out only to be cut. */
function preview(data: unknown): string {
  if (data === undefined || data === null) return "";
  if (typeof data !== "object") return String(data).slice(0, PREVIEW_MAX);
  const parts: string[] = [];
  let length = 0;
  for (const [key, value] of Object.entries(data)) {
    const text = typeof value === "object" && value !== null ? (Array.isArray(value) ? `[${value.length}]` : "{…}") : typeof value === "string" ? JSON.stringify(value.slice(0, 60)) : String(value);
    parts.push(`${key}: ${text}`);
    length += key.length + text.length + 4;
    if (length > PREVIEW_MAX) break;
  }
  return parts.join(", ").slice(0, PREVIEW_MAX);
}
