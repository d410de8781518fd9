// The list of deliveries: each once, the newest first, bounded, and nothing missing without a row that says so.

import { describe, expect, it } from "vitest";
import { parseReport, type Report } from "../../fold/report.ts";
import { beatsOf, countsOf, exported, foldReports, NO_REPORTS, rateOf, ROWS_MAX, type ReportInput, type Reports } from "../../fold/reports.ts";
import { accepted, refused } from "./reports.ts";

const START = Date.parse("2026-11-26T12:00:00Z");
const id = (number: number) => `node0000-${String(number).padStart(8, "0")}`;

function report(number: number, at: number, changes: object = {}, make = accepted): Report {
  const found = parseReport(make({ id: id(number), received: new Date(START + at).toISOString(), ...changes }));
  if (!found) throw new Error("no report");
  return found;
}
const live = (each: Report): ReportInput => ({ is: "report", report: each, isLive: true });
const kept = (each: Report): ReportInput => ({ is: "kept", report: each });
const keys = ({ rows }: Reports) => rows.map((row) => (row.is === "report" ? Number(row.report.id.slice(9)) : row.is));

describe("the list", () => {
  it("holds each delivery once, from the stream and from memory, the newest first", () => {
    const first = foldReports(NO_REPORTS, [live(report(3, 30)), live(report(4, 40))]);
    const both = foldReports(first, [kept(report(4, 40)), kept(report(2, 20)), kept(report(1, 10))]);
    expect(keys(both)).toEqual([4, 3, 2, 1]);
    expect(both.wholeSince).toBe(START + 30);
    expect(keys(foldReports(both, [live(report(5, 35)), live(report(4, 40))]))).toEqual([4, 5, 3, 2, 1]);
    expect(keys(first)).toEqual([4, 3]);
  });

  it("shows what was only counted below the report that says so", () => {
    const state = foldReports(NO_REPORTS, [live(report(1, 10)), live(report(2, 20, { left_out: 31 }))]);
    expect(keys(state)).toEqual([2, "left out", 1]);
    expect(state.rows[1]).toMatchObject({ count: 31, source: "parcels", isRefused: false });
  });

  it("has a row for a gap, between what came before and after", () => {
    const missed = { stream: "hookcast", from: 17, to: 30, reason: "slow" };
    const before = foldReports(NO_REPORTS, [live(report(1, 10))]);
    const after = foldReports(before, [{ is: "gap", missed, since: START + 15, now: START + 60 }, live(report(2, 50))]);
    expect(keys(after)).toEqual([2, "gap", 1]);
    expect(exported(after.rows).split("\n")[1]).toContain('"from":17,"to":30');
  });

  it("is bounded, and what went may come again", () => {
    const inputs = Array.from({ length: ROWS_MAX + 10 }, (_, index) => live(report(index, index)));
    const full = foldReports(NO_REPORTS, inputs);
    expect(full.rows.length).toBe(ROWS_MAX);
    expect(full.ids.size).toBe(ROWS_MAX);
    expect(full.ids.has(id(0))).toBe(false);
    expect(full.ids.has(id(ROWS_MAX + 9))).toBe(true);
  });

  it("counts what could not be read", () => {
    expect(foldReports(NO_REPORTS, [{ is: "unreadable" }, { is: "unreadable" }]).unreadable).toBe(2);
  });

  it("tells rate and refused share, with what was only counted", () => {
    const state = foldReports(NO_REPORTS, [
      live(report(0, -70_000)),
      live(report(1, 10_000)),
      live(report(2, 20_000, { left_out: 8 }, refused)),
    ]);
    expect(rateOf(state, START + 40_000, 60_000)).toEqual({ perSecond: 10 / 60, refusedShare: 90, count: 10, refused: 9, isLeast: false });
    const missed = { stream: "hookcast", from: null, to: null, reason: "epoch" };
    const gapped = foldReports(state, [{ is: "gap", missed, since: START + 15_000, now: START + 16_000 }]);
    expect(rateOf(gapped, START + 40_000, 60_000).isLeast).toBe(true);
    expect(rateOf(gapped, START + 100_000, 60_000).isLeast).toBe(false);
    expect(rateOf(NO_REPORTS, START, 60_000)).toEqual({ perSecond: 0, refusedShare: null, count: 0, refused: 0, isLeast: false });
  });

  it("draws beats that do not swim", () => {
    const state = foldReports(NO_REPORTS, [live(report(1, 1_000)), live(report(2, 6_000, {}, refused)), live(report(3, 6_500))]);
    const beats = beatsOf(state, START + 9_000, 5_000, 3);
    expect(beats.map(({ at, taken, refused: bad }) => [at - START, taken, bad])).toEqual([[-5_000, 0, 0], [0, 1, 0], [5_000, 1, 1]]);
    expect(beatsOf(state, START + 9_999, 5_000, 3)).toEqual(beats);
  });

  it("counts values", () => {
    const state = foldReports(NO_REPORTS, [live(report(1, 1)), live(report(2, 2, {}, refused)), live(report(3, 3))]);
    expect([...countsOf(state.rows, ({ outcome }) => outcome, ({ source }) => source !== "x")]).toEqual([["accepted", 2], ["refused", 1]]);
  });
});
