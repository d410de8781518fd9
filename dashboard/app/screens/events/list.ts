// The rows a search leaves, and the border below which the list is only what a node happens to keep.

import type { Reports, ReportRow } from "../../../fold/reports.ts";
import { countsOf } from "../../../fold/reports.ts";
import { matchesSearch, without, type Search } from "../../../fold/search.ts";

/** Above it the stream told everything. */
export interface EdgeRow {
  is: "edge";
  key: string;
  at: number;
  node: string | null;
}

export type ListRow = ReportRow | EdgeRow;

export function listed(reports: Reports, search: Search, found: ReadonlySet<string> | null, node: string | null): ListRow[] {
  const rows: ListRow[] = reports.rows.filter((row) => isListed(row, search, found));
  const { wholeSince } = reports;
  const border = wholeSince === null ? -1 : rows.findIndex(({ at }) => at < wholeSince - 1);
  return wholeSince === null || border < 0 ? rows : rows.toSpliced(border, 0, { is: "edge", key: "edge", at: wholeSince, node });
}

/** A gap may hide what is looked for, so it is always there; what was only counted has a source and nothing else. */
function isListed(row: ReportRow, search: Search, found: ReadonlySet<string> | null): boolean {
  if (row.is === "report") return matchesSearch(search, row.report, found);
  if (row.is === "gap") return true;
  if (search.text !== "" || search.terms.some(({ key }) => key !== "source")) return false;
  const sources = search.terms.filter(({ isNot }) => !isNot);
  return sources.length === 0 || sources.some(({ value }) => value.toLowerCase() === row.source.toLowerCase());
}

/** What each chip would leave, were it the only one of its kind. */
export function facets({ rows }: Reports, search: Search, found: ReadonlySet<string> | null): { outcomes: Map<string, number>; sources: Map<string, number> } {
  const [anyOutcome, anySource] = [without(search, "outcome"), without(search, "source")];
  const sources = countsOf(rows, ({ source }) => source, () => true);
  const matching = countsOf(rows, ({ source }) => source, (report) => matchesSearch(anySource, report, found));
  // A source that the search empties keeps its chip, at zero.
  for (const source of sources.keys()) sources.set(source, matching.get(source) ?? 0);
  return { sources, outcomes: countsOf(rows, ({ outcome }) => outcome, (report) => matchesSearch(anyOutcome, report, found)) };
}
