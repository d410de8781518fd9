// Draws what changed, once a frame, and rests in proportion to what the last drawing cost: a board under ten thousand events a second stays one
// that can be scrolled, and one with three a second is drawn at once.
//
//     ask ──▶ frame ──▶ draw ──▶ painted, it cost c ──▶ rest for REST × c ──▶ next frame, if asked meanwhile

/** So many parts of rest to one of drawing. */
const REST = 3;
/** However slow a machine, it shows what happens. */
const REST_MAX_MS = 1_000;

export class Pacer {
  #isAsked = false;
  #frame = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #restsUntil = 0;

  constructor(private draw: () => void) {}

  /** Something changed: it is drawn with the next frame that is due. */
  ask(): void {
    if (this.#isAsked) return;
    this.#isAsked = true;
    const rest = this.#restsUntil - performance.now();
    if (rest > 0) this.#timer = setTimeout(() => this.#await(), rest);
    else this.#await();
  }

  stop(): void {
    clearTimeout(this.#timer);
    cancelAnimationFrame(this.#frame);
    this.#isAsked = false;
  }

  #await(): void {
    this.#frame = requestAnimationFrame(() => {
      this.#isAsked = false;
      const began = performance.now();
      this.draw();
      // What is posted from a frame is taken after its layout and paint.
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        const ended = performance.now();
        this.#restsUntil = ended + Math.min(REST_MAX_MS, REST * (ended - began));
        port1.close();
      };
      port2.postMessage(null);
    });
  }
}
