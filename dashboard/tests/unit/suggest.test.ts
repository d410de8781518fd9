// What the editor guesses from events: widgets without a mistake, patterns that hear what was seen, fields that a hostile payload cannot flood.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseBoard } from "../../fold/board.ts";
import { check } from "../../fold/edit-check.ts";
import { fieldsOf, nameOf } from "../../fold/edit-fields.ts";
import { patternMistake } from "../../app/live/pattern.ts";
import { offersOf } from "../../fold/edit-patterns.ts";
import { boardOf, suggest } from "../../fold/edit-suggest.ts";
import { read } from "../../fold/pointer.ts";
import { matches } from "../../sdk/pattern.ts";

const event = (data: unknown) => ({ specversion: "1.0", id: "1", source: "/hooks/x", type: "t", time: "2026-01-02T03:04:05Z", data });
const order = event({ id: 820982911946154500, name: "#1042", total_price: "59.90", currency: "EUR", customer: { first_name: "Mina" }, line_items: [{ sku: "a" }], created_at: "2026-01-02T03:04:05Z" });
const reading = event({ sensor: "hall", celsius: 21.5, at: "2026-01-02T03:04:05Z" });
const parcel = event({ parcel: "P-1", status: "moving", city: "Ghent" });

describe("suggestions", () => {
  it.each([["shop/orders/**", order], ["sensors/*/reading", reading], ["parcels/*/moved", parcel], ["x/**", event(null)], ["x/**", "no event"]])("for %s have no mistake", (pattern, sample) => {
    const tables = suggest(pattern, [sample]).map(({ table }) => table);
    expect(tables.length).toBeGreaterThanOrEqual(3);
    expect(parseBoard({ widget: tables }).mistakes).toEqual([]);
  });

  it("see money, readings and what changes", () => {
    const of = (pattern: string, sample: unknown) => suggest(pattern, [sample]).map(({ table }) => table);
    expect(of("shop/orders/**", order)).toContainEqual(expect.objectContaining({ type: "number", title: "Total price", unit: "€", value: { op: "sum", of: "/data/total_price" } }));
    expect(of("shop/orders/**", order)).toContainEqual(expect.objectContaining({ type: "feed", text: "{/data/name} · {/data/total_price} {/data/currency}" }));
    expect(of("sensors/*/reading", reading)).toContainEqual(expect.objectContaining({ type: "line", title: "Average celsius", value: { op: "avg", of: "/data/celsius" } }));
    expect(of("parcels/*/moved", parcel)).toContainEqual(expect.objectContaining({ type: "status", by: "/data/parcel" }));
  });

  it("for any payload at all have no mistake", () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue(), { maxLength: 5 }), (payloads) => {
        const tables = suggest("shop/orders/created", payloads.map(event)).map(({ table }) => table);
        expect(parseBoard({ widget: tables }).mistakes).toEqual([]);
      }),
    );
  });
});

describe("a board of what came", () => {
  it.each([["shop/orders/**", order], ["sensors/**", reading], ["parcels/**", parcel], ["x/**", event(null)], ["x/**", undefined]])("of %s is one without a mistake or a hole", (pattern, sample) => {
    const board = boardOf(pattern, sample === undefined ? [] : [sample]);
    const { widgets, mistakes } = parseBoard(board);
    expect(mistakes).toEqual([]);
    expect(widgets.map(({ type }) => type)).toEqual(expect.arrayContaining(["line", "number", "feed"]));
    expect(widgets.map(({ type }) => type)).not.toContain("alert");
    expect(widgets.every(({ from }) => from === pattern)).toBe(true);
    const cells = widgets.flatMap(({ at: [column, row, width, height] }) => Array.from({ length: width * height }, (_, cell) => `${column + (cell % width)} ${row + Math.floor(cell / width)}`));
    const bottom = Math.max(...widgets.map(({ at }) => at[1] + at[3]));
    expect([new Set(cells).size, cells.length]).toEqual([12 * bottom, 12 * bottom]);
  });
});

describe("fields", () => {
  it("lead where they say", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (data) => {
        for (const { pointer } of fieldsOf(event(data))) expect(read(event(data), pointer)).not.toBeUndefined();
      }),
    );
  });

  it("are few and short, however much is sent", () => {
    const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`k${index}`, "x".repeat(100)]));
    expect(fieldsOf(event({ ...many, long: "y".repeat(1_000_000) })).length).toBeLessThanOrEqual(205);
    expect(Math.max(...fieldsOf(event({ a: "y".repeat(1_000_000) })).map(({ text }) => text.length))).toBeLessThanOrEqual(80);
    const deep = Array.from({ length: 1_000 }).reduce((inner) => ({ inner }), {});
    expect(fieldsOf(event(deep)).length).toBeGreaterThan(0);
  });

  it("are named as a person would", () => {
    expect([nameOf("/data/customer/first_name"), nameOf("/data/totalPrice"), nameOf("/data/items/0"), nameOf("")]).toEqual(["first name", "total price", "items", "value"]);
  });
});

describe("patterns", () => {
  const segment = fc.constantFrom("a", "b", "push", "x-1");
  const topics = fc.array(fc.array(segment, { minLength: 2, maxLength: 4 }).map((parts) => parts.join("/")), { maxLength: 12 });

  it("hear as many of the topics as they say", () => {
    fc.assert(
      fc.property(topics, (seen) => {
        for (const { pattern, topics: count } of offersOf(seen)) {
          expect(patternMistake(pattern)).toBeNull();
          expect(new Set(seen.filter((topic) => matches(pattern, topic))).size).toBe(count);
        }
      }),
    );
  });
});

describe("mistakes", () => {
  it("stand beside their key", () => {
    const found = check({ id: 'a", value: `x`', type: "number", from: "*", value: { op: "sum" }, stale: "soon" });
    expect([...found.keys()].sort()).toEqual(["from", "stale", "value.of"]);
    expect(found.get("stale")).toBe('should be a duration such as "15m", not "soon"');
    expect(check({ id: "a", type: "number", from: "s/**" }).size).toBe(0);
  });
});
