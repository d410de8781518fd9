// The wire as the gateway's golden file has it: what a gateway says is read whole, what a client says is said to the letter.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { auth, parse, ping, subscribe, unsubscribe } from "../../sdk/wire.ts";

const file = new URL("../../../gateway/tests/it/subscribers/golden/wire.txt", import.meta.url);
const lines = (mark: string) =>
  readFileSync(file, "utf8").split("\n").filter((line) => line.startsWith(mark)).map((line) => line.slice(mark.length));

const at = Date.UTC(2026, 0, 2, 2, 4, 5);
const push = "github/acme/api/push";
const event = (id: string) => ({ specversion: "1.0", id });
const gap = (id: string | null, reason: string, from: number, to: number | null, position: string) => ({
  type: "gap", stream: "github", id, reason, from, to, position,
});

describe("the golden wire", () => {
  it("is read whole", () => {
    const read = lines("< ").map(parse);
    const expected = [
      { type: "welcome", heartbeatMs: 25_000, build: "0.1.0+abc", time: at },
      { type: "welcome", heartbeatMs: 25_000, build: "0.1.0", time: at },
      { type: "subscribed", id: "a", position: "k3f9a0zq:41" },
      {
        type: "events",
        id: "a",
        events: [
          // A number beyond a double's is still valid JSON.
          { offset: 42, topic: push, event: { ...event("e42"), data: { n: Infinity } }, skipped: null },
          { offset: 44, topic: 'github/é"/%2F/push', event: event("e44"), skipped: null },
        ],
      },
      { type: "events", id: null, events: [{ offset: 98, topic: push, event: event("e98"), skipped: null }] },
      { type: "live", id: "a", position: "k3f9a0zq:97" },
      gap("a", "retention", 17, 30, "k3f9a0zq:30"),
      gap(null, "epoch", 98, null, "new0zq00:12"),
      gap(null, "slow", 17, 30, "k3f9a0zq:30"),
      gap("b", "limit", 1, 40, "k3f9a0zq:40"),
      { type: "positions", positions: new Map([["github", "k3f9a0zq:97"], ["shop", "k3f9a0zq:3"]]), time: at },
      { type: "unsubscribed", id: "a", code: null },
      { type: "unsubscribed", id: "a", code: "forbidden" },
      { type: "error", id: "a", code: "bad_pattern", message: "a sentence" },
      { type: "error", id: null, code: "rate_limited", message: "a sentence" },
      { type: "pong" },
    ];
    expect(read).toHaveLength(expected.length);
    for (const [index, message] of expected.entries()) expect(read[index]).toMatchObject(message);
  });

  it("is said to the letter", () => {
    expect([
      auth("a.b.c"),
      subscribe("a", "github/*/*/push", "now"),
      subscribe("b", "github/**", "snapshot"),
      subscribe("c", "github/**", { last: 20 }),
      subscribe("d", "github/**", { ageMs: 900_000 }),
      subscribe("e", "github/**", { position: "k3f9a0zq:41" }),
      unsubscribe("a"),
      ping(),
    ]).toEqual(lines("> "));
  });
});
