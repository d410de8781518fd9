// The panel's fields and rows: nothing that a board may say is without a field, and what a row shows is what it writes.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseBoard } from "../../fold/board.ts";
import { check } from "../../fold/edit-check.ts";
import { FIELDS, ROWS, titlesOf } from "../../fold/edit-form.ts";
import { typedOf, valueOf } from "../../fold/edit-values.ts";
import { WIDGET_KEYS, WIDGET_TYPES } from "../../fold/widget.ts";

const ROW_CASES: readonly [string, unknown][] = [
  ["where", ["/data/test", "!=", true]],
  ["where", ["/data/country", "in", ["PT", "a b", 7]]],
  ["where", ["/data/at", "exists", false]],
  ["ok", ["/data/status", "==", "5"]],
  ["bad", ["/data/name", "prefix", "it's \"so\""]],
  ["levels", { below: 1, for: "2m", level: "alert", sound: "bell", notify: true }],
  ["levels", { equals: 0 }],
  ["levels", { above: 1, below: 5 }],
  ["levels", { above: -1, below: 0.5, for: "2m", level: "info", notify: true }],
  ["columns", "/data/status"],
  ["columns", { show: "{/data/city}, {/data/country}", title: "Where" }],
  ["columns", { show: "/data/weight", title: "kg", decimals: 1, scale: 0.001 }],
];

describe("a field", () => {
  it("is there for each key of each type", () => {
    const known = new Set(["id", "type", "at", ...FIELDS.map(({ path }) => path.split(".")[0])]);
    for (const type of WIDGET_TYPES) expect(WIDGET_KEYS[type].filter((key) => !known.has(key))).toEqual([]);
  });

  it("reads back what it shows: text stays text, a number a number", () => {
    const scalar = fc.oneof(fc.string(), fc.boolean(), fc.integer(), fc.constantFrom("5", "true", "1.0", '"', '"a"', " a ", "12345678901234567890", "a,b", "", 0.05, -3.5));
    fc.assert(fc.property(scalar, (value) => void expect(valueOf("scalar", typedOf("scalar", value))).toBe(value)));
    const listed = fc.array(fc.oneof(fc.constantFrom("PT", "5", "true", "a b", '"'), fc.boolean(), fc.integer()), { maxLength: 6 });
    fc.assert(fc.property(listed, (value) => void expect(valueOf("list", typedOf("list", value))).toEqual(value)));
  });
});

describe("a row", () => {
  it.each(ROW_CASES)("of %s shows and writes %j", (key, row) => {
    const rows = ROWS[key];
    const view = rows?.view(row) ?? {};
    const cells = rows?.cells(view) ?? [];
    const typed = Object.fromEntries(cells.map((cell) => [cell.path, cell.kind === "flag" ? view[cell.path] : valueOf(cell.kind, typedOf(cell.kind, view[cell.path]))]));
    expect(rows?.row({ ...view, ...Object.fromEntries(Object.entries(typed).filter(([, value]) => value !== undefined)) })).toEqual(row);
  });

  it.each<[string, unknown]>([
    ["where", ["/a", "==", { nested: 1 }]],
    ["where", ["/a", "like", 1]],
    ["where", ["/a", "in", ["a, b"]]],
    ["where", "text"],
    ["levels", { above: 1, below: 5, equals: 3 }],
    ["levels", { below: 1, equals: 3 }],
    ["levels", { above: 1, to: 5 }],
    ["levels", { above: 1, colour: "red" }],
    ["columns", { show: "/a", more: [1] }],
    ["columns", 7],
  ])("of %s that says more than its cells stays text: %j", (key, row) => {
    expect(ROWS[key]?.view(row)).toBeNull();
  });

  it("turns what is compared with when the comparison turns", () => {
    const rows = ROWS["where"];
    expect(rows?.row({ field: "/a", is: "in", value: "x" })).toEqual(["/a", "in", ["x"]]);
    expect(rows?.row({ field: "/a", is: "==", value: ["x", "y"] })).toEqual(["/a", "==", "x"]);
    expect(rows?.row({ field: "/a", is: "exists", value: "x" })).toEqual(["/a", "exists", true]);
  });

  it("of a level keeps its number when it turns, and forgets the second bound with it", () => {
    const rows = ROWS["levels"];
    const between = rows?.row({ when: "between", value: 1, level: "alert" });
    expect(between).toEqual({ above: 1, below: "", level: "alert" });
    expect(check({ id: "a", type: "number", from: "shop/**", levels: [between] }).get("levels.0")).toBe('`below` should be a number, not ""');
    expect(rows?.row({ when: "equals", value: 1, to: 5 })).toEqual({ equals: 1 });
    expect(rows?.cells({ when: "between" }).map(({ path }) => path)).toContain("to");
    const never = { id: "a", type: "number", from: "shop/**", levels: [{ above: 1, below: 5 }, { above: 5, below: 1 }] };
    expect([...check(never)]).toEqual([["levels.1", "never holds: nothing is above 5 and below 1"]]);
  });

  it("when it is new makes no mistake, and hides no event", () => {
    for (const [key, type] of [["where", "number"], ["levels", "number"], ["ok", "status"], ["columns", "table"]]) {
      const table = { type, from: "shop/**", [key ?? ""]: [ROWS[key ?? ""]?.fresh("/data/amount")] };
      expect([...check(table)]).toEqual([]);
    }
  });

  it("has its own mistake beside it", () => {
    const table = { id: "a", type: "number", from: "shop/**", where: [["/data/a", "==", 1], ["data/b", "==", 1], ["/data/c", "<", "x"], 7], levels: [{ above: 1 }, { below: "" }, { above: 1, colour: "red" }] };
    expect([...check(table).keys()]).toEqual(["where.1", "where.2", "where.3", "levels.1", "levels.2"]);
    expect(check(table).get("levels.1")).toBe('`below` should be a number, not ""');
  });
});

it("a table is sorted by the titles of its columns, as the board reads them", () => {
  const columns = ["/data/status", { title: "kg", show: "/data/weight" }, { show: "{/data/city}" }];
  const titles = parseBoard({ widget: [{ id: "t", type: "table", from: "shop/**", columns }] }).widgets[0]?.columns.map(({ title }) => title);
  expect(titlesOf(columns)).toEqual(titles);
});
