// A drawing's parts and rests, on a clock that the test moves.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Pacer } from "../../app/live/pacer.ts";

let now = 0;
let frames: (() => void)[] = [];
let posted: (() => void)[] = [];
let urgent: (() => void)[] = [];

/** A browser's part of one frame: its callbacks, then what was posted from them, behind the queue where it has its turn. */
function frame(queue: () => void = () => undefined): void {
  const due = frames;
  frames = [];
  for (const each of due) each();
  for (const each of urgent.splice(0)) each();
  if (posted.length > 0) queue();
  for (const each of posted.splice(0)) each();
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  [now, frames, posted, urgent] = [1_000, [], [], []];
  vi.spyOn(performance, "now").mockImplementation(() => now);
  vi.stubGlobal("requestAnimationFrame", (run: () => void) => frames.push(run));
  vi.stubGlobal("cancelAnimationFrame", () => (frames = []));
  vi.stubGlobal("scheduler", { postTask: (run: () => void) => urgent.push(run) });
  vi.stubGlobal(
    "MessageChannel",
    class {
      port1 = { onmessage: () => undefined, close: () => undefined };
      port2 = { postMessage: () => posted.push(() => this.port1.onmessage()) };
    },
  );
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** Draws one of so many at a cost each, and notes how many were let. */
function drawer(waiting: number, costMs: number) {
  const allowed: number[] = [];
  const draw = (most: number) => {
    allowed.push(most);
    const drawn = Math.min(most, waiting);
    waiting -= drawn;
    now += drawn * costMs;
    return { drawn, isMore: waiting > 0 };
  };
  return { allowed, draw };
}

describe("a pacer", () => {
  it("draws once for however many asked before the frame", () => {
    const { allowed, draw } = drawer(3, 0.1);
    const pacer = new Pacer(draw);
    for (let asks = 0; asks < 5; asks += 1) pacer.ask();
    frame();
    frame();
    expect(allowed).toEqual([Infinity]);
  });

  it("draws what is dear in parts that fit a frame, until nothing waits, and rests between", () => {
    const { allowed, draw } = drawer(12, 4);
    const pacer = new Pacer((most) => draw(Math.min(most, 2)));
    pacer.ask();
    for (let turns = 0; turns < 100 && allowed.length < 6; turns += 1) {
      frame();
      now += 16;
      vi.advanceTimersByTime(16);
    }
    expect(allowed).toHaveLength(6);
    // Nothing waits any more: it is quiet.
    frame();
    expect(frames).toHaveLength(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("lets fewer be drawn at a time the more one costs", () => {
    const allowed: number[] = [];
    const pacer = new Pacer((most) => {
      allowed.push(most);
      now += 5;
      return { drawn: 1, isMore: allowed.length < 40 };
    });
    pacer.ask();
    for (let turns = 0; turns < 400 && allowed.length < 40; turns += 1) {
      frame();
      now += 16;
      vi.advanceTimersByTime(16);
    }
    expect(allowed[0]).toBe(Infinity);
    expect(allowed.at(-1)).toBe(1);
  });

  it("draws all at once, but seldom, while messages wait in a queue", () => {
    const allowed: [number, number][] = [];
    let queueMs = 200;
    const pacer = new Pacer((most) => {
      allowed.push([most, now]);
      now += 5;
      return { drawn: 1, isMore: true };
    });
    pacer.ask();
    for (let turns = 0; turns < 600; turns += 1) {
      if (turns === 100) queueMs = 0;
      frame(() => (now += queueMs));
      now += 16;
      vi.advanceTimersByTime(16);
    }
    const flooded = allowed.slice(2).filter(([, at]) => at < 1_000 + 100 * 16);
    for (const [most] of flooded) expect(most).toBe(Infinity);
    const gaps = flooded.slice(1).map(([, at], index) => at - (flooded[index]?.[1] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(400);
    // The queue is gone: parts again.
    expect(allowed.at(-1)?.[0]).toBe(1);
  });

  it("draws again after a drawing that failed, and after a night asleep over one", () => {
    let draws = 0;
    const pacer = new Pacer(() => {
      draws += 1;
      if (draws === 1) throw new Error("a widget");
      if (draws === 2) now += 8 * 3_600_000;
      return { drawn: 1, isMore: false };
    });
    pacer.ask();
    expect(() => frame()).toThrow("a widget");
    for (const each of urgent.splice(0)) each();
    for (let asks = 0; asks < 2; asks += 1) {
      pacer.ask();
      vi.advanceTimersByTime(2_000);
      frame();
    }
    expect(draws).toBe(3);
  });

  it("draws nothing after it was stopped", () => {
    const { allowed, draw } = drawer(3, 1);
    const pacer = new Pacer(draw);
    pacer.ask();
    pacer.stop();
    frame();
    expect(allowed).toEqual([]);
  });
});
