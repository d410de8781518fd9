// A page older than the gateway's build asks for files that are gone. It loads anew once, and only when the
// gateway answers: a reload into nothing would leave a wall blank. One that fails again waits a minute: it neither loops nor gives up.

const TRIED_KEY = "hookcast.reloaded";
const ASK_EVERY_MS = 2_000;
/** Between two reloads: a second failure within this time is no new build. */
const ONCE_IN_MS = 60_000;

export function reloadOnNewBuild(): void {
  addEventListener("vite:preloadError", (event) => {
    event.preventDefault();
    const triedAt = Number(sessionStorage.getItem(TRIED_KEY) ?? 0);
    setTimeout(reloadWhenAnswered, Math.min(ONCE_IN_MS, triedAt + ONCE_IN_MS - Date.now()));
  });
}

async function reloadWhenAnswered(): Promise<void> {
  for (;;) {
    const answer = await fetch("/livez", { signal: AbortSignal.timeout(ASK_EVERY_MS) }).catch(() => null);
    if (answer?.ok) {
      sessionStorage.setItem(TRIED_KEY, String(Date.now()));
      return location.reload();
    }
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
  }
}
