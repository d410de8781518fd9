// A page whose parts are gone comes back by itself: at once the first time, after a minute the second, and only when somebody answers.

import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { reloadOnNewBuild } from "../../app/shell/reload.ts";

const kept = new Map<string, string>();
const reload = vi.fn();
let isThere = true;
let page = new EventTarget();

beforeEach(() => {
  vi.useFakeTimers();
  kept.clear();
  reload.mockClear();
  isThere = true;
  vi.stubGlobal("sessionStorage", { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value) });
  vi.stubGlobal("location", { reload });
  vi.stubGlobal("fetch", async () => {
    if (!isThere) throw new TypeError("no network");
    return { ok: true };
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** A page as it was just loaded, whose part is missing. */
function fails(): Event {
  page = new EventTarget();
  vi.stubGlobal("addEventListener", page.addEventListener.bind(page));
  reloadOnNewBuild();
  const event = new Event("vite:preloadError", { cancelable: true });
  page.dispatchEvent(event);
  return event;
}

it("is loaded once, and not before the gateway answers", async () => {
  isThere = false;
  fails();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(reload).not.toHaveBeenCalled();
  isThere = true;
  await vi.advanceTimersByTimeAsync(3_000);
  expect(reload).toHaveBeenCalledTimes(1);
});

it("that fails again right away neither loops nor stays blank", async () => {
  fails();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(reload).toHaveBeenCalledTimes(1);
  fails();
  await vi.advanceTimersByTimeAsync(50_000);
  expect(reload).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(15_000);
  expect(reload).toHaveBeenCalledTimes(2);
});
