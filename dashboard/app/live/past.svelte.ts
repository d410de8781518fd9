// Time, stopped and wound back. While it is stopped events go on being folded behind the picture, so that nothing is lost when it goes
// on. How an earlier moment is made is the business of winding.ts.

import type { LiveBoard } from "./board.svelte.ts";
import type { Winding } from "./winding.ts";

/** Steps of the arrow keys over the whole range. */
const STEPS = 120;

export class Past {
  /** When time was stopped; null while it runs. */
  stoppedAt = $state<number | null>(null);
  /** The moment that is shown while it is stopped. */
  at = $state<number | null>(null);
  /** Events that came since. */
  fresh = $state(0);
  /** Older events are being asked for. */
  isLoading = $state(false);
  #winding: Winding | null = null;
  #frame = 0;
  /** Counts up whenever what is wound is no longer what it was. */
  #turn = 0;

  constructor(readonly board: LiveBoard) {}

  pause(): void {
    if (this.stoppedAt !== null) return;
    const now = this.board.newestAt;
    [this.stoppedAt, this.at, this.fresh] = [now, now, 0];
    void this.#lay();
  }

  resume(): void {
    this.stop();
    [this.stoppedAt, this.at] = [null, null];
    this.board.changed();
  }

  /** Shows the board as it was then. */
  to(moment: number): void {
    if (this.stoppedAt === null) this.pause();
    const end = this.stoppedAt ?? moment;
    this.at = Math.min(end, Math.max(moment, end - this.board.rangeMs));
    this.#draw();
  }

  step(parts: number): void {
    // The first step only stops: the eye wants to see where it stands.
    if (this.at === null) this.pause();
    else this.to(this.at + (parts * this.board.rangeMs) / STEPS);
  }

  /** The board took another form: its widgets are wound to the same moment. */
  renew(): void {
    if (this.stoppedAt === null) return;
    void this.#lay().then(() => this.to(this.at ?? Infinity));
  }

  heardOne(): void {
    if (this.stoppedAt !== null) this.fresh += 1;
  }

  stop(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.#turn += 1;
    this.#winding?.stop();
    this.#winding = null;
    this.isLoading = false;
  }

  async #lay(): Promise<void> {
    this.stop();
    const turn = this.#turn;
    const { Winding } = await import("./winding.ts");
    if (turn !== this.#turn) return;
    this.#winding = new Winding(this.board);
    // Wound while it was being loaded.
    if (this.at !== this.stoppedAt) this.#draw();
  }

  #draw(): void {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      if (this.at === null || !this.#winding) return;
      this.#winding.draw(this.at);
      void this.#winding.reach(
        () => this.at ?? Infinity,
        () => this.#draw(),
        (isAsking) => (this.isLoading = isAsking),
      );
    });
  }
}
