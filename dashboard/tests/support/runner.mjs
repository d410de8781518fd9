// Runs a table of cases one after the other, each with a deadline, and closes with the line `N passed, N failed`.

const CASE_MS = 120_000;

export async function runCases(cases, context) {
  let passed = 0;
  let failed = 0;
  for (const [name, run] of Object.entries(cases)) {
    const began = performance.now();
    let timer;
    const deadline = new Promise((_, reject) => (timer = setTimeout(() => reject(new Error(`not done within ${CASE_MS} ms`)), CASE_MS)));
    try {
      await Promise.race([run(context), deadline]);
      passed += 1;
      console.log(`ok    ${name} (${Math.round(performance.now() - began)} ms)`);
    } catch (error) {
      failed += 1;
      console.log(`FAIL  ${name}\n${String(error?.stack ?? error).replace(/^/gm, "      ")}`);
    } finally {
      clearTimeout(timer);
    }
  }
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 && passed > 0;
}

/**
 * Waits until a claim holds; the claim's last value is in the message if it never does. How long is no claim about
 * speed: a page that comes back by itself may wait 20 s before it tries (`sdk/backoff.ts`), and once more after that.
 */
export async function until(what, claim, withinMs = 45_000) {
  const end = performance.now() + withinMs;
  let last;
  for (;;) {
    last = await claim();
    if (last) return last;
    if (performance.now() > end) throw new Error(`${what}: not within ${withinMs} ms, last seen ${JSON.stringify(last)}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
