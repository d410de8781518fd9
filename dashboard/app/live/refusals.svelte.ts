// The newest delivery that was refused, for the line that leads to its reason. Only an operator hears of those.

import { Fields } from "./fields.ts";
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
    const said = new Fields(data);
    const [id, source] = [said.textOrNull("id"), said.textOrNull("source")];
    if (id === null || source === null) return;
    this.count += 1;
    this.newest = { id, source, says: said.textOrNull("says") ?? said.textOrNull("reason") ?? "refused" };
  }
}
