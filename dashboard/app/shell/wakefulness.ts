// A kiosk keeps its screen on, where the browser lets it; the lock is lost whenever the page hides, so it is asked for again.

export function keepScreenOn(): () => void {
  let lock: WakeLockSentinel | null = null;
  let isWanted = true;
  const ask = async () => {
    if (!isWanted || document.visibilityState !== "visible" || !("wakeLock" in navigator)) return;
    // Refused on battery or without https: the wall then follows its system's settings.
    lock = await navigator.wakeLock.request("screen").catch(() => null);
    if (!isWanted) void lock?.release();
  };
  document.addEventListener("visibilitychange", ask);
  void ask();
  return () => {
    isWanted = false;
    document.removeEventListener("visibilitychange", ask);
    void lock?.release();
  };
}
