// The client's deadlines, in virtual time, over a socket that says what the test says. What a real gateway
// answers is tested in tests/gateway; here is what no healthy gateway does: hang, fall silent, refuse.

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { connect, UnauthorizedError, type Client, type Gap, type Message, type Options, type Signal } from "../../sdk/index.ts";

class Line extends EventTarget {
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
    for (const { type, id } of this.sent) if (type === "subscribe") this.says({ type: "subscribed", id, position }, { type: "live", id, position });
  }

  falls(code: number, reason = "") {
    this.readyState = 3;
    this.onclose?.({ code, reason });
  }
}

let signal: (what: Signal) => void = () => undefined;
let client: Client;

function listen(options: Partial<Options> = {}, pattern = "s/**") {
  const told = { messages: [] as Message[], gaps: [] as Gap[], errors: [] as string[], ready: 0 };
  client = connect({
    url: "ws://gateway/ws",
    // A scripted line stands in for the platform's socket; the client uses no more of it than this.
    WebSocket: Line as unknown as typeof WebSocket,
    wake: (given) => {
      signal = given;
      return () => (signal = () => undefined);
    },
    ...options,
  });
  const undo = client.subscribe(pattern, {
    event: (message) => void told.messages.push(message),
    gap: (gap) => void told.gaps.push(gap),
    error: (error) => void told.errors.push(error.code),
    ready: () => void (told.ready += 1),
  });
  return Object.assign(told, { undo });
}

function last(): Line {
  const line = Line.dialled.at(-1);
  if (!line) throw new Error("nothing was dialled");
  return line;
}

/** Lets what awaits go on, without time passing. */
const settle = () => vi.advanceTimersByTimeAsync(0);

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, "random").mockReturnValue(1);
  Line.dialled = [];
});

afterEach(() => {
  client.close();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe("dialling", () => {
  it("says auth first, then subscribes, in the subprotocol", async () => {
    listen({ getToken: () => "t" });
    await settle();
    last().opens();
    expect(last().protocol).toBe("hookcast.v1");
    expect(last().sent.map(({ type }) => type)).toEqual(["auth", "subscribe"]);
  });

  it("asks for url and token before each attempt", async () => {
    let asked = 0;
    listen({ url: () => `ws://gateway/${++asked}`, getToken: async () => `t${asked}` });
    await settle();
    last().greets();
    last().falls(1006);
    await vi.advanceTimersByTimeAsync(500);
    last().opens();
    expect(last().url).toBe("ws://gateway/2");
    expect(last().sent[0]).toEqual({ type: "auth", token: "t2" });
  });

  it("gives up on a socket without welcome after 5 s, and orphans it", async () => {
    const told = listen();
    await settle();
    const hung = last();
    hung.opens();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(client.state).toMatchObject({ is: "waiting", cause: { code: "timeout" } });
    hung.greets();
    expect(client.state.is).toBe("waiting");
    expect(told.ready).toBe(0);
  });

  it("does not wait for ever for a token", async () => {
    listen({ getToken: () => new Promise(() => undefined) });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(client.state.is).toBe("waiting");
    expect(Line.dialled).toEqual([]);
  });

  it("stops where there is no token to be had", async () => {
    listen({ getToken: () => Promise.reject(new UnauthorizedError("login ended")) });
    await settle();
    expect(client.state).toMatchObject({ is: "closed", cause: { code: "token" } });
  });
});

describe("coming back", () => {
  it("doubles up to 20 s, and begins anew only after 10 s live", async () => {
    listen();
    await settle();
    const waits: number[] = [];
    const fall = async () => {
      last().falls(1006);
      const wait = client.state.is === "waiting" ? client.state.until - Date.now() : NaN;
      waits.push(wait);
      await vi.advanceTimersByTimeAsync(wait);
    };
    for (let round = 0; round < 7; round += 1) await fall();
    last().greets();
    await fall();
    last().greets();
    await vi.advanceTimersByTimeAsync(10_000);
    await fall();
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 20_000, 20_000, 500]);
  });

  it("waits at least what the close reason asks", async () => {
    listen();
    await settle();
    last().greets();
    last().falls(1012, '{"retry_ms":9000}');
    expect(client.state).toMatchObject({ is: "waiting", until: Date.now() + 9_500 });
  });

  it.each([4000, 4003, 4444, 1001, 1013])("comes back after %i", async (code) => {
    listen();
    await settle();
    last().greets();
    last().falls(code);
    expect(client.state.is).toBe("waiting");
  });

  it.each([4500, 4501, 4502, 4999])("stays away after %i, until opened", async (code) => {
    listen();
    await settle();
    last().greets();
    last().falls(code);
    expect(client.state).toMatchObject({ is: "closed", cause: { closeCode: code } });
    await vi.advanceTimersByTimeAsync(600_000);
    expect(Line.dialled).toHaveLength(1);
    client.open();
    await settle();
    expect(Line.dialled).toHaveLength(2);
  });

  it("resumes from its own position", async () => {
    const told = listen();
    await settle();
    last().greets("e:4");
    last().says({ type: "events", events: [{ offset: 5, topic: "s/a", event: { id: "x", source: "/h" } }] });
    last().falls(1006);
    await vi.advanceTimersByTimeAsync(500);
    last().opens();
    expect(last().sent[0]).toMatchObject({ type: "subscribe", pattern: "s/**", since: { position: "e:5" } });
    expect(told.messages).toHaveLength(1);
  });
});

