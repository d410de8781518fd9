// The page in Debian's Chromium against the real gateway's demo, as a person sees it.

import { existsSync, mkdirSync } from "node:fs";
import { chromium } from "playwright-core";
import { startDemo } from "../support/gateway.mjs";
import { runCases } from "../support/runner.mjs";
import { cases } from "./cases.mjs";
import { looks } from "./looks.mjs";

const ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
if (!existsSync(executablePath)) throw new Error(`no browser at ${executablePath}: install Debian's chromium, or set CHROMIUM`);

const results = new URL("../../test-results/", import.meta.url).pathname;
mkdirSync(results, { recursive: true });
const gateway = await startDemo();
const browser = await chromium.launch({ executablePath, args: ARGUMENTS });
let isGood = false;
try {
  isGood = await runCases({ ...cases, ...looks }, { gateway, browser, results });
} finally {
  await browser.close();
  await gateway.stop();
}
process.exit(isGood ? 0 : 1);
