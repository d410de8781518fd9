// `hookcast/react` and `hookcast/svelte`: what a component sees, over a scripted line.

import { createElement, StrictMode } from "react";
import { act, create } from "react-test-renderer";
import { fromStore, get } from "svelte/store";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { HookcastClient } from "../../sdk/client.ts";
import type { State } from "../../sdk/index.ts";
import { useConnection, useTopic, type Topic } from "../../sdk/react.ts";
import { connection, topic } from "../../sdk/svelte.ts";
import { last, Line, page, settle, virtualTime } from "./line.ts";

virtualTime();

beforeEach(() => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });
  page.client = new HookcastClient({ url: "ws://gateway", WebSocket: Line as unknown as typeof WebSocket });
});

const says = (from: number, to: number) => {
  const items = Array.from({ length: to - from + 1 }, (_, at) => ({ offset: from + at, topic: "s/a", event: { specversion: "1.0", id: `${from + at}`, source: "/h", type: "t", time: "", data: { n: from + at } } }));
  last().says({ type: "events", events: items });
};

describe("useTopic", () => {
  it("subscribes once, shows the newest, and lets go when unmounted", async () => {
    const seen: [Topic<{ n: number }>, State][] = [];
    const Shown = () => {
      seen.push([useTopic<{ n: number }>(page.client, "s/**", { keep: 3, since: { last: 3 } }), useConnection(page.client)]);
      return null;
    };
    let tree: ReturnType<typeof create> | undefined;
    await act(async () => void (tree = create(createElement(StrictMode, null, createElement(Shown)))));
    await act(async () => {
      await settle();
      last().greets();
      says(1, 10);
      await vi.advanceTimersByTimeAsync(16);
    });
    const [shown, state] = seen.at(-1) ?? [];
    expect(shown?.messages.map(({ event }) => event.data?.n)).toEqual([8, 9, 10]);
    expect(shown?.isReady).toBe(true);
    expect(state).toMatchObject({ is: "live", catchingUp: 0 });
    const renders = seen.length;
    await act(async () => {
      for (let at = 11; at < 61; at += 1) says(at, at);
      last().says({ type: "gap", stream: "s", reason: "slow", from: 61, to: 63, position: "e:63" });
      await vi.advanceTimersByTimeAsync(16);
    });
    // Fifty frames of the gateway in one of the screen: one change, twice rendered in StrictMode.
    expect(seen.length - renders).toBeLessThanOrEqual(2);
    expect(seen.at(-1)?.[0].gaps).toEqual([{ stream: "s", from: 61, to: 63, reason: "slow" }]);
    expect(Line.dialled).toHaveLength(1);
    await act(async () => tree?.unmount());
    await vi.advanceTimersByTimeAsync(5_000);
    expect(page.client.state.is).toBe("idle");
  });
});

describe("topic", () => {
  it("is a store that starts with its first reader and ends with its last", async () => {
    const store = topic<{ n: number }>(page.client, "s/**", { keep: 2 });
    await settle();
    expect(Line.dialled).toHaveLength(0);
    const seen: Topic<{ n: number }>[] = [];
    const undo = store.subscribe((value) => void seen.push(value));
    const second = store.subscribe(() => undefined);
    await settle();
    last().greets();
    says(1, 5);
    await vi.advanceTimersByTimeAsync(16);
    expect(seen.at(-1)?.messages.map(({ offset }) => offset)).toEqual([4, 5]);
    expect(last().sent.filter(({ type }) => type === "subscribe")).toHaveLength(1);
    second();
    undo();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(page.client.state.is).toBe("idle");
  });

  it("tells a refusal as a value", async () => {
    const store = topic(page.client, "s/**");
    const undo = store.subscribe(() => undefined);
    await settle();
    last().opens();
    last().says({ type: "welcome", heartbeat_ms: 25_000 }, { type: "error", id: "1", code: "forbidden", message: "no grant" });
    await vi.advanceTimersByTimeAsync(16);
    expect(get(store).error).toMatchObject({ code: "forbidden" });
    undo();
  });
});

describe("connection", () => {
  it("follows the client's state", async () => {
    const store = connection(page.client);
    const seen: string[] = [];
    const undo = store.subscribe(({ is }) => void seen.push(is));
    page.client.subscribe("s/**", { event: () => undefined });
    await settle();
    last().greets();
    page.client.close();
    undo();
    expect([...new Set(seen)]).toEqual(["idle", "connecting", "live", "closed"]);
    expect(fromStore(store).current).toEqual({ is: "closed" });
  });
});
