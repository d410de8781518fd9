// The client's deadlines, in virtual time, over a socket that says what the test says. What a real gateway
// answers is tested in tests/gateway; here is what no healthy gateway does: hang, fall silent, refuse.

import { describe, expect, it, vi } from "vitest";
import { connect, UnauthorizedError, type Gap } from "../../sdk/index.ts";
import { last, Line, listen, page, settle, virtualTime } from "./line.ts";

virtualTime();

describe("an iterator", () => {
  it("throws what sent the client away, instead of waiting for ever", async () => {
    listen();
    const first = page.client.events("s/x")[Symbol.asyncIterator]().next();
    const ended = expect(first).rejects.toMatchObject({ closeCode: 4501 });
    await settle();
    last().greets();
    last().falls(4501);
    await ended;
  });
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
    expect(page.client.state).toMatchObject({ is: "waiting", cause: { code: "timeout" } });
    hung.greets();
    expect(page.client.state.is).toBe("waiting");
    expect(told.ready).toBe(0);
  });

  it("stops where there is no WebSocket, as in Node 20, and says so", async () => {
    vi.stubGlobal("WebSocket", undefined);
    const own = connect({ url: "ws://gateway/ws" });
    Reflect.deleteProperty(globalThis, "WebSocket");
    own.subscribe("s/a", { event: () => undefined });
    await settle();
    expect(own.state).toMatchObject({ is: "closed", cause: { code: "network", message: expect.stringContaining("WebSocket is not defined") as string } });
    vi.unstubAllGlobals();
  });

  it("does not wait for ever for a token", async () => {
    listen({ getToken: () => new Promise(() => undefined) });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(page.client.state.is).toBe("waiting");
    expect(Line.dialled).toEqual([]);
  });

  it("stops where there is no token to be had", async () => {
    listen({ getToken: () => Promise.reject(new UnauthorizedError("login ended")) });
    await settle();
    expect(page.client.state).toMatchObject({ is: "closed", cause: { code: "token" } });
  });
});

describe("coming back", () => {
  it("doubles up to 20 s, and begins anew only after 10 s live", async () => {
    listen({ transport: "ws" });
    await settle();
    const waits: number[] = [];
    const fall = async () => {
      last().falls(1006);
      const wait = page.client.state.is === "waiting" ? page.client.state.until - Date.now() : NaN;
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
    expect(page.client.state).toMatchObject({ is: "waiting", until: Date.now() + 9_500 });
  });

  it.each([4000, 4003, 4444, 1001, 1013])("comes back after %i", async (code) => {
    listen();
    await settle();
    last().greets();
    last().falls(code);
    expect(page.client.state.is).toBe("waiting");
  });

  it.each([4500, 4501, 4502, 4999])("stays away after %i, until opened", async (code) => {
    listen();
    await settle();
    last().greets();
    last().falls(code);
    expect(page.client.state).toMatchObject({ is: "closed", cause: { closeCode: code } });
    await vi.advanceTimersByTimeAsync(600_000);
    expect(Line.dialled).toHaveLength(1);
    page.client.open();
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
    expect(page.client.state.is).toBe("live");
    await vi.advanceTimersByTimeAsync(1);
    expect(page.client.state.is).toBe("waiting");
  });

  it("after a wake: pings, and gives the answer 2 s", async () => {
    listen();
    await settle();
    last().greets();
    page.signal("wake");
    expect(last().sent.at(-1)).toEqual({ type: "ping" });
    last().says({ type: "pong" });
    await vi.advanceTimersByTimeAsync(2_000);
    expect(page.client.state.is).toBe("live");
    page.signal("wake");
    await vi.advanceTimersByTimeAsync(2_000);
    expect(page.client.state.is).toBe("waiting");
  });
});

describe("waking", () => {
  it("dials at once while waiting", async () => {
    listen();
    await settle();
    last().falls(1006);
    page.signal("wake");
    await settle();
    expect(Line.dialled).toHaveLength(2);
  });

  it("never dials what was closed", async () => {
    listen();
    await settle();
    const told = page.signal;
    page.client.close();
    told("wake");
    page.signal("wake");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(Line.dialled).toHaveLength(1);
  });

  it("is suspended while there is no network, and looks again by itself", async () => {
    listen();
    await settle();
    last().greets();
    page.signal("offline");
    expect(page.client.state.is).toBe("live");
    last().falls(1006);
    expect(page.client.state).toEqual({ is: "suspended", why: "offline" });
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
    expect(page.client.state).toMatchObject({ is: "live", stale: ["s"] });
    last().says({ type: "positions", positions: { s: "e:9" } });
    expect(page.client.state).toMatchObject({ stale: [] });
    expect(page.client.positions()).toEqual({ s: "e:9" });
  });

  it("on a stream are all told a gap without id, others are not", async () => {
    const told = listen();
    const other: Gap[] = [];
    page.client.subscribe("t/**", { event: () => undefined, gap: (gap) => void other.push(gap) });
    await settle();
    last().greets();
    last().says({ type: "gap", stream: "s", reason: "slow", from: 1, to: 3, position: "e:3" });
    expect(told.gaps).toEqual([{ stream: "s", from: 1, to: 3, reason: "slow" }]);
    expect(other).toEqual([]);
    expect(page.client.positions()["s"]).toBe("e:3");
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
    const undoSecond = page.client.subscribe("t/**", { event: () => undefined });
    undoSecond();
    expect(last().sent.at(-1)).toEqual({ type: "unsubscribe", id: "2" });
    await vi.advanceTimersByTimeAsync(6_000);
    expect(page.client.state.is).toBe("live");
    undo();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(page.client.state.is).toBe("idle");
    page.client.subscribe("t/**", { event: () => undefined });
    await settle();
    expect(Line.dialled).toHaveLength(2);
  });
});
