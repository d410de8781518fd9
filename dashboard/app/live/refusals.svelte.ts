// The newest delivery that was refused, for the line that leads to its reason. Only an operator hears of those.

import type { Session } from "./session.svelte.ts";

/** Further back nobody would remember having sent it. */
const AGE_MS = 600_000;

export interface Refusal {
  id: string;
  source: string;
  says: string;
}

export class Refusals {
  newest = $state.raw<Refusal | null>(null);
  count = $state(0);

  /** Listens until undone. */
  listen(session: Session): () => void {
    return session.client.subscribe("hookcast/delivery/*/refused", { event: ({ event }) => this.#take(event.data) }, { since: { ageMs: AGE_MS } });
  }

  #take(data: unknown): void {
    const said = new Map<string, unknown>(typeof data === "object" && data !== null ? Object.entries(data) : []);
    const [id, source, says] = [said.get("id"), said.get("source"), said.get("says") ?? said.get("reason")];
    if (typeof id !== "string" || typeof source !== "string") return;
    this.count += 1;
    this.newest = { id, source, says: typeof says === "string" ? says : "refused" };
  }
}
