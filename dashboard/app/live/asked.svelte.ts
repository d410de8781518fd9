// A question put to the gateway again and again while somebody looks: the last answer stays, says of when it is, and beside it
// stands why there is no newer one. One call at a time; nothing is asked in a hidden tab.

/** Changes that come faster are shown together. */
const NUDGE_MS = 1_000;
/** So many turns without a new answer, and the last one says how old it is. */
const TURNS_MISSED_MAX = 4;

export class Asked<T> {
  value = $state.raw<T | null>(null);
  /** When the answer was true, by the gateway's clock. */
  asOf = $state<number | null>(null);
  /** Why the newest question has no answer; null once one came. */
  trouble = $state.raw<Error | null>(null);
  #asking: Promise<void> | null = null;
  #isDirty = false;
  #nudge: ReturnType<typeof setTimeout> | undefined;
  #generation = 0;
  #everyMs = Infinity;

  constructor(
    private readonly question: () => Promise<T>,
    private readonly now: () => number,
  ) {}

  /** There is an answer, and it may no longer be true: the newest question failed, or none was put for long, as after sleep. */
  isOld(now: number): boolean {
    return this.value !== null && (this.trouble !== null || now - (this.asOf ?? now) > this.#everyMs * TURNS_MISSED_MAX);
  }

  /** Asks now; while an answer is on its way, once more after it. */
  refresh(): Promise<void> {
    if (this.#asking) {
      this.#isDirty = true;
      return this.#asking;
    }
    this.#asking = this.#ask().finally(() => {
      this.#asking = null;
      if (!this.#isDirty) return;
      this.#isDirty = false;
      void this.refresh();
    });
    return this.#asking;
  }

  /** Something has changed: asks soon, however often this is called. */
  nudge(): void {
    this.#nudge ??= setTimeout(() => {
      this.#nudge = undefined;
      if (document.visibilityState === "visible") void this.refresh();
    }, NUDGE_MS);
  }

  /** The answer belongs to another question from here on. */
  forget(): void {
    this.#generation += 1;
    this.value = null;
    this.asOf = null;
    this.trouble = null;
  }

  /** Asks every so often while the page is seen, and at once when it is seen again. Returns its undo. */
  keep(everyMs: number): () => void {
    this.#everyMs = everyMs;
    const look = () => {
      if (document.visibilityState === "visible") void this.refresh();
    };
    const timer = setInterval(look, everyMs);
    document.addEventListener("visibilitychange", look);
    look();
    return () => {
      clearInterval(timer);
      clearTimeout(this.#nudge);
      this.#nudge = undefined;
      document.removeEventListener("visibilitychange", look);
    };
  }

  async #ask(): Promise<void> {
    const mine = this.#generation;
    const asked = this.now();
    try {
      const value = await this.question();
      if (mine !== this.#generation) return;
      this.value = value;
      this.asOf = asked;
      this.trouble = null;
    } catch (error) {
      if (mine !== this.#generation) return;
      this.trouble = worded(error);
    }
  }
}

/** What a browser says of a lost network means nothing to anybody. */
export function worded(error: unknown): Error {
  if (error instanceof DOMException && error.name === "TimeoutError") return new Error("the gateway did not answer in time");
  if (error instanceof TypeError || error instanceof DOMException) return new Error("the gateway does not answer");
  return error instanceof Error ? error : new Error(String(error));
}
