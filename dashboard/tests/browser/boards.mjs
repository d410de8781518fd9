// The boards that come with the binary, each as a wall shows it: every tile has something to say, nothing stands out of its tile.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "smol-toml";
import { until } from "../support/runner.mjs";
import { hearStories, spread } from "../support/stories.mjs";
import { openScripted, overflows } from "./scripted.mjs";

const folder = new URL("../../boards/", import.meta.url).pathname;
export const NAMES = readdirSync(folder).map((file) => file.replace(/\.toml$/, "")).filter((name) => name !== "demo");
export const WALL = { viewport: { width: 1920, height: 1080 }, colorScheme: "dark", query: "?kiosk" };
const EVENTS = 500;
const OVER_MS = 14 * 60_000;

let stories;

/** The board after a quarter of an hour of the stories. */
export async function openStory(context, name, dress) {
  stories ??= hearStories(EVENTS);
  const board = await openScripted(context, { board: parse(readFileSync(join(folder, `${name}.toml`), "utf8")), history: spread(await stories, OVER_MS), ...dress });
  await board.page.locator("[data-testid^=tile-]").first().waitFor();
  await until("every tile knows what it shows", async () => (await board.page.locator(".dash").count()) === 0);
  for (const canvas of await board.page.locator(".tile.line, .tile.heatmap").all()) await canvas.locator("canvas").first().waitFor();
  return board;
}

function render(name) {
  return async (context) => {
    const board = await openStory(context, name, WALL);
    await board.page.screenshot({ path: join(context.results, `board-${name}.png`) });
    assert.deepEqual(await overflows(board.page), []);
    assert.equal(await board.page.getByRole("list", { name: "Mistakes in the board" }).count(), 0);
    assert.deepEqual(board.complaints, []);
    await board.close();
  };
}

export const boards = Object.fromEntries(NAMES.map((name) => [`boards: ${name} fills a wall`, render(name)]));
