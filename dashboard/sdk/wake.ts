// What tells a sleeping page to look at its connection at once. The SDK has no DOM: a browser's signals are
// found by feature checks on `globalThis`, and another host brings its own function as `Options.wake`.

export type Signal = "wake" | "offline" | "leave";
export type Undo = () => void;
/** Starts listening and returns how to stop. */
export type WakeSource = (signal: (what: Signal) => void) => Undo;

const TICK_MS = 5_000;

export const browserSignals: WakeSource = (signal) => {
  const undos: Undo[] = [];
  const listen = (target: EventTarget | undefined, name: string, what: () => Signal | null) => {
    if (typeof target?.addEventListener !== "function") return;
    const told = () => {
      const said = what();
      if (said) signal(said);
    };
    target.addEventListener(name, told);
    undos.push(() => target.removeEventListener(name, told));
  };
  const { document: page } = globalThis;
  for (const name of ["online", "pageshow", "focus"]) listen(globalThis, name, () => "wake");
  listen(globalThis, "offline", () => "offline");
  listen(globalThis, "pagehide", () => "leave");
  listen(page, "resume", () => "wake");
  listen(page, "visibilitychange", () => (page.visibilityState === "visible" ? "wake" : null));
  // A laptop that slept fires none of these on some systems, but its timers jump.
  let last = Date.now();
  const timer = setInterval(() => {
    if (Date.now() - last > 3 * TICK_MS) signal("wake");
    last = Date.now();
  }, TICK_MS);
  undos.push(() => clearInterval(timer));
  return () => undos.forEach((undo) => undo());
};
