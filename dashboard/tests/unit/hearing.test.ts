// How far back a subscription of a board is known to be whole: by the gateway's clock, whatever this machine's says.

import { expect, it } from "vitest";
import { Hearing } from "../../app/live/hearing.ts";
import type { Client, Listener } from "../../sdk/index.ts";

const DAY_MS = 86_400_000;
const AGE_MS = 900_000;

it.each([-DAY_MS, 0, DAY_MS])("is told right by a machine that is %d ms off before the first welcome", (skew) => {
  const gateway = Date.UTC(2026, 0, 2);
  let now = gateway + skew;
  let listener: Listener = { event: () => undefined };
  const client: Client = {
    state: { is: "idle" },
    onState: () => () => undefined,
    subscribe: (_pattern, its) => {
      listener = { event: () => undefined, ready: (positions) => its.ready?.(positions) };
      return () => undefined;
    },
    events: () => {
      throw new Error("not asked for");
    },
    positions: () => ({}),
    now: () => now,
    open: () => undefined,
    close: () => undefined,
  };
  const hearing = new Hearing("s/**", "s/**", undefined, AGE_MS, 300, { client, lostAt: null, heard: () => undefined, missed: () => undefined, changed: () => undefined });
  hearing.start();
  now = gateway;
  listener.ready?.({});
  expect(hearing.wholeFrom).toBe(gateway - AGE_MS);
  // Coming back says nothing new of the beginning.
  now += AGE_MS;
  listener.ready?.({});
  expect(hearing.wholeFrom).toBe(gateway - AGE_MS);
});
