// Boards, pointers, templates and the packing of tiles: hostile or mistaken input is told or stays text.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { parse } from "smol-toml";
import { describe, expect, it } from "vitest";
import { parseBoard, parseDuration } from "../../fold/board.ts";
import { pack } from "../../fold/layout.ts";
import { fill, holds, read, readText } from "../../fold/pointer.ts";

const boards = new URL("../../boards", import.meta.url).pathname;

describe("the boards built in", () => {
  it.each(readdirSync(boards))("%s is without a mistake", (file) => {
    const board = parseBoard(parse(readFileSync(join(boards, file), "utf8")));
    expect(board.mistakes).toEqual([]);
    expect(board.widgets.length).toBeGreaterThan(0);
    expect(new Set(board.widgets.map(({ id }) => id)).size).toBe(board.widgets.length);
  });
});

describe("a board with mistakes", () => {
  it("names widget, key and what was expected, and keeps the others", () => {
    const board = parseBoard({
      title: "T",
      range: "soon",
      widget: [
        { id: "good", type: "number", from: "s/**", value: { op: "count" } },
        { id: "bad", type: "dial", from: "*/x", at: [9, 0, 6, 2], value: { op: "sum" }, where: [["/a", "~", 1]], rows: -1 },
      ],
    });
    expect(board.widgets.map(({ id }) => id)).toEqual(["good"]);
    expect(board.mistakes).toEqual([
      'widget "bad": `type` should be one of number, line, bar, feed, table, gauge, status, heatmap, alert, text, clock, not "dial"',
      'widget "bad": `from` should be a pattern whose first segment is literal, such as "shop/**", not "*/x"',
      'widget "bad": `at` should be [column, row, width, height] within 12 columns, not [9,0,6,2]',
      'widget "bad": `where` should be conditions such as ["/data/test", "!=", true], not [["/a","~",1]]',
      'widget "bad", value: `of` should be a pointer, for "sum" needs a number',
      'widget "bad": `rows` should be a whole number up to 500, not -1',
      'board: `range` should be a duration such as "15m", not "soon"',
    ]);
  });

  it("never throws, whatever JSON it is", () => {
    fc.assert(fc.property(fc.jsonValue(), fc.jsonValue(), (any, table) => Array.isArray(parseBoard(any).mistakes) && Array.isArray(parseBoard({ widget: [table] }).widgets)));
  });

  it("reads durations", () => {
    expect(["500ms", "10s", "15m", "2h", "7d", "1.5h", "15", "m", 5].map(parseDuration)).toEqual([500, 10_000, 900_000, 7_200_000, 604_800_000, 5_400_000, null, null, null]);
  });
});

describe("pointers", () => {
  const event = { data: { "a/b": 1, "m~n": 2, list: [{ x: "y" }], "": 3 } };

  it("follows RFC 6901", () => {
    expect(["/data/a~1b", "/data/m~0n", "/data/list/0/x", "/data/", "/data/none/x"].map((pointer) => read(event, pointer))).toEqual([1, 2, "y", 3, undefined]);
    expect(read(event, "")).toBe(event);
  });

  it("reads own properties only", () => {
    expect(["/__proto__", "/constructor/name", "/data/list/length/constructor", "/toString"].map((pointer) => read(event, pointer))).toEqual([undefined, undefined, undefined, undefined]);
    expect(read(JSON.parse('{"__proto__":{"x":1}}'), "/__proto__/x")).toBe(1);
  });

  it("fills templates once and cuts what is long", () => {
    expect(fill("{/data/list/0/x} and {/nowhere}, {plain}", event)).toBe("y and –, {plain}");
    expect(fill("{/a}", { a: "{/b}", b: "no" })).toBe("{/b}");
    expect(readText({ a: "x".repeat(1e6) }, "/a")).toHaveLength(240);
  });

  it("holds conditions", () => {
    const at = (operator: string, operand: unknown) => holds(parseBoard({ widget: [{ type: "feed", from: "s/**", where: [["/n", operator, operand]] }] }).widgets[0]?.where ?? [], { n: 5 });
    expect([at("==", 5), at("!=", 5), at("<", 6), at("<=", 4), at(">", 4), at(">=", 6), at("in", [5, 6]), at("exists", true), at("exists", false), at("prefix", "5")]).toEqual([
      true, false, true, false, true, false, true, true, false, false,
    ]);
  });
});

describe("pack", () => {
  it("leaves no hole in any row, whatever the board", () => {
    const tile = fc.record({ type: fc.constantFrom("number" as const, "line" as const), at: fc.tuple(fc.nat(3), fc.nat(20), fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 })) });
    fc.assert(
      fc.property(fc.array(tile, { maxLength: 30 }), fc.constantFrom(2, 6), (tiles, columns) => {
        let filled = 0;
        for (const { width } of pack(tiles, columns)) {
          filled += width;
          expect(filled).toBeLessThanOrEqual(columns);
          if (filled === columns) filled = 0;
        }
        expect(filled).toBe(0);
      }),
    );
  });
});
