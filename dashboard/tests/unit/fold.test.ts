// The folds: live gives what history gives, pieces give what the whole gives, and every bound holds.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseBoard, type Widget } from "../../fold/board.ts";
import type { Input } from "../../fold/event.ts";
import { shownCells } from "../../fold/cells.ts";
import { EMPTY, fold, missing, type WidgetState } from "../../fold/fold.ts";
import { listed } from "../../fold/trail.ts";
import { NO_BUCKETS, type Bucket } from "../../fold/window.ts";
import { counted, extentOf, plot, ranked, total } from "../../fold/series.ts";

const START = Date.UTC(2026, 0, 2, 3, 4, 0);
const RANGE_MS = 900_000;

function widget(table: Record<string, unknown>): Widget {
  const board = parseBoard({ widget: [{ id: "w", from: "s/**", ...table }] });
  expect(board.mistakes).toEqual([]);
  const [first] = board.widgets;
  if (!first) throw new Error("the board gave no widget");
  return first;
}

function happening(offset: number, data: unknown, afterMs: number, replayed = false): Input {
  const time = START + afterMs;
  const event = { specversion: "1.0", id: `id${offset}`, source: "/hooks/s", type: "t", time: new Date(time).toISOString(), data };
  return { is: "event", seen: { stream: "s", offset, topic: "s/t", event, replayed }, now: time + 20 };
}

function folded(inputs: Input[], of: Widget, from: WidgetState = EMPTY): WidgetState {
  return inputs.reduce((state, input) => fold(state, input, of, RANGE_MS), from);
}

/** A state as plain data, so that it can be kept beside what comes of it. */
function plain({ series, cells, table, scenes, ...rest }: WidgetState): unknown {
  return { ...rest, series: [...series.byKey], sweptAt: series.sweptAt, cells: [...cells], table: [...table], scenes: { ...scenes, ids: [...scenes.ids] } };
}

function bucketsOf(state: WidgetState): Bucket[] {
  const { sealed, newest } = state.series.byKey.get("") ?? NO_BUCKETS;
  return newest ? [...sealed, newest] : [];
}

const WIDGETS = [
  widget({ type: "number", value: { op: "sum", of: "/data/amount" } }),
  widget({ type: "line", value: { op: "count", window: "5m", bucket: "10s", per: "1m" }, split: { by: "/data/name", top: 2 } }),
  widget({ type: "bar", value: { op: "sum", of: "/data/amount" }, split: { by: "/data/name", top: 3 } }),
  widget({ type: "feed", text: "{/data/name}", rows: 5 }),
  widget({ type: "status", by: "/data/name", text: "{/data/amount}", ok: [["/data/amount", ">", 5]] }),
  widget({ type: "table", by: "/data/name", columns: ["/data/amount", { title: "Said", show: "{/data/name}: {/data/amount}" }], sort: "-amount" }),
  widget({ type: "gauge", value: { op: "p95", of: "/data/amount", window: "2m" }, levels: [{ above: 50, for: "20s" }] }),
  widget({ type: "heatmap", by: "/data/name", bucket: "30s", value: { op: "count" } }),
  widget({ type: "number", value: { op: "distinct", of: "/data/name" }, compare: true }),
  widget({ type: "line", value: { op: "first", of: "/data/amount" }, stack: true, split: { by: "/data/name" } }),
];

const happenings = fc.array(fc.record({ name: fc.constantFrom("a", "b", "c", "__proto__"), amount: fc.integer({ min: 0, max: 100 }), step: fc.nat(40_000) }), { maxLength: 60 });

function inputsOf(steps: { name: string; amount: number; step: number }[], replayed: boolean): Input[] {
  let at = 0;
  return steps.map(({ name, amount, step }, index) => happening(index + 1, { name, amount }, (at += step), replayed));
}

