// What tells a sleeping page to look at its connection at once. The SDK has no DOM: a browser's signals are
// found by feature checks on `globalThis`, and where there are none only the clock speaks.

export type Signal = "wake" | "hide" | "offline" | "online" | "leave";
export type Undo = () => void;

/** Where the client runs. */
export interface Host {
  /** Starts listening and returns how to stop. */
  listen(signal: (what: Signal) => void): Undo;
  /** For how long nobody has seen the page; null while it is visible, or where there is none. */
  hiddenMs(): number | null;
}

const TICK_MS = 5_000;

/** Visibility is always asked for and never kept: a kept flag is wrong after the first event that a browser forgets to send. */
export function browser(): Host {
  const { document: page } = globalThis;
  let hiddenAt = Date.now();
  return {
    hiddenMs: () => (page?.visibilityState === "hidden" ? Date.now() - hiddenAt : null),
    listen(signal) {
      const stop = new AbortController();
      const on = (target: EventTarget | undefined, name: string, what: () => Signal) =>
        target?.addEventListener?.(name, () => signal(what()), { signal: stop.signal });
      for (const name of ["pageshow", "focus"]) on(globalThis, name, () => "wake");
      on(globalThis, "online", () => "online");
      on(globalThis, "offline", () => "offline");
      on(globalThis, "pagehide", () => "leave");
      on(page, "resume", () => "wake");
      on(page, "visibilitychange", () => {
        hiddenAt = Date.now();
        return page.visibilityState === "hidden" ? "hide" : "wake";
      });
      // A laptop that slept fires none of these on some systems, but its timers jump.
      let last = Date.now();
      const timer = setInterval(() => {
        if (Date.now() - last > 3 * TICK_MS) signal("wake");
        last = Date.now();
      }, TICK_MS);
      hiddenAt = last;
      return () => {
        stop.abort();
        clearInterval(timer);
      };
    },
  };
}
