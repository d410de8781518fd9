// Pictures of the boards for the README: `node tests/browser/pictures.mjs [NAME…]` writes docs/pictures/board-NAME.png, each light enough to be
// looked at on the road.

import { statSync } from "node:fs";
import { startBrowser } from "../support/browser.mjs";
import { startDemo } from "../support/gateway.mjs";
import { NAMES, openStory, WALL } from "./boards.mjs";

const BYTES_MAX = 150_000;
const folder = new URL("../../../docs/pictures/", import.meta.url).pathname;
const wanted = process.argv.slice(2);
const gateway = await startDemo();
const browser = await startBrowser();
let isGood = true;
try {
  for (const name of wanted.length > 0 ? wanted : ["demo", ...NAMES]) {
    const board = await openStory({ gateway, browser }, name, { ...WALL, viewport: { width: 1280, height: 720 } });
    const path = `${folder}board-${name}.png`;
    // What moves comes to rest first: a smooth picture is a small one.
    await board.page.evaluate(() => Promise.all(document.getAnimations().map((each) => each.effect.getComputedTiming().endTime !== Infinity && each.finished)));
    await board.page.screenshot({ path, animations: "disabled" });
    const { size } = statSync(path);
    isGood &&= size <= BYTES_MAX;
    console.log(`${size <= BYTES_MAX ? "ok  " : "OVER"} ${path}: ${size} of ${BYTES_MAX} bytes`);
    await board.close();
  }
} finally {
  await browser.close();
  await gateway.stop();
}
process.exit(isGood ? 0 : 1);
