// Levels: what holds is read from the state, so live, history and any cut agree; what fires is a crossing seen live, once.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseBoard, type Widget } from "../../fold/board.ts";
import type { Input } from "../../fold/event.ts";
import { EMPTY, fold, levelsAt, type WidgetState } from "../../fold/fold.ts";
import { ASLEEP, gravest, reached, step } from "../../fold/level.ts";

const START = Date.UTC(2026, 0, 2, 3, 4, 0);
const RANGE_MS = 300_000;

function widget(table: Record<string, unknown>): Widget {
  const board = parseBoard({ widget: [{ id: "w", type: "number", from: "s/**", ...table }] });
  expect(board.mistakes).toEqual([]);
  const [first] = board.widgets;
  if (!first) throw new Error("the board gave no widget");
  return first;
}

function happening(offset: number, load: number, afterMs: number, replayed = false): Input {
  const event = { id: `id${offset}`, source: "s", time: new Date(START + afterMs).toISOString(), data: { load } };
  return { is: "event", seen: { stream: "s", offset, topic: "s/t", event, replayed }, now: START + afterMs };
}

const folded = (inputs: Input[], of: Widget, from: WidgetState = EMPTY) => inputs.reduce((state, input) => fold(state, input, of, RANGE_MS), from);
const last = widget({ value: { op: "last", of: "/data/load", bucket: "1s", window: "1m" }, levels: [{ above: 70 }, { above: 90, for: "10s", level: "alert" }] });
const readings = fc.array(fc.record({ load: fc.integer({ min: 0, max: 100 }), step: fc.nat(8_000) }), { maxLength: 40 });

function inputsOf(steps: { load: number; step: number }[], replayed: boolean): { inputs: Input[]; end: number } {
  let at = 0;
  return { inputs: steps.map(({ load, step: after }, index) => happening(index + 1, load, (at += after), replayed)), end: START + at };
}

describe("what holds", () => {
  it("is the same live, from history, and cut anywhere", () => {
    fc.assert(
      fc.property(readings, fc.nat(40), fc.nat(20_000), (steps, cut, later) => {
        const live = inputsOf(steps, false);
        const now = live.end + later;
        const held = levelsAt(folded(live.inputs, last), last, RANGE_MS, now);
        expect(levelsAt(folded(inputsOf(steps, true).inputs, last), last, RANGE_MS, now)).toEqual(held);
        const before = folded(live.inputs.slice(0, cut), last);
        expect(levelsAt(folded(live.inputs.slice(cut), last, before), last, RANGE_MS, now)).toEqual(held);
      }),
    );
  });

  it("needs all of `for`", () => {
    const state = folded([happening(1, 95, 0)], last);
    expect(levelsAt(state, last, RANGE_MS, START + 5_000)).toEqual([true, false]);
    expect(levelsAt(state, last, RANGE_MS, START + 12_000)).toEqual([true, true]);
    const fell = folded([happening(2, 20, 6_000), happening(3, 96, 8_000)], last, state);
    expect(levelsAt(fell, last, RANGE_MS, START + 12_000)).toEqual([true, false]);
  });

  it("finds silence: no order for two minutes", () => {
    const orders = widget({ value: { op: "count", window: "1m", bucket: "10s" }, levels: [{ below: 1, for: "2m", level: "alert" }] });
    const state = folded([happening(1, 1, 0)], orders);
    expect([60_000, 170_000, 200_000].map((after) => levelsAt(state, orders, RANGE_MS, START + after)[0])).toEqual([false, false, true]);
  });

  it("does not take what is missing for silence", () => {
    const orders = widget({ value: { op: "count" }, levels: [{ below: 1 }] });
    const gap: Input = { is: "gap", missed: { stream: "s", from: 1, to: 5, reason: "slow" }, since: START, now: START };
    expect(levelsAt(EMPTY, orders, RANGE_MS, START)).toEqual([true]);
    expect(levelsAt(folded([gap], orders), orders, RANGE_MS, START)).toEqual([false]);
  });

  it("looks at each key of a split by itself", () => {
    const split = widget({ type: "bar", value: { op: "count" }, split: { by: "/data/load" }, levels: [{ above: 2 }] });
    expect(levelsAt(folded([1, 2, 3, 1].map((load, index) => happening(index + 1, load, index)), split), split, RANGE_MS, START + 9)).toEqual([false]);
    expect(levelsAt(folded([1, 1, 3, 1].map((load, index) => happening(index + 1, load, index)), split), split, RANGE_MS, START + 9)).toEqual([true]);
  });

  it("names the gravest, and reads above, below and equals together", () => {
    const [warn, alert] = last.levels;
    expect(gravest(last.levels, [true, true])).toBe(alert);
    expect(gravest(last.levels, [true, false])).toBe(warn);
    expect(gravest(last.levels, [false, false])).toBeNull();
    const between = widget({ value: { op: "count" }, levels: [{ above: 1, below: 5 }] }).levels[0];
    expect(between && [0, 1, 3, 5].map((value) => reached(between, value, false))).toEqual([false, false, true, false]);
  });
});

describe("what fires", () => {
  const moments = fc.array(fc.record({ isLive: fc.boolean(), holds: fc.boolean() }), { maxLength: 60 });

  it("is each crossing between two live moments, and nothing else", () => {
    fc.assert(
      fc.property(moments, (seen) => {
        let alarm = ASLEEP;
        let expected = 0;
        let count = 0;
        for (const [index, { isLive, holds }] of seen.entries()) {
          const next = step(alarm, [holds], isLive);
          alarm = next.alarm;
          count += next.fired.length;
          const before = seen[index - 1];
          if (isLive && holds && before?.isLive && !before.holds) expected += 1;
        }
        expect(count).toBe(expected);
      }),
    );
  });

  it("is nothing while history comes, however often a level is crossed in it, nor at the first look after", () => {
    fc.assert(
      fc.property(readings, (steps) => {
        const { inputs, end } = inputsOf(steps, true);
        let [alarm, state] = [ASLEEP, EMPTY];
        const fired: number[] = [];
        for (const input of inputs) {
          state = fold(state, input, last, RANGE_MS);
          const next = step(alarm, levelsAt(state, last, RANGE_MS, input.now), false);
          alarm = next.alarm;
          fired.push(...next.fired);
        }
        fired.push(...step(alarm, levelsAt(state, last, RANGE_MS, end), true).fired);
        expect(fired).toEqual([]);
      }),
    );
  });
});

describe("a level that is mistaken", () => {
  it("names widget, level, key and what was expected", () => {
    const board = parseBoard({ widget: [{ id: "w", type: "number", from: "s/**", levels: [{ level: "panic" }, { above: "x", for: 5, sound: "gong", notify: 1, colour: "red" }] }] });
    expect(board.mistakes).toEqual([
      'widget "w", level 1: `level` should be one of info, warn, alert, not "panic"',
      'widget "w", level 1: `above` should be a number, or `below` or `equals` one',
      'widget "w", level 2: `above` should be a number, not "x"',
      'widget "w", level 2: `for` should be a duration such as "15m", not 5',
      'widget "w", level 2: `sound` should be one of bell, chime, coin, knock, alarm, or true for a bell, not "gong"',
      'widget "w", level 2: `notify` should be true or false, not 1',
      'widget "w", level 2: `colour` is no key of a level',
    ]);
    expect(board.widgets).toEqual([]);
  });
});
