// "Pull the plug": cuts the connection for five seconds and then counts, from what the SDK brings, what was
// caught up and what was missed. Nothing here is assumed: a gap that is told shows as missed.

import type { Client, Gap, Message, State } from "../../sdk/index.ts";

const CUT_MS = 5_000;

export type PlugPhase =
  | { is: "in" }
  | { is: "out"; secondsLeft: number }
  | { is: "resuming" }
  | { is: "resumed"; caughtUp: number; missed: number | null };

export class Plug {
  phase = $state<PlugPhase>({ is: "in" });
  #caughtUp = new Set<string>();
  #missed: number | null = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(private client: Client) {}

  pull(): void {
    if (this.phase.is === "out" || this.phase.is === "resuming") return;
    this.#caughtUp.clear();
    this.#missed = 0;
    this.client.close();
    const until = Date.now() + CUT_MS;
    const step = () => {
      const left = Math.ceil((until - Date.now()) / 1_000);
      if (left > 0) this.phase = { is: "out", secondsLeft: left };
      else this.#putBack();
    };
    this.#timer = setInterval(step, 200);
    step();
  }

  sawState(state: State): void {
    if (this.phase.is !== "resuming" || state.is !== "live" || state.catchingUp > 0) return;
    this.phase = { is: "resumed", caughtUp: this.#caughtUp.size, missed: this.#missed };
  }

  sawMessage(message: Message): void {
    // Two widgets may hear one event; it was one event all the same.
    if (this.phase.is === "resuming" && message.replayed) this.#caughtUp.add(`${message.stream}:${message.offset}`);
  }

  sawGap(gap: Gap): void {
    if (this.phase.is !== "resuming") return;
    const known = gap.from !== null && gap.to !== null && this.#missed !== null;
    this.#missed = known ? (this.#missed ?? 0) + (gap.to ?? 0) - (gap.from ?? 0) + 1 : null;
  }

  /** Nobody looks any more: the connection is everybody's, and must not stay cut. */
  stop(): void {
    clearInterval(this.#timer);
    if (this.phase.is === "out") this.#putBack();
  }

  #putBack(): void {
    clearInterval(this.#timer);
    this.phase = { is: "resuming" };
    this.client.open();
  }
}
