// Editing by properties: whatever a person does, nothing overlaps or leaves the grid, and undo gives back what was.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseBoard } from "../../fold/board.ts";
import { begin, edit, isDirty, shownDraft, UNDO_MAX, type Action, type Editing } from "../../fold/edit.ts";
import { apply, bodyOf, draftOf, find, idOf, placeOf, type Draft } from "../../fold/edit-draft.ts";
import { COLUMNS, overlaps, settle, tidy, untangle, type At } from "../../fold/edit-grid.ts";

const at = fc.tuple(fc.integer({ min: -3, max: 14 }), fc.integer({ min: -3, max: 30 }), fc.integer({ min: -1, max: 14 }), fc.integer({ min: -1, max: 9 }));
const ids = fc.constantFrom("a", "b", "c", "d", "widget-1", "a-2", "__proto__");
const table = fc.record({ id: ids, type: fc.constantFrom("number", "line", "feed"), from: fc.constant("shop/**"), at, title: fc.string() }, { requiredKeys: ["type", "from"] });
const board = fc.record({ title: fc.string(), widget: fc.array(table, { maxLength: 12 }) });
const path = fc.constantFrom<readonly [string] | readonly [string, string]>(["title"], ["value", "op"], ["value", "of"], ["__proto__"], ["unknown"], ["id"], ["at"]);
const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ is: fc.constant("do" as const), command: fc.record({ do: fc.constant("place" as const), id: ids, at }) }),
  fc.record({ is: fc.constant("do" as const), command: fc.record({ do: fc.constant("set" as const), id: ids, path, value: fc.option(fc.string(), { nil: undefined }) }) }),
  fc.record({ is: fc.constant("do" as const), command: fc.record({ do: fc.constant("add" as const), table }) }),
  fc.record({ is: fc.constant("do" as const), command: fc.record({ do: fc.constantFrom("remove" as const, "duplicate" as const), id: ids }) }),
  fc.record({ is: fc.constant("do" as const), command: fc.record({ do: fc.constant("rename" as const), id: ids, to: ids }) }),
  fc.record({ is: fc.constant("do" as const), command: fc.constant({ do: "tidy" as const }) }),
  fc.record({ is: fc.constant("lift" as const), id: ids }),
  fc.record({ is: fc.constantFrom("step" as const, "stretch" as const), columns: fc.integer({ min: -2, max: 2 }), rows: fc.integer({ min: -2, max: 2 }) }),
  fc.record({ is: fc.constant("to" as const), at }),
  fc.record({ is: fc.constantFrom("drop" as const, "restore" as const, "undo" as const, "redo" as const, "seal" as const) }),
  fc.record({ is: fc.constant("select" as const), id: fc.option(ids) }),
);
const actions = fc.array(action, { maxLength: 40 });

function run(editing: Editing, steps: readonly Action[]): Editing {
  return steps.reduce(edit, editing);
}

function wholeness(draft: Draft): void {
  const places = draft.widgets.map((each) => placeOf(each));
  for (const [index, place] of places.entries()) {
    if (!place) throw new Error("a widget without a place");
    const [column, row, width, height] = place;
    expect(place.every(Number.isInteger) && column >= 0 && row >= 0 && width >= 1 && height >= 1 && column + width <= COLUMNS).toBe(true);
    for (const other of places.slice(0, index)) expect(other && overlaps(place, other)).toBe(false);
  }
  expect(new Set(draft.widgets.map(idOf)).size).toBe(draft.widgets.length);
  expect(draft.widgets.length).toBeLessThanOrEqual(64);
}

describe("a draft", () => {
  it("is whole after anything that was done, and while a tile hovers", () => {
    fc.assert(
      fc.property(board, actions, (json, steps) => {
        let editing = begin(draftOf(json));
        wholeness(editing.draft);
        for (const step of steps) {
          editing = edit(editing, step);
          wholeness(editing.draft);
          wholeness(shownDraft(editing));
          expect(editing.past.length).toBeLessThanOrEqual(UNDO_MAX);
        }
      }),
    );
  });

  it("keeps keys that the page does not know, and opens what it saved as it was", () => {
    const json = { title: "T", widget: [{ id: "a", type: "number", from: "s/**", at: [0, 0, 3, 3], colour: "red", value: { op: "sum", of: "/data/a", more: 1 } }] };
    const draft = apply(draftOf(json), { do: "set", id: "a", path: ["value", "op"], value: "avg" });
    expect(find(draft, "a")).toEqual({ ...json.widget[0], value: { op: "avg", of: "/data/a", more: 1 } });
    expect(draftOf(bodyOf(draft)).widgets).toEqual(draft.widgets);
    expect(parseBoard(bodyOf(draft)).mistakes).toEqual(['widget "a": `colour` is no key of a number']);
  });

  it("takes hostile tables as text: keys called __proto__, ten thousand keys, a megabyte, a thousand widgets", () => {
    const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`key${index}`, index]));
    const hostile: unknown = JSON.parse('{"title":{"a":1},"__proto__":{"polluted":1},"widget":[{"id":"__proto__","type":"number","from":"s/**","__proto__":{"polluted":1}},7,null,[1]]}');
    const draft = draftOf(hostile);
    expect(draft).toMatchObject({ title: "", widgets: [{ id: "__proto__" }] });
    expect(draftOf({ widget: [{ ...many, id: "m" }] }).widgets[0]).toMatchObject({ key9999: 9_999 });
    expect(draftOf({ widget: Array.from({ length: 1_000 }, () => ({ id: "same" })) }).widgets).toHaveLength(64);
    const long = apply(draft, { do: "set", id: "__proto__", path: ["title"], value: "x".repeat(1_000_000) });
    expect(long).toBe(draft);
    expect(apply(draft, { do: "set", id: "__proto__", path: ["__proto__", "polluted"], value: 1 }).widgets).toHaveLength(1);
    expect({}).not.toHaveProperty("polluted");
  });

  it("stops at 64 widgets", () => {
    const full = draftOf({ widget: Array.from({ length: 64 }, () => ({ type: "number", from: "s/**" })) });
    expect(apply(full, { do: "add", table: { type: "number" } })).toBe(full);
    expect(apply(full, { do: "duplicate", id: "widget-1" })).toBe(full);
  });
});

