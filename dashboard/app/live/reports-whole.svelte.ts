// One delivery, whole: its report, what is kept of the request, and, where that is gone, what the log still has of it.

import { memberOf, parseJson, type Json } from "../../fold/report-json.ts";
import { parseReplayed, type Replayed } from "../../fold/report-replay.ts";
import { parseWhole, type Request } from "../../fold/report-request.ts";
import type { Report } from "../../fold/report.ts";
import { ask, askText, Problem, sending } from "./gateway.ts";
import type { Session } from "./session.svelte.ts";

const RETRY_MS = 3_000;
/** Many are sent one after the other; the gateway gives them 30 s. */
const SEND_MS = 35_000;

export type Kept =
  | { is: "loading" }
  /** `request` is null where its body was never read. */
  | { is: "kept"; report: Report | null; request: Request | null; isUnproven: boolean | null }
  /** This node does not keep it: too old, or another's. */
  | { is: "gone"; says: string }
  | { is: "failed"; says: string };

export class WholeDelivery {
  kept = $state.raw<Kept>({ is: "loading" });
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isStopped = false;

  constructor(
    readonly session: Session,
    readonly id: string,
  ) {}

  start(): () => void {
    void this.#load();
    return () => {
      this.#isStopped = true;
      clearTimeout(this.#timer);
    };
  }

  async #load(): Promise<void> {
    const kept = await this.#ask();
    if (this.#isStopped) return;
    this.kept = kept;
    // The gateway may be away; nobody should have to press a key when it is back.
    if (kept.is === "failed") this.#timer = setTimeout(() => void this.#load(), RETRY_MS);
  }

  async #ask(): Promise<Kept> {
    try {
      return { is: "kept", ...parseWhole(await ask(this.session.pass, `/api/v1/deliveries/${encodeURIComponent(this.id)}`)) };
    } catch (error) {
      if (error instanceof Problem && error.status === 404) return { is: "gone", says: error.detail };
      return { is: "failed", says: error instanceof Error ? error.message : String(error) };
    }
  }
}

/** The data of an event as it was published, from the log; null where the log has let it go. */
export async function published(session: Session, topic: string, position: string): Promise<Json | null> {
  const colon = position.lastIndexOf(":");
  const offset = Number(position.slice(colon + 1));
  const asked = new URLSearchParams({ pattern: topic, after: `${position.slice(0, colon)}:${offset - 1}`, limit: "1" });
  const answer = parseJson(await askText(session.pass, `/api/v1/events?${asked}`));
  const first = memberOf(memberOf(answer, "events"), "0");
  const at = memberOf(first, "offset");
  if (at?.is !== "number" || Number(at.text) !== offset) return null;
  return memberOf(memberOf(first, "event"), "data");
}

export interface Again {
  sign: boolean;
  /** Signed anew though no secret fitted it. */
  unproven?: boolean;
  /** Another body than the one that came. */
  body?: string;
  count?: number;
}

/** Sends a delivery once more. Throws `Problem`: `unproven` asks whether it is meant. */
export async function sendAgain(session: Session, id: string, how: Again): Promise<Replayed> {
  const init = { ...sending("POST", how), signal: AbortSignal.timeout(SEND_MS) };
  return parseReplayed(await ask(session.pass, `/api/v1/deliveries/${encodeURIComponent(id)}/replay`, init));
}
