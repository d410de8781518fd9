// The page in Debian's Chromium against the real gateway's demo, as a person sees it.

import { mkdirSync } from "node:fs";
import { startBrowser } from "../support/browser.mjs";
import { startDemo } from "../support/gateway.mjs";
import { runCases } from "../support/runner.mjs";
import { cases } from "./cases.mjs";
import { looks } from "./looks.mjs";
import { sdk } from "./sdk.mjs";

const results = new URL("../../test-results/", import.meta.url).pathname;
mkdirSync(results, { recursive: true });
const gateway = await startDemo();
const browser = await startBrowser();
let isGood = false;
try {
  isGood = await runCases({ ...sdk, ...cases, ...looks }, { gateway, browser, results });
} finally {
  await browser.close();
  await gateway.stop();
}
process.exit(isGood ? 0 : 1);
