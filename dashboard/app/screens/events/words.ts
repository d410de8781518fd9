// How this screen says sizes, spans and reasons.

import { typeOf, type Report } from "../../../fold/report.ts";

export function took(ms: number | null): string {
  if (ms === null) return "–";
  if (ms >= 1_000) return `${(ms / 1_000).toFixed(1)} s`;
  return `${ms.toFixed(ms < 10 ? 1 : 0)} ms`;
}

export function size(bytes: number | null): string {
  if (bytes === null) return "size unknown";
  if (bytes < 1_024) return `${bytes} B`;
  return bytes < 1_048_576 ? `${(bytes / 1_024).toFixed(1)} KiB` : `${(bytes / 1_048_576).toFixed(1)} MiB`;
}

export function share(of100: number | null): string {
  if (of100 === null) return "–";
  return `${of100 > 0 && of100 < 9.95 ? of100.toFixed(1) : of100.toFixed(0)} %`;
}

/** Why it was not taken, or what else is odd about it; empty for what is simply there. */
export function why(report: Report): string {
  if (report.outcome === "accepted") return "";
  if (report.outcome === "duplicate") return "the log has it already";
  if (report.outcome === "filtered") {
    const rules = [...new Set(report.events.flatMap(({ filteredBy }) => filteredBy ?? []))].join(", ");
    return rules === "" ? report.says : `kept out by ${rules}`;
  }
  return report.says || (report.reason ?? "");
}

/** One line for those who listen. */
export function spoken(report: Report): string {
  return [report.outcome, report.source, typeOf(report), why(report)].filter(Boolean).join(", ");
}
