// The list of deliveries, alive: what the reserved stream tells, with history, merged with what the gateway remembers. Shown
// once a frame. It speaks to the SDK and to the gateway's API; what a report is, is the fold's business.

import { parseReport } from "../../fold/report.ts";
import { foldReports, NO_REPORTS, type ReportInput, type Reports } from "../../fold/reports.ts";
import { read } from "../../fold/pointer.ts";
import type { HookcastError } from "../../sdk/index.ts";
import { ask } from "./gateway.ts";
import type { Session } from "./session.svelte.ts";

/** Reports of history that are asked for: some megabyte at most. */
const LAST = 1_000;
/** What a node remembers, its newest hundred of each source and kind, is read page by page; after a reconnect the newest will do. */
const KEPT_LIMIT = 1_000;
const PAGES_MAX = 5;
/** A hidden page draws no frame; what waits is folded all the same before it grows. */
const WAITING_MAX = 500;

export class LiveReports {
  shown = $state.raw<Reports>(NO_REPORTS);
  /** The stream's history is here. */
  isReady = $state(false);
  /** The gateway ended or refused the subscription. */
  refusal = $state.raw<HookcastError | null>(null);
  /** Which node's memory was read, and why it could not be. */
  node = $state<string | null>(null);
  keptTrouble = $state<string | null>(null);
  #folded: Reports = NO_REPORTS;
  #waiting: ReportInput[] = [];
  #frame = 0;
  #wholeUntil: number | null = null;
  #isStopped = false;

  constructor(readonly session: Session) {}

  start(): () => void {
    const { client } = this.session;
    const undo = client.subscribe(
      "hookcast/delivery/**",
      {
        event: ({ event, replayed }) => {
          this.#wholeUntil = client.now();
          const report = parseReport(event.data);
          this.#take(report ? { is: "report", report, isLive: !replayed } : { is: "unreadable" });
        },
        gap: (missed) => {
          const now = client.now();
          this.#take({ is: "gap", missed, since: this.session.lostAt ?? this.#wholeUntil ?? now, now });
        },
        ready: () => {
          this.#wholeUntil = client.now();
          // After each reconnect too: what was reported while nobody listened may be remembered.
          void this.#remember(this.isReady ? 1 : PAGES_MAX);
          this.isReady = true;
        },
        error: (error) => (this.refusal = error),
      },
      { since: { last: LAST } },
    );
    return () => {
      this.#isStopped = true;
      undo();
      cancelAnimationFrame(this.#frame);
    };
  }

  /** Adds what the gateway's memory holds. */
  async #remember(pages: number): Promise<void> {
    try {
      let before = "";
      for (let page = 0; page < pages && !this.#isStopped; page += 1) {
        const answer = await ask(this.session.pass, `/api/v1/deliveries?limit=${KEPT_LIMIT}${before}`);
        const oldest = [...this.takeKept(answer)].at(-1);
        if (read(answer, "/more") !== true || oldest === undefined) break;
        before = `&before=${encodeURIComponent(oldest)}`;
      }
      this.keptTrouble = null;
    } catch (error) {
      this.keptTrouble = error instanceof Error ? error.message : String(error);
    }
  }

  /** Puts an answer's reports among the others and gives their ids. */
  takeKept(answer: unknown): Set<string> {
    const ids = new Set<string>();
    const deliveries = read(answer, "/deliveries");
    const node = read(answer, "/node");
    if (typeof node === "string") this.node = node;
    for (const each of Array.isArray(deliveries) ? deliveries : []) {
      const report = parseReport(each);
      this.#take(report ? { is: "kept", report } : { is: "unreadable" });
      if (report) ids.add(report.id);
    }
    return ids;
  }

  #take(input: ReportInput): void {
    if (this.#isStopped) return;
    this.#waiting.push(input);
    if (this.#waiting.length >= WAITING_MAX) this.#fold();
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#fold();
      this.shown = this.#folded;
    });
  }

  #fold(): void {
    this.#folded = foldReports(this.#folded, this.#waiting);
    this.#waiting = [];
  }
}