describe.each(WIDGETS)("$type", (of) => {
  const bare = (state: WidgetState) => ({ ...state, rows: listed(state.rows, 500).map((row) => ({ ...row, replayed: false })) });

  it("live gives what history gives", () => {
    fc.assert(fc.property(happenings, (steps) => void expect(bare(folded(inputsOf(steps, false), of))).toEqual(bare(folded(inputsOf(steps, true), of)))));
  });

  it("cut anywhere gives the same, and leaves the earlier state as it was", () => {
    fc.assert(
      fc.property(happenings, fc.nat(60), (steps, cut) => {
        const inputs = inputsOf(steps, false);
        const before = folded(inputs.slice(0, cut), of);
        const kept = JSON.stringify(plain(before));
        expect(folded(inputs.slice(cut), of, before)).toEqual(folded(inputs, of));
        expect(JSON.stringify(plain(before))).toBe(kept);
      }),
    );
  });
});

describe("numbers", () => {
  const sum = widget({ type: "number", value: { op: "sum", of: "/data/amount" } });

  it("sums what lies in the window, by the event's own time", () => {
    fc.assert(
      fc.property(happenings, (steps) => {
        const state = folded(inputsOf(steps, false), sum);
        const end = START + steps.reduce((time, { step }) => time + step, 0);
        const extent = extentOf(sum, RANGE_MS);
        let at = START;
        const edge = Math.floor((end - extent.windowMs) / extent.bucketMs) * extent.bucketMs;
        const expected = steps.reduce((total, { amount, step }) => total + ((at += step) >= edge + (end % extent.bucketMs === 0 ? extent.bucketMs : 0) ? amount : 0), 0);
        expect(total(state.series.byKey.get(""), sum, extent, end)).toBeCloseTo(expected);
      }),
    );
  });

  it("forgets what the window left behind", () => {
    const state = folded([happening(1, { amount: 5 }, 0), happening(2, { amount: 7 }, 1_000)], sum);
    expect(total(state.series.byKey.get(""), sum, extentOf(sum, RANGE_MS), START + 2_000)).toBe(12);
    expect(total(state.series.byKey.get(""), sum, extentOf(sum, RANGE_MS), START + 2 * RANGE_MS)).toBe(0);
  });

  it("reads money in strings, scales cents, and passes over what is no number", () => {
    const cents = widget({ type: "number", value: { op: "sum", of: "/data/amount", scale: 0.01 } });
    const state = folded([happening(1, { amount: "59.90" }, 0), happening(2, { amount: 4_100 }, 1), happening(3, { amount: "x" }, 2), happening(4, null, 3)], cents);
    expect(total(state.series.byKey.get(""), cents, extentOf(cents, RANGE_MS), START + 10)).toBeCloseTo(41.599);
  });

  it("takes an event that comes late into its own bucket", () => {
    const state = folded([happening(1, { amount: 1 }, 60_000), happening(2, { amount: 2 }, 0), happening(3, { amount: 4 }, 60_001)], sum);
    expect(bucketsOf(state).map(({ sum: value }) => value)).toEqual([2, 5]);
  });
});

describe("splits", () => {
  const bar = widget({ type: "bar", value: { op: "sum", of: "/data/amount" }, split: { by: "/data/name", top: 2 } });

  it("ranks highest first, ties by name", () => {
    const state = folded([happening(1, { name: "b", amount: 3 }, 0), happening(2, { name: "a", amount: 3 }, 1), happening(3, { name: "c", amount: 9 }, 2)], bar);
    expect(ranked(state.series, bar, extentOf(bar, RANGE_MS), START + 5).map(({ key }) => key)).toEqual(["c", "a", "b"]);
  });

  it("holds a thousand keys and puts the rest together", () => {
    const state = folded(Array.from({ length: 1_100 }, (_, index) => happening(index + 1, { name: `n${index}`, amount: 1 }, index)), bar);
    expect(state.series.byKey.size).toBe(1_001);
  });

  it("draws the top lines and one for the rest", () => {
    const line = widget({ type: "line", value: { op: "count", window: "1m", bucket: "10s" }, split: { by: "/data/name", top: 2 } });
    const state = folded(["a", "a", "a", "b", "b", "c", "d"].map((name, index) => happening(index + 1, { name }, index)), line);
    const lines = plot(state.series, line, extentOf(line, RANGE_MS), START + 20_000).lines;
    expect(lines.map(({ key }) => key.slice(0, 5))).toEqual(["a", "b", "other"]);
    expect(lines.map(({ values }) => values.reduce<number>((sum, value) => sum + (value ?? 0), 0))).toEqual([3, 2, 2]);
  });
});

