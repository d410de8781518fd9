// What changes while a connection lives: the token, the page's visibility, how live a subscription is, the clocks.

import { describe, expect, it, vi } from "vitest";
import { HookcastClient } from "../../sdk/client.ts";
import { UnauthorizedError } from "../../sdk/index.ts";
import { last, Line, listen, page, settle, virtualTime } from "./line.ts";

virtualTime();

const event = (id: string) => ({ specversion: "1.0", id, source: "/hooks/s", type: "t", time: "2026-01-02T03:04:05Z" });
const welcome = (lifeMs?: number) => ({
  type: "welcome",
  heartbeat_ms: 3_600_000,
  build: "b",
  time: new Date().toISOString(),
  ...(lifeMs === undefined ? {} : { expires: new Date(Date.now() + lifeMs).toISOString() }),
});
const sent = (type: string) => last().sent.filter((each) => each["type"] === type);

describe("the token", () => {
  it("is renewed at 80 % of its life, on the same socket", async () => {
    const why: string[] = [];
    listen({ getToken: (reason) => (why.push(reason), `t${why.length}`) });
    await settle();
    last().opens();
    last().says(welcome(300_000));
    await vi.advanceTimersByTimeAsync(239_999);
    expect(why).toEqual(["connect"]);
    await vi.advanceTimersByTimeAsync(1);
    expect(why).toEqual(["connect", "refresh"]);
    expect(sent("auth").map(({ token }) => token)).toEqual(["t1", "t2"]);
    last().says(welcome(300_000));
    await vi.advanceTimersByTimeAsync(239_999);
    expect(sent("auth")).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(1);
    expect(sent("auth")).toHaveLength(3);
    expect(Line.dialled).toHaveLength(1);
  });

  it("that the gateway refuses to take is asked for again, ever sooner, until the old one ends; never in a loop", async () => {
    let asked = 0;
    listen({ getToken: () => `t${++asked}` });
    await settle();
    last().opens();
    last().says(welcome(100_000));
    for (let second = 0; second < 105; second += 1) {
      const before = sent("auth").length;
      await vi.advanceTimersByTimeAsync(1_000);
      if (sent("auth").length > before) last().says({ type: "error", code: "unauthorized", message: "no" });
    }
    expect(page.client.state.is).toBe("live");
    expect(asked).toBeGreaterThan(3);
    expect(asked).toBeLessThan(10);
    const until = asked;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toBe(until);
  });

  it("that cannot be had any more stops the client; one that fails is only tried again", async () => {
    const answers = [() => "t1", () => Promise.reject(new Error("no network")), () => Promise.reject(new UnauthorizedError("signed out"))];
    listen({ getToken: () => answers.shift()?.() ?? null });
    await settle();
    last().opens();
    last().says(welcome(100_000));
    await vi.advanceTimersByTimeAsync(80_000);
    expect(page.client.state.is).toBe("live");
    await vi.advanceTimersByTimeAsync(16_000);
    expect(page.client.state).toMatchObject({ is: "closed", cause: { code: "token" } });
  });

  it("of no end is left alone", async () => {
    let asked = 0;
    listen({ getToken: () => `t${++asked}` });
    await settle();
    last().greets();
    last().says(welcome());
    await vi.advanceTimersByTimeAsync(3_000_000);
    expect(asked).toBe(1);
  });
});

describe("latestMs", () => {
  it("is sent as the mode, and takes only what comes under its own id", async () => {
    const told = listen({}, "s/**", { latestMs: 200 });
    await settle();
    last().greets("e:0");
    expect(sent("subscribe")[0]).toMatchObject({ mode: { latest_ms: 200 } });
    last().says({ type: "events", events: [{ offset: 1, topic: "s/a", event: event("1") }] });
    expect(told.messages).toEqual([]);
    last().says({ type: "events", id: "1", events: [{ offset: 3, topic: "s/a", event: event("3"), skipped: 2 }] });
    expect(told.messages).toMatchObject([{ offset: 3, skipped: 2, replayed: false }]);
  });

  it("becomes 2000 while nobody looks, under the same id; who asked for all loses nothing", async () => {
    listen({}, "s/**", { latestMs: 200 });
    page.client.subscribe("s/**", { event: () => undefined });
    page.client.subscribe("s/*", { event: () => undefined }, { latestMs: 5_000 });
    await settle();
    last().greets();
    page.hiddenMs = 0;
    page.signal("hide");
    expect(sent("subscribe").slice(3)).toMatchObject([{ id: "1", pattern: "s/**", mode: { latest_ms: 2_000 } }]);
    page.hiddenMs = null;
    page.signal("wake");
    expect(sent("subscribe").slice(4)).toMatchObject([{ id: "1", mode: { latest_ms: 200 } }]);
    page.signal("wake");
    expect(sent("subscribe")).toHaveLength(5);
  });

  it("stays as it is where the page says keep", async () => {
    listen({ whenHidden: "keep" }, "s/**", { latestMs: 200 });
    await settle();
    last().greets();
    page.hiddenMs = 0;
    page.signal("hide");
    expect(sent("subscribe")).toHaveLength(1);
  });
});

