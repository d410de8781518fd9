// Draws what changed, and rests in proportion to what it cost: a board with three events a second is drawn whole and at once, one with two
// thousand a part a frame, so that it can be scrolled meanwhile, and one with ten thousand whole again, but seldom.
//
//     ask ──▶ frame ──▶ draw a part ──▶ painted, it cost c ──▶ rest for REST × c ──▶ next frame, if there is more
//                                   └─▶ messages wait in a queue: a part costs a layout as the whole does, so the whole, and a long rest

/** So many parts of rest to one of drawing. */
const REST = 1;
/** What a part may cost: half a frame of 16 ms, so that none is left out. */
const PART_MS = 8;
/** One widget's cost is told from the last few parts: a single one may have waited for something else. */
const WEIGHT = 0.25;
/** Messages that wait longer than this after a paint, by the last few, are a flood: one that is through its queue now and then is still one. */
const FLOOD_MS = 25;
const FLOOD_REST = 9;
const FLOOD_REST_MIN_MS = 400;
/** However slow a machine, and however long it slept over a drawing, it shows what happens. */
const REST_MAX_MS = 2_000;

/** Draws so many widgets at most; says how many it drew, and whether others wait. */
export type Draw = (most: number) => { drawn: number; isMore: boolean };

export class Pacer {
  /** "drawing" until it is painted and its cost is known. */
  #is: "idle" | "asked" | "drawing" = "idle";
  #isMore = false;
  #frame = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #restsUntil = 0;
  #eachMs = 0;
  #waitMs = 0;

  constructor(private draw: Draw) {}

  /** Something changed: it is drawn with the next frame that is due. */
  ask(): void {
    if (this.#is === "drawing") this.#isMore = true;
    if (this.#is !== "idle") return;
    this.#is = "asked";
    const rest = this.#restsUntil - performance.now();
    if (rest > 0) this.#timer = setTimeout(() => this.#await(), rest);
    else this.#await();
  }

  stop(): void {
    clearTimeout(this.#timer);
    cancelAnimationFrame(this.#frame);
    this.#is = "idle";
  }

  get #isFlooded(): boolean {
    return this.#waitMs > FLOOD_MS;
  }

  #await(): void {
    this.#frame = requestAnimationFrame(() => {
      this.#is = "drawing";
      const began = performance.now();
      let drawn = 0;
      try {
        ({ drawn, isMore: this.#isMore } = this.draw(this.#isFlooded ? Infinity : Math.max(1, Math.floor(PART_MS / this.#eachMs))));
      } finally {
        // Whatever becomes of one drawing, there is a next.
        afterPaint(() => this.#painted(performance.now() - began, drawn));
      }
    });
  }

  #painted(ms: number, drawn: number): void {
    if (this.#is !== "drawing") return;
    const now = performance.now();
    const rest = this.#isFlooded ? Math.max(FLOOD_REST_MIN_MS, FLOOD_REST * ms) : REST * ms;
    this.#restsUntil = now + Math.min(REST_MAX_MS, rest);
    if (drawn > 0) this.#eachMs += WEIGHT * (Math.min(REST_MAX_MS, ms) / drawn - this.#eachMs);
    inTurn(() => (this.#waitMs += WEIGHT * (Math.min(REST_MAX_MS, performance.now() - now) - this.#waitMs)));
    this.#is = "idle";
    if (this.#isMore) this.ask();
  }
}

/** What is posted from a frame is taken after its layout and paint; and before whatever else waits, or a flood of messages would count as cost. */
function afterPaint(then: () => void): void {
  if ("scheduler" in globalThis) void scheduler.postTask(then, { priority: "user-blocking" });
  else inTurn(then);
}

/** Behind the messages that came before it. */
function inTurn(then: () => void): void {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    then();
  };
  port2.postMessage(null);
}
