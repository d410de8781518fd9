// A page older than the gateway's build asks for files that are gone. It loads anew once, and only when the
// gateway answers: a reload into nothing would leave a wall blank.

const TRIED_KEY = "hookcast.reloaded";
const ASK_EVERY_MS = 2_000;
/** A second failure within this time is no new build, and another reload would only loop. */
const ONCE_IN_MS = 60_000;

export function reloadOnNewBuild(): void {
  addEventListener("vite:preloadError", (event) => {
    const triedAt = Number(sessionStorage.getItem(TRIED_KEY) ?? 0);
    if (Date.now() - triedAt < ONCE_IN_MS) return;
    event.preventDefault();
    sessionStorage.setItem(TRIED_KEY, String(Date.now()));
    void reloadWhenAnswered();
  });
}

async function reloadWhenAnswered(): Promise<void> {
  for (;;) {
    const answer = await fetch("/livez", { signal: AbortSignal.timeout(ASK_EVERY_MS) }).catch(() => null);
    if (answer?.ok) return location.reload();
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
  }
}