describe("a hidden page", () => {
  it("keeps its connection, but does not dial again once hidden for 30 s", async () => {
    listen();
    await settle();
    last().greets();
    page.hiddenMs = 31_000;
    page.signal("hide");
    expect(page.client.state.is).toBe("live");
    last().falls(1006);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(page.client.state).toEqual({ is: "suspended", why: "hidden" });
    expect(Line.dialled).toHaveLength(1);
    page.hiddenMs = null;
    page.signal("wake");
    await settle();
    expect(Line.dialled).toHaveLength(2);
  });

  it("dials all the same where it says keep", async () => {
    listen({ whenHidden: "keep" });
    await settle();
    page.hiddenMs = 31_000;
    last().falls(1006);
    await vi.advanceTimersByTimeAsync(500);
    expect(Line.dialled).toHaveLength(2);
  });

  it("lets go after 30 s where it says close, and not before", async () => {
    listen({ whenHidden: "close" });
    await settle();
    last().greets();
    page.hiddenMs = 0;
    page.signal("hide");
    await vi.advanceTimersByTimeAsync(29_999);
    expect(page.client.state.is).toBe("live");
    await vi.advanceTimersByTimeAsync(1);
    expect(page.client.state).toEqual({ is: "suspended", why: "hidden" });
  });

  it("that is left closes at once, and comes back with the page", async () => {
    listen();
    await settle();
    last().greets();
    page.signal("leave");
    expect(last().readyState).toBe(3);
    expect(page.client.state).toEqual({ is: "suspended", why: "hidden" });
    page.signal("wake");
    await settle();
    expect(Line.dialled).toHaveLength(2);
  });
});

describe("positions of another epoch", () => {
  it("in a heartbeat are ignored: they were on their way when it turned over", async () => {
    const told = listen();
    await settle();
    last().greets("e:5");
    last().says({ type: "gap", stream: "s", reason: "epoch", from: 6, to: null, position: "f:5" });
    last().says({ type: "positions", positions: { s: "e:9" }, time: new Date().toISOString() });
    expect(page.client.positions()).toEqual({ s: "f:5" });
    expect(page.client.state).toMatchObject({ stale: [] });
    last().says({ type: "events", events: [{ offset: 6, topic: "s/a", event: event("6") }] });
    expect(told.messages.map(({ offset }) => offset)).toEqual([6]);
  });
});

describe("clocks", () => {
  it("now() is the gateway's time, whatever this machine's clock jumps to", async () => {
    listen();
    await settle();
    last().opens();
    last().says({ ...welcome(), time: "2030-01-01T00:00:00Z" });
    vi.setSystemTime("2020-01-01T00:00:00Z");
    await vi.advanceTimersByTimeAsync(1_500);
    expect(new Date(page.client.now()).toISOString()).toBe("2030-01-01T00:00:01.500Z");
  });
});

describe("addresses", () => {
  it.each([["https://gateway", "wss://gateway/ws"], ["http://gateway:1/ws?a=b", "ws://gateway:1/ws?a=b"], ["wss://gateway/live/ws", "wss://gateway/live/ws"]])("%s is dialled as %s", async (url, dialled) => {
    listen({ url });
    await settle();
    expect(last().url).toBe(dialled);
  });

  it("that are none are told as such", async () => {
    listen({ url: "not an address" });
    await settle();
    expect(page.client.state).toMatchObject({ is: "waiting", cause: { code: "network" } });
  });
});

describe("a listener that throws", () => {
  it("does not keep the others from hearing, and its error surfaces", async () => {
    const told = listen();
    const surfaced = new Promise((resolve) => process.once("uncaughtException", resolve));
    const thrown = process.rawListeners("uncaughtException").slice(0, -1);
    for (const each of thrown) process.off("uncaughtException", each as () => void);
    page.client.subscribe("s/**", { event: () => { throw new Error("of the page"); } });
    const after: string[] = [];
    page.client.subscribe("s/**", { event: ({ event: { id } }) => void after.push(id) });
    await settle();
    last().greets();
    last().says({ type: "events", events: [{ offset: 1, topic: "s/a", event: event("1") }] });
    expect([told.messages.length, after]).toEqual([1, ["1"]]);
    expect(await surfaced).toMatchObject({ message: "of the page" });
    for (const each of thrown) process.on("uncaughtException", each as () => void);
  });
});

describe("the iterator", () => {
  it("holds a thousand, then tells what it let go as a gap", async () => {
    page.client = new HookcastClient({ url: "ws://gateway", WebSocket: Line as unknown as typeof WebSocket });
    const reading = page.client.events("s/**")[Symbol.asyncIterator]();
    const first = reading.next();
    await settle();
    last().greets();
    last().says({ type: "events", events: Array.from({ length: 1_502 }, (_, at) => ({ offset: at + 1, topic: "s/a", event: event(`${at}`) })) });
    const got = [await first];
    for (let at = 0; at < 1_000; at += 1) got.push(await reading.next());
    const entries = got.map(({ value }) => value);
    const gaps = entries.filter((entry) => "reason" in entry);
    expect(gaps).toEqual([{ stream: "s", from: 1, to: 502, reason: "client" }]);
    expect(entries.flatMap((entry) => ("offset" in entry ? [entry.offset] : []))).toEqual(Array.from({ length: 1_000 }, (_, at) => at + 503));
    await reading.return?.();
  });
});
