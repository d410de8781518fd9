// Looking back: what is scrubbed to is what was live then, a cut past says so, and nothing that is looked at again plays a scene.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseBoard, type Widget } from "../../fold/board.ts";
import type { Input } from "../../fold/event.ts";
import { EMPTY, fold, missing, type WidgetState } from "../../fold/fold.ts";
import { Pulse, replay, Ring } from "../../fold/history.ts";
import { countUntil, extended, reelOf, Winder } from "../../fold/reel.ts";
import { extentOf, plot, total } from "../../fold/series.ts";
import { listed } from "../../fold/trail.ts";

const START = Date.UTC(2026, 0, 2, 3, 4, 0);
const RANGE_MS = 60_000;

function widget(table: Record<string, unknown>): Widget {
  const board = parseBoard({ widget: [{ id: "w", from: "s/**", ...table }] });
  expect(board.mistakes).toEqual([]);
  const [first] = board.widgets;
  if (!first) throw new Error("the board gave no widget");
  return first;
}

const WIDGETS = [
  widget({ type: "number", value: { op: "sum", of: "/data/amount" } }),
  widget({ type: "line", value: { op: "count", window: "5m", bucket: "10s", per: "1m" }, split: { by: "/data/name", top: 2 } }),
  widget({ type: "bar", value: { op: "sum", of: "/data/amount" }, split: { by: "/data/name", top: 3 } }),
  widget({ type: "feed", text: "{/data/name}", rows: 5 }),
  widget({ type: "status", by: "/data/name", text: "{/data/amount}", ok: [["/data/amount", ">", 5]] }),
  widget({ type: "alert", text: "{/data/name}" }),
];

interface Step {
  name: string;
  amount: number;
  step: number;
}

const steps: fc.Arbitrary<Step[]> = fc.array(fc.record({ name: fc.constantFrom("a", "b", "__proto__"), amount: fc.nat(100), step: fc.nat(9_000) }), { maxLength: 600, size: "max" });

function inputsOf(list: Step[]): Input[] {
  let time = START;
  return list.map(({ name, amount, step }, index) => {
    time += step;
    const event = { specversion: "1.0", id: `id${index}`, source: "/hooks/s", type: "t", time: new Date(time).toISOString(), data: { name, amount } };
    return { is: "event", seen: { stream: "s", offset: index + 1, topic: "s/t", event, replayed: false }, now: time };
  });
}

/** All but what tells live from history. */
function bare({ series, cells, table, scenes, rows, ...rest }: WidgetState) {
  return { ...rest, series: [...series.byKey], cells: [...cells], table: [...table], scenes: scenes.last, rows: listed(rows, 500).map((row) => ({ ...row, replayed: true })) };
}

describe.each(WIDGETS)("$type", (of) => {
  it("scrubbed to a moment shows what it showed live then", () => {
    fc.assert(
      fc.property(steps, fc.array(fc.nat(900_000), { minLength: 1, maxLength: 6 }), (list, moments) => {
        const inputs = inputsOf(list);
        const winder = new Winder(reelOf(inputs, -Infinity), of, RANGE_MS);
        for (const after of moments) {
          const live = inputs.filter(({ now }) => now <= START + after).reduce((state, input) => fold(state, input, of, RANGE_MS), EMPTY);
          expect(bare(winder.at(START + after))).toEqual(bare(live));
        }
      }),
      { numRuns: 30 },
    );
  });

  it("fires nothing, however new what it winds through", () => {
    const inputs = inputsOf(Array.from({ length: 30 }, () => ({ name: "a", amount: 1, step: 10 })));
    expect(new Winder(reelOf(inputs, -Infinity), of, RANGE_MS).at(Infinity).scenes).toMatchObject({ queue: [], fired: 0 });
    expect(replay(inputs, of, RANGE_MS).scenes.queue).toEqual([]);
  });
});

describe("a past that was cut", () => {
  const [sum, line] = [widget({ type: "number", value: { op: "sum", of: "/data/amount" } }), widget({ type: "line", value: { op: "count", window: "1m", bucket: "5s" } })];

  it("shows the same where a window lies in what is left", () => {
    fc.assert(
      fc.property(steps, fc.nat(60_000), (list, later) => {
        const inputs = inputsOf(list);
        const end = (inputs.at(-1)?.now ?? START) + later;
        const wholeFrom = end - RANGE_MS - 5_000;
        const left = inputs.filter(({ now }) => now >= wholeFrom);
        for (const of of [sum, line]) {
          const extent = extentOf(of, RANGE_MS);
          const [cut, whole] = [new Winder(reelOf(left, wholeFrom), of, RANGE_MS).at(end), new Winder(reelOf(inputs, -Infinity), of, RANGE_MS).at(end)];
          expect(total(cut.series.byKey.get(""), of, extent, end)).toEqual(total(whole.series.byKey.get(""), of, extent, end));
          expect(plot(cut.series, of, extent, end)).toEqual(plot(whole.series, of, extent, end));
          expect(missing(cut.gaps, end - extent.windowMs)).toBeNull();
        }
      }),
      { numRuns: 50 },
    );
  });

  it("says that something is missing where it does not", () => {
    const inputs = inputsOf([{ name: "a", amount: 1, step: 0 }]);
    const state = new Winder(reelOf(inputs, START - 1_000), sum, RANGE_MS).at(START);
    expect(missing(state.gaps, START - RANGE_MS)).toEqual({ count: null });
  });

  it("takes older events before its own, each once", () => {
    const inputs = inputsOf(Array.from({ length: 20 }, (_, index) => ({ name: "a", amount: index, step: 1_000 })));
    const reel = extended(reelOf(inputs.slice(12), START + 12_000), inputs.slice(0, 15), -Infinity);
    expect(reel.inputs.map((input) => input.is === "event" && input.seen.offset)).toEqual(inputs.map((_, index) => index + 1));
    expect(countUntil(reel, START + 5_000)).toBe(5);
  });
});

describe("what is kept", () => {
  it("is the newest, in order, and never more than the ring holds", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.nat(120), (max, count) => {
        const inputs = inputsOf(Array.from({ length: count }, () => ({ name: "a", amount: 1, step: 1 })));
        const ring = new Ring(max);
        for (const input of inputs) ring.add(input);
        expect(ring.list()).toEqual(inputs.slice(-max));
        expect(ring.isCut).toBe(count > max);
      }),
    );
  });

  it("counts each second of the last while, whatever the order", () => {
    const pulse = new Pulse(100);
    for (const second of [1_000, 1_001, 1_001, 1_050, 1_049, 1_120, 1_030, 1_019]) pulse.add(second * 1_000 + 7);
    expect(pulse.bins(1_021_000, 1_121_000, 4)).toEqual([1, 2, 0, 1]);
    pulse.add(9_000_000);
    expect(pulse.bins(8_900_000, 9_001_000, 1)).toEqual([1]);
  });
});
