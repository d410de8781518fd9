// The query language of the events screen.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseReport, type Report } from "../../fold/report.ts";
import { has, matchesSearch, parseSearch, spell, toggled } from "../../fold/search.ts";
import { accepted, filtered, refused } from "./reports.ts";

const reports = [accepted(), refused(), filtered()].map(parseReport).filter((report): report is Report => report !== null);
const found = (query: string, ids: string[] | null = null) => reports.filter((report) => matchesSearch(parseSearch(query), report, ids && new Set(ids))).map(({ source }) => source);

describe("a query", () => {
  it("reads keys, quotes, negation and words", () => {
    expect(parseSearch('source:shop -outcome:accepted type:"a \\"b\\" c" hello "two words"')).toEqual({
      terms: [
        { key: "source", value: "shop", isNot: false },
        { key: "outcome", value: "accepted", isNot: true },
        { key: "type", value: 'a "b" c', isNot: false },
      ],
      text: "hello two words",
      mistakes: [],
    });
  });

  it("finds what it says", () => {
    expect(found("")).toEqual(["parcels", "shop", "donations"]);
    expect(found("source:shop")).toEqual(["shop"]);
    expect(found("source:shop source:PARCELS")).toEqual(["parcels", "shop"]);
    expect(found("-source:shop")).toEqual(["parcels", "donations"]);
    expect(found("source:shop outcome:accepted")).toEqual([]);
    expect(found("outcome:re*")).toEqual(["shop"]);
    expect(found("type:donation.*")).toEqual(["donations"]);
    expect(found("type:*.fail*")).toEqual(["donations"]);
    expect(found("topic:parcels")).toEqual(["parcels"]);
    expect(found("topic:parcels/*/moved")).toEqual(["parcels"]);
    expect(found("topic:parcels/**")).toEqual(["parcels"]);
    expect(found("topic:parcels/HC")).toEqual([]);
    expect(found("topic:parcels/HC*")).toEqual(["parcels"]);
  });

  it("looks for text in what a report says, and in payloads where the gateway found it", () => {
    expect(found("mismatch")).toEqual(["shop"]);
    expect(found("don_zZ")).toEqual(["donations"]);
    expect(found("Warsaw")).toEqual([]);
    expect(found("Warsaw", ["j4thwc59-ekmu5z9h"])).toEqual(["parcels"]);
    expect(found("Warsaw source:shop", ["j4thwc59-ekmu5z9h"])).toEqual([]);
  });

  it("tells what cannot be meant", () => {
    expect(parseSearch("outcome:refusd").mistakes[0]).toContain("expected accepted");
    expect(parseSearch("sorce:shop").mistakes).toEqual(["there is no sorce: did you mean source:?"]);
    expect(parseSearch("http://example.com {\"a\":1}").mistakes).toEqual([]);
    expect(parseSearch("source:").terms).toEqual([]);
  });

  it("toggles a chip", () => {
    const one = toggled(parseSearch("-outcome:refused hello"), "outcome", "refused");
    expect(spell(one)).toBe("outcome:refused hello");
    expect(has(one, "outcome", "REFUSED")).toBe(true);
    expect(spell(toggled(one, "outcome", "refused"))).toBe("hello");
    expect(spell(toggled(parseSearch(""), "type", "two words"))).toBe('type:"two words"');
  });

  it("is the same after it was spelt out, whatever was typed", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."source:type -\"\\ab* \u202e".split("")), maxLength: 60 }), (query) => {
        const once = parseSearch(query);
        const again = parseSearch(spell(once));
        expect(again.terms).toEqual(once.terms);
        expect(again.text).toBe(once.text);
      }),
      { numRuns: 2_000 },
    );
  });

  it("costs no more than it is long", () => {
    const report = parseReport(accepted({ events: [{ id: "1", type: "a".repeat(256), topic: null }] }));
    const began = performance.now();
    for (let round = 0; round < 200; round += 1) if (report) matchesSearch(parseSearch(`type:${"*a".repeat(500)}*b`), report);
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});
