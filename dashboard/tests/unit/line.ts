// A client over a scripted line, in virtual time: what no healthy gateway does can be said here.

import { afterEach, beforeEach, vi } from "vitest";
import { HookcastClient } from "../../sdk/client.ts";
import type { Client, Gap, How, Message, Options } from "../../sdk/index.ts";
import type { Signal } from "../../sdk/wake.ts";

export class Line extends EventTarget {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;
  static dialled: Line[] = [];
  readyState = 0;
  sent: Record<string, unknown>[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  onerror: (() => void) | null = null;

  constructor(
    readonly url: string,
    readonly protocol: string,
  ) {
    super();
    Line.dialled.push(this);
  }

  send(text: string) {
    this.sent.push(JSON.parse(text));
  }

  close() {
    this.readyState = 3;
  }

  opens() {
    this.readyState = 1;
    this.onopen?.();
  }

  says(...messages: object[]) {
    for (const message of messages) this.onmessage?.({ data: JSON.stringify(message) });
  }

  /** Open, welcomed, every subscription live at this position. */
  greets(position = "e:0") {
    this.opens();
    this.says({ type: "welcome", heartbeat_ms: 25_000, build: "b", time: new Date().toISOString() });
    this.answers(position);
  }

  answers(position: string) {
    for (const { type, id } of this.sent) if (type === "subscribe") this.says({ type: "subscribed", id, position }, { type: "live", id, position });
  }

  falls(code: number, reason = "") {
    this.readyState = 3;
    this.onclose?.({ code, reason });
  }
}

/** The page around the client, as the test wants it. */
export const page = { signal: (_what: Signal): void => undefined, hiddenMs: null as number | null, client: null as unknown as Client };

export function listen(options: Partial<Options> = {}, pattern = "s/**", how: How = {}) {
  const told = { messages: [] as Message[], gaps: [] as Gap[], errors: [] as string[], ready: 0 };
  const listening = (given: typeof page.signal) => {
    page.signal = given;
    return () => (page.signal = () => undefined);
  };
  // A scripted line stands in for the platform's socket; the client uses no more of it than this.
  const line = Line as unknown as typeof WebSocket;
  page.client = new HookcastClient({ url: "ws://gateway/ws", WebSocket: line, ...options }, { listen: listening, hiddenMs: () => page.hiddenMs });
  const undo = page.client.subscribe(pattern, {
    event: (message) => void told.messages.push(message),
    gap: (gap) => void told.gaps.push(gap),
    error: (error) => void told.errors.push(error.code),
    ready: () => void (told.ready += 1),
  }, how);
  return Object.assign(told, { undo });
}

export function last(): Line {
  const line = Line.dialled.at(-1);
  if (!line) throw new Error("nothing was dialled");
  return line;
}

/** Lets what awaits go on, without time passing. */
export const settle = () => vi.advanceTimersByTimeAsync(0);

/** For the top of a test file: every test begins with no line and a visible page. */
export function virtualTime(): void {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.spyOn(Math, "random").mockReturnValue(1);
    Line.dialled = [];
    page.hiddenMs = null;
  });

  afterEach(() => {
    page.client.close();
    vi.restoreAllMocks();
    vi.useRealTimers();
  });
}
