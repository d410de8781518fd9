// The page in Debian's Chromium against the real gateway's demo, as a person sees it. `node run.mjs words` runs the cases whose name
// has these words.

import { mkdirSync } from "node:fs";
import { startBrowser } from "../support/browser.mjs";
import { startDemo } from "../support/gateway.mjs";
import { runCases } from "../support/runner.mjs";
import { adverse } from "./adverse.mjs";
import { boards } from "./boards.mjs";
import { cases } from "./cases.mjs";
import { editor } from "./editor.mjs";
import { events } from "./events.mjs";
import { history } from "./history.mjs";
import { hostiles } from "./hostile.mjs";
import { looks } from "./looks.mjs";
import { newBoard } from "./new-board.mjs";
import { outages } from "./outages.mjs";
import { screenLooks } from "./screen-looks.mjs";
import { screens } from "./screens.mjs";
import { sdk } from "./sdk.mjs";
import { setUp } from "./set-up.mjs";
import { stranger } from "./stranger.mjs";
import { widgets } from "./widgets.mjs";

const results = new URL("../../test-results/", import.meta.url).pathname;
mkdirSync(results, { recursive: true });
const gateway = await startDemo();
const browser = await startBrowser();
let isGood = false;
try {
  const all = { ...sdk, ...cases, ...outages, ...widgets, ...boards, ...hostiles, ...events, ...history, ...adverse, ...editor, ...newBoard, ...looks, ...screens, ...screenLooks, ...setUp, ...stranger };
  const wanted = process.argv[2] ?? "";
  isGood = await runCases(Object.fromEntries(Object.entries(all).filter(([name]) => name.includes(wanted))), { gateway, browser, results });
} finally {
  await browser.close();
  await gateway.stop();
}
process.exit(isGood ? 0 : 1);
