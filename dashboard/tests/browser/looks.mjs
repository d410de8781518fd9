// How the page looks to everyone: no axe violation in any dress, nothing wider than its screen, a picture of each.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { until } from "../support/runner.mjs";
import { openBoard } from "./page.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const DRESSES = {
  dark: { viewport: { width: 1440, height: 900 }, colorScheme: "dark" },
  light: { viewport: { width: 1440, height: 900 }, colorScheme: "light" },
  phone: { viewport: { width: 390, height: 844 }, colorScheme: "dark", hasTouch: true },
  tablet: { viewport: { width: 900, height: 1100 }, colorScheme: "light" },
  kiosk: { viewport: { width: 1920, height: 1080 }, colorScheme: "dark", query: "?kiosk" },
  still: { viewport: { width: 1440, height: 900 }, colorScheme: "light", reducedMotion: "reduce" },
};

export async function violations(page) {
  await page.evaluate(axe);
  const { violations: found } = await page.evaluate(() => window.axe.run());
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} (${failureSummary})`).join("; ")}`);
}

function look(name, dress) {
  return async (context) => {
    const board = await openBoard(context, dress);
    await until("every tile shows something", async () => (await board.page.locator(".dash").count()) === 0);
    await board.tile("orders").locator("canvas").waitFor();
    await until("live", async () => /live/.test(await board.badge.textContent()));
    await board.page.screenshot({ path: join(context.results, `${name}.png`), fullPage: name !== "kiosk" });
    assert.deepEqual(await violations(board.page), []);
    const overflow = await board.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(overflow <= 0, `wider than the screen by ${overflow} px`);
    if (name === "kiosk") assert.ok((await board.page.evaluate(() => document.documentElement.scrollHeight - innerHeight)) <= 0, "a kiosk does not scroll");
    assert.deepEqual(board.complaints, []);
    await board.close();
  };
}

export const looks = Object.fromEntries(Object.entries(DRESSES).map(([name, dress]) => [`looks: ${name}, axe finds nothing`, look(name, dress)]));

looks["looks: unplugged and as a table, axe finds nothing"] = async (context) => {
  const board = await openBoard(context);
  await until("live", async () => /live/.test(await board.badge.textContent()));
  await board.tile("orders").locator("canvas").waitFor();
  await board.page.getByLabel("Orders per minute as a table").last().click();
  await board.tile("orders").getByRole("table").waitFor();
  await board.page.getByTestId("plug").click();
  await board.tile("raised").getByTestId("as-of").waitFor();
  await board.page.screenshot({ path: join(context.results, "unplugged.png") });
  assert.deepEqual(await violations(board.page), []);
  await board.close();
};
