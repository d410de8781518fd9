// When to come back, and when not.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { delayMs, staysAway } from "../../sdk/backoff.ts";

describe("delayMs", () => {
  it("doubles its ceiling from half a second to twenty", () => {
    expect([0, 1, 2, 5, 6, 60].map((attempt) => delayMs(attempt, 1, 0))).toEqual([500, 1_000, 2_000, 16_000, 20_000, 20_000]);
  });

  it("stays between the floor and the floor with the ceiling, for any randomness", () => {
    fc.assert(
      fc.property(fc.nat(100), fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(60_000), (attempt, random, floor) => {
        const wait = delayMs(attempt, random, floor);
        expect(wait).toBeGreaterThanOrEqual(floor);
        expect(wait).toBeLessThanOrEqual(floor + 20_000);
      }),
    );
  });

  it("lets no gateway park a page for hours", () => expect(delayMs(0, 0, 1e12)).toBe(300_000));
});

describe("staysAway", () => {
  it("is for 4500 to 4999, known or not", () => {
    expect([1000, 1006, 1012, 4000, 4003, 4499].some(staysAway)).toBe(false);
    expect([4500, 4501, 4502, 4777, 4999].every(staysAway)).toBe(true);
  });
});
