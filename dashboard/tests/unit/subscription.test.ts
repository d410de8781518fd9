// One subscription: every event once and in order, or a gap that was told.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Subscription, type Gap, type Message } from "../../sdk/subscription.ts";
import type { Item, Since } from "../../sdk/wire.ts";

function item(offset: number, topic = "s/a", id = `id${offset}`): Item {
  return { offset, topic, skipped: null, event: { specversion: "1.0", id, source: "/hooks/s", type: "t", time: "2026-01-02T03:04:05Z" } };
}

function subscribed(pattern = "s/**", since: Since = "now") {
  const messages: Message[] = [];
  const gaps: Gap[] = [];
  const subscription = new Subscription("1", pattern, { event: (message) => void messages.push(message), gap: (gap) => void gaps.push(gap) }, since);
  return { subscription, messages, gaps, offsets: () => messages.map(({ offset }) => offset) };
}

describe("a subscription", () => {
  it("takes catch-up as replayed and live events as live", () => {
    const { subscription, messages } = subscribed();
    subscription.begins("e:3");
    subscription.takes([item(4), item(6)], true);
    subscription.goesLive("e:6");
    subscription.takes([item(7)], false);
    expect(messages.map(({ offset, replayed }) => [offset, replayed])).toEqual([[4, true], [6, true], [7, false]]);
    expect(subscription.position).toBe("e:7");
  });

  it("takes no live event before it is live, nor one of another topic", () => {
    const { subscription, offsets } = subscribed("s/a");
    subscription.begins("e:3");
    subscription.takes([item(4)], false);
    subscription.goesLive("e:4");
    subscription.takes([item(5, "s/b"), item(6)], false);
    expect(offsets()).toEqual([6]);
  });

  it("delivers rising offsets only, however pieces overlap", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(30), fc.nat(6)), { maxLength: 20 }), (pieces) => {
        const { subscription, offsets } = subscribed();
        subscription.begins("e:0");
        for (const [start, length] of pieces) subscription.takes(Array.from({ length }, (_, index) => item(start + index + 1)), true);
        const got = offsets();
        expect(got).toEqual([...new Set(got)].sort((a, b) => a - b));
      }),
    );
  });

  it("asks from its own position once it has one", () => {
    const { subscription } = subscribed("s/**", { ageMs: 1_000 });
    expect(subscription.resumesFrom).toEqual({ ageMs: 1_000 });
    subscription.begins("e:3");
    subscription.takes([item(9)], true);
    expect(subscription.resumesFrom).toEqual({ position: "e:9" });
  });

  it("moves forward by the heartbeat, never back within an epoch", () => {
    const { subscription } = subscribed();
    subscription.begins("e:3");
    subscription.moves("e:9");
    subscription.moves("e:5");
    expect(subscription.position).toBe("e:9");
    subscription.moves("f:2");
    expect(subscription.position).toBe("f:2");
  });

  it("drops what an epoch gap brings twice, and only that", () => {
    const { subscription, messages, gaps } = subscribed();
    subscription.begins("e:0");
    subscription.goesLive("e:0");
    subscription.takes([item(1, "s/a", "one"), item(2, "s/a", "two")], false);
    subscription.misses({ stream: "s", from: 2, to: null, reason: "epoch" }, "f:1");
    subscription.takes([item(2, "s/a", "two"), item(3, "s/a", "three")], false);
    expect(messages.map(({ event }) => event.id)).toEqual(["one", "two", "three"]);
    expect(gaps).toHaveLength(1);
  });

  it("begins anew, with a gap, where the gateway does not know its position", () => {
    const { subscription, gaps } = subscribed("s/**", { last: 5 });
    subscription.begins("e:3");
    subscription.losesPlace();
    expect(subscription.resumesFrom).toBe("now");
    expect(gaps).toEqual([{ stream: "s", from: null, to: null, reason: "epoch" }]);
  });
});