describe("a rate", () => {
  const rate = widget({ type: "line", value: { op: "count", window: "1m", bucket: "10s", per: "1m" } });
  const told = (of: Widget, times: number[]) => {
    const extent = extentOf(of, RANGE_MS);
    const plotted = plot(folded(times.map((at, index) => happening(index + 1, {}, at)), of).series, of, extent, START + 60_000);
    return [counted(plotted, of, extent), plotted].map((each) => each?.lines[0]?.values ?? null);
  };

  it("of few events is told as events: one in ten seconds is not six a minute", () => {
    expect(told(rate, [25_000])).toEqual([[0, 0, 1, 0, 0, 0], [0, 0, 6, 0, 0, 0]]);
    expect(told(rate, [25_000, 51_000, 52_000, 53_000])[0]).toEqual([0, 0, 1, 0, 0, 3]);
  });

  it("stands where there are enough in all, where a step is as long as what it is told for, and where it is no rate", () => {
    expect(told(rate, [5_000, 12_000, 25_000, 31_000, 55_000])[0]).toBeNull();
    expect(told(widget({ type: "line", value: { op: "count", window: "10m", bucket: "1m", per: "1m" } }), [25_000])[0]).toBeNull();
    expect(told(widget({ type: "line", value: { op: "count", window: "1m", bucket: "10s" } }), [25_000])[0]).toBeNull();
  });
});

describe("scenes", () => {
  const alert = widget({ type: "alert", text: "{/data/name}", max_age: "60s" });
  const texts = (inputs: Input[]) => folded(inputs, alert).scenes.queue.map(({ text }) => text);

  it("fires once per event id", () => {
    const twice = happening(1, { name: "Mina" }, 0);
    expect(texts([twice, twice, happening(2, { name: "Noor" }, 5)])).toEqual(["Mina", "Noor"]);
  });

  it("never fires for history, nor for what is older than max_age", () => {
    const old = happening(2, { name: "old" }, 0);
    expect(texts([happening(1, { name: "history" }, 0, true), { ...old, now: START + 60_001 }])).toEqual([]);
  });

  it("holds a bounded queue and drops the oldest", () => {
    const state = folded(Array.from({ length: 50 }, (_, index) => happening(index + 1, { name: `n${index}` }, index)), alert);
    expect(state.scenes.queue).toHaveLength(20);
    expect(state.scenes.queue.at(-1)).toMatchObject({ number: 50, text: "n49" });
  });
});

describe("gaps", () => {
  const feed = widget({ type: "feed", text: "{/data/name}" });
  const gap = (from: number | null, to: number | null, now: number): Input => ({ is: "gap", missed: { stream: "s", from, to, reason: "slow" }, since: START, now });

  it("adds up what is missing in a window, and says unknown where it is", () => {
    const state = folded([gap(3, 10, START + 1_000), gap(12, 17, START + 2_000)], feed);
    expect(missing(state.gaps, START)).toEqual({ count: 14 });
    expect(missing(state.gaps, START + 1_500)).toEqual({ count: 6 });
    expect(missing(state.gaps, START + 3_000)).toBeNull();
    expect(missing(folded([gap(3, null, START)], feed).gaps, START)).toEqual({ count: null });
  });

  it("is a row of the feed between what came before and after", () => {
    const rows = listed(folded([happening(1, { name: "a" }, 0), gap(2, 4, START + 1_000), happening(5, { name: "b" }, 2_000)], feed).rows, 9);
    expect(rows.map(({ is }) => is)).toEqual(["event", "gap", "event"]);
  });
});

describe("cells", () => {
  it("shows the ones heard last, by name, with their beats", () => {
    const status = widget({ type: "status", by: "/data/name", text: "{/data/city}", ok: [["/data/city", "==", "home"]], rows: 2 });
    const state = folded([["p2", "on"], ["p1", "on"], ["p10", "home"], ["p1", "home"]].map(([name, city], index) => happening(index + 1, { name, city }, index)), status);
    const shown = shownCells(state.cells, 2);
    expect(shown.map(({ key, mood, beats }) => [key, mood, beats])).toEqual([["p1", "ok", ["busy", "ok"]], ["p10", "ok", ["ok"]]]);
  });
});
