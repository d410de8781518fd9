// Deliveries as rows, the newest first, from two places: the live stream and what a node remembers. Each stands once,
// by its id; what was only counted and what was missed are rows of their own. Pure.

import type { Missed } from "./event.ts";
import type { Report } from "./report.ts";

/** Rows that are kept; the oldest goes. */
export const ROWS_MAX = 5_000;

export type ReportRow =
  | { is: "report"; key: string; at: number; report: Report; isLive: boolean }
  /** Too many came within a second: they were only counted. */
  | { is: "left out"; key: string; at: number; source: string; count: number; isRefused: boolean }
  | { is: "gap"; key: string; at: number; until: number; missed: Missed };

export interface Reports {
  rows: readonly ReportRow[];
  ids: ReadonlySet<string>;
  /** Back to when the stream brought every report, ms; older rows are what a node happens to keep. Null before anything came. */
  wholeSince: number | null;
  /** What claimed to be a report and could not be read. */
  unreadable: number;
}

export const NO_REPORTS: Reports = { rows: [], ids: new Set(), wholeSince: null, unreadable: 0 };

export type ReportInput =
  /** From the stream. `isLive`: it came now, not as history. */
  | { is: "report"; report: Report; isLive: boolean }
  /** From a node's memory. */
  | { is: "kept"; report: Report }
  | { is: "unreadable" }
  /** `since`: up to when the list is known to be whole. */
  | { is: "gap"; missed: Missed; since: number; now: number };

/** Many at once: a frame's worth. */
export function foldReports(state: Reports, inputs: readonly ReportInput[]): Reports {
  const fresh: ReportRow[] = [];
  const ids = new Set(state.ids);
  let { wholeSince, unreadable } = state;
  for (const input of inputs) {
    if (input.is === "unreadable") {
      unreadable += 1;
    } else if (input.is === "gap") {
      const { missed, since, now } = input;
      fresh.push({ is: "gap", key: `gap ${missed.stream} ${missed.from} ${missed.to} ${now}`, at: since, until: now, missed });
    } else {
      const { report } = input;
      if (input.is === "report") wholeSince = Math.min(wholeSince ?? report.at, report.at);
      if (ids.has(report.id)) continue;
      ids.add(report.id);
      fresh.push(...rowsOf(report, input.is === "report" && input.isLive));
    }
  }
  if (fresh.length === 0) return { ...state, wholeSince, unreadable };
  const rows = merged(fresh.sort(newestFirst), state.rows);
  const kept = rows.slice(0, ROWS_MAX);
  for (const row of rows.slice(ROWS_MAX)) if (row.is === "report") ids.delete(row.report.id);
  return { rows: kept, ids, wholeSince, unreadable };
}

function rowsOf(report: Report, isLive: boolean): ReportRow[] {
  const row: ReportRow = { is: "report", key: report.id, at: report.at, report, isLive };
  if (report.leftOut === 0) return [row];
  const { source, leftOut: count, outcome } = report;
  // They came before it: half a millisecond puts them below.
  return [row, { is: "left out", key: `left out ${report.id}`, at: report.at - 0.5, source, count, isRefused: outcome === "refused" }];
}

function newestFirst(left: ReportRow, right: ReportRow): number {
  return right.at - left.at;
}

/** Two lists, each the newest first; of equal age the fresh one stands above. */
function merged(fresh: readonly ReportRow[], rows: readonly ReportRow[]): ReportRow[] {
  const out: ReportRow[] = [];
  let place = 0;
  for (const row of fresh) {
    for (let old = rows[place]; old !== undefined && old.at > row.at; old = rows[place]) {
      out.push(old);
      place += 1;
    }
    out.push(row);
  }
  return out.concat(rows.slice(place));
}

export interface Rate {
  /** Deliveries a second, those that were only counted too. */
  perSecond: number;
  /** Of a hundred; null where nothing came. */
  refusedShare: number | null;
  count: number;
  refused: number;
  /** Some were missed in that time: the numbers are the least. */
  isLeast: boolean;
}

/** Over the last `windowMs`, or as long as there is anything to go by. */
export function rateOf({ rows }: Reports, now: number, windowMs: number): Rate {
  let [count, refused, oldest] = [0, 0, now];
  let isLeast = false;
  for (const row of rows) {
    if (row.is === "gap") isLeast ||= row.until >= now - windowMs && row.at <= now;
    oldest = row.at;
    if (row.at < now - windowMs) break;
    if (row.is === "gap") continue;
    const many = row.is === "report" ? 1 : row.count;
    count += many;
    if (row.is === "report" ? row.report.outcome === "refused" : row.isRefused) refused += many;
  }
  const seconds = Math.min(windowMs, Math.max(1_000, now - oldest)) / 1_000;
  return { perSecond: count / seconds, refusedShare: count === 0 ? null : (100 * refused) / count, count, refused, isLeast };
}

export interface Beat {
  at: number;
  taken: number;
  refused: number;
}

/** How many came in each of the last `count` spans of `spanMs`, the oldest first. Spans are aligned: they do not swim. */
export function beatsOf({ rows }: Reports, now: number, spanMs: number, count: number): Beat[] {
  const newest = Math.floor(now / spanMs);
  const beats = Array.from({ length: count }, (_, index): Beat => ({ at: (newest - count + 1 + index) * spanMs, taken: 0, refused: 0 }));
  for (const row of rows) {
    const index = Math.floor(row.at / spanMs) - newest + count - 1;
    if (index < 0) break;
    const beat = beats[Math.min(index, count - 1)];
    if (!beat || row.is === "gap") continue;
    const isRefused = row.is === "report" ? row.report.outcome === "refused" : row.isRefused;
    beat[isRefused ? "refused" : "taken"] += row.is === "report" ? 1 : row.count;
  }
  return beats;
}

/** How often each value of a kind stands in these rows, by the number of times. */
export function countsOf(rows: readonly ReportRow[], valueOf: (report: Report) => string, isWanted: (report: Report) => boolean): Map<string, number> {
  const counts = new Map<string, number>();
  for (const row of rows) {
    if (row.is !== "report" || !isWanted(row.report)) continue;
    const value = valueOf(row.report);
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return counts;
}

/** What is shown, a line of JSON each; what is missing is said too. */
export function exported(rows: readonly ReportRow[]): string {
  const lines = rows.map((row) => {
    if (row.is === "report") return JSON.stringify(row.report.raw);
    if (row.is === "gap") return JSON.stringify({ gap: row.missed, since: new Date(row.at).toISOString(), until: new Date(row.until).toISOString() });
    return JSON.stringify({ left_out: row.count, source: row.source, before: new Date(row.at).toISOString() });
  });
  return lines.map((line) => `${line}\n`).join("");
}
