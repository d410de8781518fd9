// Whether the page's memory grows: 200 events/s for an hour (or so many minutes as are given), the heap after a collection every so often. The
// last third must not be above 1.1 of the first.    npm --prefix dashboard run bench:heap [MINUTES]

import { startBrowser } from "../support/browser.mjs";
import { serve } from "../support/served.mjs";
import { board, CONFIG, sending } from "./load.mjs";

const minutes = Number(process.argv[2] ?? 60);
const SAMPLES = 30;
const GROWTH_MAX = 1.1;

const gateway = await serve(CONFIG, { files: { "boards/home.toml": board(12) } });
const browser = await startBrowser();
let sender;
try {
  const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
  await page.goto(`${gateway.origin}/#token=${gateway.token}`);
  await page.getByTestId("badge").getByText("live").waitFor();
  const tools = await page.context().newCDPSession(page);
  sender = sending(gateway, 50, 250);
  const heaps = [];
  // Windows and lists fill up first: what they hold then is no growth.
  await page.waitForTimeout(Math.min(90_000, minutes * 20_000));
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    await page.waitForTimeout((minutes * 60_000) / SAMPLES);
    await tools.send("HeapProfiler.collectGarbage");
    const { usedSize } = await tools.send("Runtime.getHeapUsage");
    heaps.push(usedSize);
    console.log(`${((sample + 1) * minutes / SAMPLES).toFixed(1)} min: ${(usedSize / 1_048_576).toFixed(1)} MiB`);
  }
  await sender.stop();
  const mean = (part) => part.reduce((sum, each) => sum + each, 0) / part.length;
  const ratio = mean(heaps.slice(-SAMPLES / 3)) / mean(heaps.slice(0, SAMPLES / 3));
  console.log(`last third ${ratio.toFixed(3)} of the first (${GROWTH_MAX} at most)`);
  process.exitCode = ratio <= GROWTH_MAX ? 0 : 1;
} finally {
  await sender?.stop().catch(() => undefined);
  await browser.close();
  await gateway.stop();
}
