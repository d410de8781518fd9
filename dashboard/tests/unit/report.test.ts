// Reports as the gateway writes them, and as an attacker would like them to be read.

import { describe, expect, it } from "vitest";
import { parseReport, typeOf, type Report } from "../../fold/report.ts";
import { failedStep, mendOf, stepsOf } from "../../fold/report-mend.ts";
import { shownLines, shownText } from "../../fold/report-text.ts";
import { accepted, filtered, refused } from "./reports.ts";

function parsed(json: unknown): Report {
  const report = parseReport(json);
  if (!report) throw new Error("no report");
  return report;
}

describe("a report", () => {
  it("of an accepted delivery names what it became", () => {
    const report = parsed(accepted());
    expect(report).toMatchObject({ id: "j4thwc59-ekmu5z9h", node: "j4thwc59", outcome: "accepted", status: 202, tookMs: 8.746, secret: "parcels", bytes: 98, leftOut: 0 });
    expect(report.events).toEqual([{ id: "0a7509c9", type: "moved", topic: "parcels/HC-70305/moved", outcome: "accepted", position: "z0ib6lq5:5", filteredBy: null, failures: [] }]);
    expect(stepsOf(report).map(({ result }) => result)).toEqual(Array(6).fill("ok"));
    expect(mendOf(report)).toBeNull();
    expect(typeOf(report)).toBe("moved");
    expect(typeOf({ ...report, eventsTotal: 12 })).toBe("moved +11");
  });

  it("of a refused one names the check that failed, and the mend", () => {
    const report = parsed(refused());
    expect(failedStep(report)).toMatchObject({ check: "signature", title: "Signature equal" });
    expect(stepsOf(report).map(({ result }) => result)).toEqual(["ok", "ok", "failed", "not_reached", "not_reached", "not_reached"]);
    expect(mendOf(report)).toMatchObject({ at: "source", then: "replay" });
  });

  it("speaks of a token where one is sent, and of nothing where nothing is proven", () => {
    const report = parsed(refused());
    expect(stepsOf(report, "token").map(({ title }) => title)).toEqual(["Token found", "No time to check", "Token equal", "Events told apart", "Rules let it through", "Appended to the log"]);
    expect(stepsOf(report, "nothing").map(({ title }) => title).slice(0, 3)).toEqual(["No header to find", "No time to check", "No proof to check"]);
    for (const reason of ["missing", "malformed", "mismatch"]) {
      const mend = mendOf(parsed(refused({ reason })), "token");
      expect(`${mend?.means} ${mend?.steps.join(" ")}`).not.toMatch(/sign/);
      expect(mend?.then).not.toBe("replay");
    }
    expect(mendOf(parsed(refused({ reason: "too_large" })), "token")).toEqual(mendOf(parsed(refused({ reason: "too_large" }))));
  });

  it("of a filtered one names the rule and what its expressions saw", () => {
    const report = parsed(filtered());
    expect(report.events[0]).toMatchObject({ topic: null, filteredBy: "accept", failures: [{ rule: "accept_if", why: "no such key", saw: "amount: null" }] });
    expect(mendOf(report)?.means).toContain("`accept`");
  });

  it("mends every reason that the gateway gives in a way of its own", () => {
    const reasons = ["missing", "malformed", "mismatch", "wrong_content", "stale", "future", "no_key", "address", "too_large", "timeout", "bad_request", "encoding", "method_not_allowed", "unavailable"];
    const means = reasons.map((reason) => mendOf(parsed(refused({ reason })))?.means);
    expect(new Set(means).size).toBe(reasons.length);
    expect(mendOf(parsed(refused({ reason: "of tomorrow" })))?.steps.length).toBe(1);
  });

  it("is none without a true id, time, source and outcome", () => {
    const bad = [null, 7, "x", [], {}, refused({ id: "../../x" }), refused({ id: "j4thwc59-ekmu5z9h/replay" }), refused({ received: "yesterday" }), refused({ outcome: "fine" }), refused({ source: 1 }), { __proto__: refused() }];
    expect(bad.map(parseReport)).toEqual(bad.map(() => null));
  });

  it("bounds what it holds and spells out what cannot be seen", () => {
    const events = Array.from({ length: 1_000 }, () => ({ id: "x".repeat(5_000), type: "pay\u202egnp.exe", topic: "a/b\u0007" }));
    const report = parsed(accepted({ events, events_total: 1_000, checks: Array(500).fill({ check: "x", result: "odd" }), left_out: -3, status: "202", took_ms: Infinity }));
    expect(report.events.length).toBe(20);
    expect(report.eventsTotal).toBe(1_000);
    expect(report.events[0]).toMatchObject({ type: "pay\\u202egnp.exe", topic: "a/b\\u0007" });
    expect(report.events[0]?.id.length).toBe(256);
    expect(report.checks.length).toBe(12);
    expect(report).toMatchObject({ leftOut: 0, status: null, tookMs: null });
  });
});

describe("text of a stranger", () => {
  it("shows what would turn it or hide", () => {
    expect(shownText("a\u202eb\u200bc\u0000d\ufeff\u{e0041}", 99)).toBe("a\\u202eb\\u200bc\\u0000d\\ufeff\\u{e0041}");
    expect(shownText("naïve 日本 👩‍👩‍👧 ok", 99)).toContain("naïve 日本");
    expect(shownText("x".repeat(9), 4)).toBe("xxx…");
    expect(shownText("ab😀d", 4)).toBe("ab…");
    expect(shownLines("a\r\n\tb\u2066", 99)).toBe("a\n\tb\\u2066");
  });
});