describe("silence", () => {
  it("beyond heartbeat and 10 s is a lost connection", async () => {
    listen();
    await settle();
    last().greets();
    await vi.advanceTimersByTimeAsync(34_000);
    last().says({ type: "positions", positions: { s: "e:0" } });
    await vi.advanceTimersByTimeAsync(34_999);
    expect(client.state.is).toBe("live");
    await vi.advanceTimersByTimeAsync(1);
    expect(client.state.is).toBe("waiting");
  });

  it("after a wake: pings, and gives the answer 2 s", async () => {
    listen();
    await settle();
    last().greets();
    signal("wake");
    expect(last().sent.at(-1)).toEqual({ type: "ping" });
    last().says({ type: "pong" });
    await vi.advanceTimersByTimeAsync(2_000);
    expect(client.state.is).toBe("live");
    signal("wake");
    await vi.advanceTimersByTimeAsync(2_000);
    expect(client.state.is).toBe("waiting");
  });
});

describe("waking", () => {
  it("dials at once while waiting", async () => {
    listen();
    await settle();
    last().falls(1006);
    signal("wake");
    await settle();
    expect(Line.dialled).toHaveLength(2);
  });

  it("never dials what was closed", async () => {
    listen();
    await settle();
    const told = signal;
    client.close();
    told("wake");
    signal("wake");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(Line.dialled).toHaveLength(1);
  });

  it("is suspended while there is no network, and looks again by itself", async () => {
    listen();
    await settle();
    last().greets();
    signal("offline");
    expect(client.state.is).toBe("live");
    last().falls(1006);
    expect(client.state).toEqual({ is: "suspended", why: "offline" });
    await vi.advanceTimersByTimeAsync(20_000);
    expect(Line.dialled).toHaveLength(2);
  });
});

describe("subscriptions", () => {
  it("hear what is stale, by its absence from the heartbeat", async () => {
    listen();
    await settle();
    last().greets();
    last().says({ type: "positions", positions: {} });
    expect(client.state).toMatchObject({ is: "live", stale: ["s"] });
    last().says({ type: "positions", positions: { s: "e:9" } });
    expect(client.state).toMatchObject({ stale: [] });
    expect(client.positions()).toEqual({ s: "e:9" });
  });

  it("on a stream are all told a gap without id, others are not", async () => {
    const told = listen();
    const other: Gap[] = [];
    client.subscribe("t/**", { event: () => undefined, gap: (gap) => void other.push(gap) });
    await settle();
    last().greets();
    last().says({ type: "gap", stream: "s", reason: "slow", from: 1, to: 3, position: "e:3" });
    expect(told.gaps).toEqual([{ stream: "s", from: 1, to: 3, reason: "slow" }]);
    expect(other).toEqual([]);
    expect(client.positions()["s"]).toBe("e:3");
  });

  it("ask again for what passes by itself, and end for what does not", async () => {
    const told = listen();
    await settle();
    last().opens();
    last().says({ type: "welcome", heartbeat_ms: 25_000, build: "", time: "" });
    const asked = () => last().sent.filter(({ type }) => type === "subscribe").length;
    last().says({ type: "error", id: "1", code: "unavailable", message: "" });
    expect(told.errors).toEqual([]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(asked()).toBe(2);
    last().says({ type: "error", id: "1", code: "forbidden", message: "" });
    expect(told.errors).toEqual(["forbidden"]);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(asked()).toBe(2);
  });

  it("tell a gap where the gateway does not know their position", async () => {
    const told = listen();
    await settle();
    last().greets("e:7");
    last().falls(1006);
    await vi.advanceTimersByTimeAsync(500);
    last().opens();
    last().says({ type: "welcome", heartbeat_ms: 25_000 }, { type: "error", id: "1", code: "bad_position", message: "" });
    expect(told.gaps).toEqual([{ stream: "s", from: null, to: null, reason: "epoch" }]);
    expect(last().sent.at(-1)).toMatchObject({ type: "subscribe", since: "now" });
  });

  it("gone, let the socket go after a while", async () => {
    const { undo } = listen();
    await settle();
    last().greets();
    const undoSecond = client.subscribe("t/**", { event: () => undefined });
    undoSecond();
    expect(last().sent.at(-1)).toEqual({ type: "unsubscribe", id: "2" });
    await vi.advanceTimersByTimeAsync(6_000);
    expect(client.state.is).toBe("live");
    undo();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(client.state.is).toBe("idle");
    client.subscribe("t/**", { event: () => undefined });
    await settle();
    expect(Line.dialled).toHaveLength(2);
  });
});