describe("undo", () => {
  it("gives back what was, and redo what was done", () => {
    fc.assert(
      fc.property(board, actions, action, (json, steps, last) => {
        const before = run(begin(draftOf(json)), [...steps, { is: "drop" }, { is: "seal" }]);
        const after = edit(before, last);
        if (last.is === "undo" || last.is === "redo" || after.draft === before.draft) return;
        const undone = edit(after, { is: "undo" });
        expect(undone.draft).toBe(before.draft);
        expect(edit(undone, { is: "redo" }).draft).toBe(after.draft);
      }),
    );
  });

  it("of everything gives the board that was opened, no longer dirty", () => {
    fc.assert(
      fc.property(board, actions, (json, steps) => {
        const opened = begin(draftOf(json));
        const after = run(opened, [...steps, { is: "drop" }]);
        const undone = run(after, after.past.map(() => ({ is: "undo" })));
        expect(undone.draft).toBe(opened.draft);
        expect(isDirty(undone)).toBe(false);
      }),
    );
  });

  it("takes typing into one field as one step, until it is left", () => {
    const type = (value: string): Action => ({ is: "do", command: { do: "set", id: "a", path: ["title"], value } });
    const opened = begin(draftOf({ widget: [{ id: "a", title: "" }] }));
    const typed = run(opened, [type("O"), type("Or"), type("Ord")]);
    expect(typed.past).toHaveLength(1);
    expect(run(typed, [{ is: "seal" }, type("Orde")]).past).toHaveLength(2);
    expect(edit(typed, { is: "undo" }).draft).toBe(opened.draft);
  });

  it("is bounded", () => {
    const steps = Array.from({ length: 500 }, (_, index): Action[] => [{ is: "do", command: { do: "board", key: "title", value: `${index}` } }, { is: "seal" }]);
    expect(run(begin(draftOf({})), steps.flat()).past).toHaveLength(UNDO_MAX);
  });
});

describe("lifting", () => {
  it("and putting back is as if nothing had been", () => {
    fc.assert(
      fc.property(board, fc.array(action, { maxLength: 10 }), (json, steps) => {
        const opened = begin(draftOf(json));
        const first = opened.draft.widgets[0];
        if (!first) return;
        const moves = steps.filter(({ is }) => is === "step" || is === "stretch" || is === "to");
        const restored = run(edit(opened, { is: "lift", id: idOf(first) }), [...moves, { is: "restore" }]);
        expect(restored.draft).toBe(opened.draft);
        expect(restored.past).toEqual([]);
      }),
    );
  });

  it("and dropping is one step, and what the preview showed", () => {
    fc.assert(
      fc.property(board, at, (json, wanted) => {
        const opened = begin(draftOf(json));
        const first = opened.draft.widgets[0];
        if (!first) return;
        const hovering = run(opened, [{ is: "lift", id: idOf(first) }, { is: "to", at: wanted }]);
        const dropped = edit(hovering, { is: "drop" });
        expect(dropped.draft).toEqual(shownDraft(hovering));
        expect(dropped.past.length).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("moves nobody sideways or up but the one that is lifted", () => {
    fc.assert(
      fc.property(fc.array(at, { minLength: 1, maxLength: 14 }), at, (written, wanted) => {
        const places = untangle(written.map(([column, row, width, height]): At => [column, row, width, height]));
        const settled = settle(places, 0, wanted);
        for (const [index, place] of places.entries()) {
          if (index === 0) continue;
          const [column, row, width, height] = settled[index] ?? [];
          expect([column, width, height]).toEqual([place[0], place[2], place[3]]);
          expect(row).toBeGreaterThanOrEqual(place[1]);
        }
      }),
    );
  });

  it("adds what fills a row beside the last, and begins another only when it is full", () => {
    const types = ["number", "feed", "line", "number", "number", "number", "number", "line"];
    const draft = types.reduce<Draft>((before, type) => apply(before, { do: "add", table: { type, title: type, from: "s/**" } }), draftOf({ title: "T" }));
    expect(draft.widgets.map(placeOf)).toEqual([
      [0, 0, 3, 4], [3, 0, 4, 4], [7, 0, 5, 4],
      [0, 4, 3, 4], [3, 4, 3, 4], [6, 4, 3, 4], [9, 4, 3, 4],
      [0, 8, 6, 4],
    ]);
  });

  it("closes holes without changing who is above whom", () => {
    expect(tidy([[0, 3, 6, 2], [6, 1, 6, 2], [0, 9, 12, 1]])).toEqual([[0, 0, 6, 2], [6, 0, 6, 2], [0, 2, 12, 1]]);
  });
});
