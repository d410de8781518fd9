// What a page says to the SDK and sees of it: the contract, without a line of code.

import type { HookcastError } from "./errors.ts";
import type { Gap, Listener, Message, Positions } from "./subscription.ts";
import type { Undo } from "./wake.ts";
import type { Since } from "./wire.ts";

export interface Options {
  /** `wss://host/ws`; `https://host` is read as that. A function is asked before each attempt. */
  url: string | (() => string | Promise<string>);
  /**
   * Asked before each attempt, and with "refresh" at 80 % of the token's life; null connects without a token.
   * Throw `UnauthorizedError` to stop.
   */
  getToken?: (why: "connect" | "refresh") => string | null | Promise<string | null>;
  /** "auto" (default) takes WebSocket, and SSE where no socket gets through. */
  transport?: "auto" | "ws" | "sse";
  /**
   * While the page is hidden. "slow" (default): who asked for `latestMs` gets 2000, nobody else skips anything, and a connection lost
   * after 30 s is dialled again only when the page is seen. "keep": as if it were visible. "close": closes after 30 s.
   */
  whenHidden?: "slow" | "keep" | "close";
  /** Tabs with this name share one connection. */
  shared?: string;
  /** For Node below 22. */
  WebSocket?: typeof WebSocket;
}

export interface How {
  /** Where to begin; "now" by default. After that the subscription resumes from its own position. */
  since?: Since;
  /** Only the newest event of each topic, every so many ms (50–60,000). `Message.skipped` says how many were passed over. */
  latestMs?: number;
}

export type State =
  | { is: "idle" }
  | { is: "connecting"; attempt: number }
  /** `catchingUp`: subscriptions not live yet. `stale`: streams the gateway itself has lost touch with. */
  | { is: "live"; via: "ws" | "sse"; catchingUp: number; stale: string[] }
  /** `until`: by this machine's clock, ms. */
  | { is: "waiting"; until: number; cause: HookcastError }
  | { is: "suspended"; why: "hidden" | "offline" }
  | { is: "closed"; cause?: HookcastError };

export interface Client {
  readonly state: State;
  onState(listener: (state: State) => void): Undo;
  subscribe<T = unknown>(pattern: string, listener: Listener<T>, how?: How): Undo;
  events<T = unknown>(pattern: string, how?: How & { signal?: AbortSignal }): AsyncIterable<Message<T> | Gap>;
  /** Where each stream would be resumed: the lowest of its subscriptions. */
  positions(): Positions;
  /** The gateway's time, ms: it does not follow jumps of this machine's clock. */
  now(): number;
  /** Comes back after `close()` or after having been told to stay away, and resumes every subscription. */
  open(): void;
  close(): void;
}
