// Timers by name: setting one again replaces it, and all of them end together.

export class Timers {
  #running = new Map<string, ReturnType<typeof setTimeout>>();

  after(name: string, ms: number, then: () => void): void {
    this.clear(name);
    this.#running.set(
      name,
      setTimeout(() => {
        this.#running.delete(name);
        then();
      }, ms),
    );
  }

  clear(name: string): void {
    clearTimeout(this.#running.get(name));
    this.#running.delete(name);
  }

  clearAll(): void {
    for (const name of [...this.#running.keys()]) this.clear(name);
  }
}
