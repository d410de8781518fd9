// Time on a board, by keys alone: it stands still, is wound back, goes on without loss; a widget fills the board; a view is shared.

import assert from "node:assert/strict";
import { join } from "node:path";
import { until } from "../support/runner.mjs";
import { violations } from "./looks.mjs";
import { numberOf, openBoard } from "./page.mjs";

async function openLive(context, options) {
  const board = await openBoard(context, options);
  await board.page.getByTestId("timeline").waitFor();
  await board.tile("raised").getByTestId("number").waitFor();
  await until("live", async () => /live/.test(await board.badge.textContent()));
  return board;
}

const says = (board) => board.page.getByTestId("paused").textContent();

export const history = {
  async "history: Space stops the values and counts what comes; Space again shows it, none lost"(context) {
    const board = await openLive(context);
    await board.page.keyboard.press("Space");
    await until("paused", async () => /paused at \d\d:\d\d:\d\d/.test(await says(board)));
    const before = await numberOf(board.tile("raised"));
    const id = await context.gateway.donate("While it stood still");
    assert.ok(id);
    await until("counted as new", async () => Number(/(\d+) new/.exec(await says(board))?.[1] ?? 0) >= 1);
    assert.equal(await numberOf(board.tile("raised")), before);
    assert.doesNotMatch(await board.tile("gifts").textContent(), /While it stood still/);
    assert.deepEqual(await violations(board.page), []);
    await board.page.screenshot({ path: join(context.results, "paused.png") });
    await board.page.keyboard.press("Space");
    await until("what came meanwhile", async () => (await board.tile("gifts").textContent()).includes("While it stood still"));
    await until("its amount", async () => (await numberOf(board.tile("raised"))) >= before + 1);
    await board.close();
  },

  async "history: arrow keys wind back and forth, and the board is as it was then"(context) {
    const board = await openLive(context);
    await context.gateway.donate("The latest of all");
    await until("it is here", async () => (await board.tile("gifts").textContent()).includes("The latest of all"));
    await board.page.keyboard.press("Space");
    const stopped = await numberOf(board.tile("raised"));
    const playing = board.tile("thanks").getByTestId("scene").and(board.page.locator("[data-playing=true]"));
    await until("the scene of before the pause is over", async () => (await playing.count()) === 0);
    for (let step = 0; step < 3; step += 1) await board.page.keyboard.press("Shift+ArrowLeft");
    await until("an earlier moment", async () => /before the pause/.test(await says(board)));
    await until("it is not there yet", async () => !(await board.tile("gifts").textContent()).includes("The latest of all"));
    assert.equal(await playing.count(), 0, "no scene plays for what is looked back at");
    for (let step = 0; step < 3; step += 1) await board.page.keyboard.press("Shift+ArrowRight");
    await until("the same again", async () => (await board.tile("gifts").textContent()).includes("The latest of all"));
    await until("and the same number", async () => (await numberOf(board.tile("raised"))) === stopped);
    await board.page.keyboard.press("Escape");
    await until("live", async () => (await board.page.getByTestId("paused").count()) === 0);
    assert.deepEqual(board.complaints, []);
    await board.close();
  },

  async "history: the strip is wound by pointer"(context) {
    const board = await openLive(context);
    const strip = board.page.getByRole("slider", { name: "Moment shown" });
    const box = await strip.boundingBox();
    await board.page.mouse.move(box.x + box.width * 0.9, box.y + 10);
    await board.page.mouse.down();
    await board.page.mouse.move(box.x + box.width / 2, box.y + 10, { steps: 4 });
    await board.page.mouse.up();
    await until("half the range ago", async () => /(2|3) min before the pause/.test(await says(board)));
    assert.match(await strip.getAttribute("aria-valuetext"), /^\d\d:\d\d:\d\d$/);
    await board.close();
  },

  async "history: another range keeps the tiles in sight, never dashes"(context) {
    const board = await openLive(context);
    await board.page.evaluate(() => {
      window.dashes = 0;
      new MutationObserver(() => (window.dashes = Math.max(window.dashes, document.querySelectorAll(".dash").length))).observe(document.body, { childList: true, subtree: true });
    });
    await board.page.keyboard.press("4");
    await board.tile("raised").getByText("last 1 h").or(board.tile("raised").getByText("last 60 min")).waitFor();
    assert.equal(await board.page.evaluate(() => window.dashes), 0);
    await board.close();
  },

  async "history: v shows one widget over the whole board, n the next, Esc all"(context) {
    const board = await openLive(context);
    await board.tile("orders").getByRole("group").focus();
    await board.page.keyboard.press("v");
    await until("alone", async () => (await board.page.locator("section.tile").count()) === 1);
    assert.match(board.page.url(), /widget=orders/);
    const { height } = await board.tile("orders").boundingBox();
    assert.ok(height > 500, `${height} px`);
    assert.deepEqual(await violations(board.page), []);
    await board.page.keyboard.press("n");
    await board.tile("parcels").waitFor();
    await board.page.keyboard.press("Escape");
    await until("all", async () => (await board.page.locator("section.tile").count()) > 5);
    await board.close();
  },

  async "share: by keys, a link that needs no login opens the wall; the board itself fits in an address"(context) {
    const board = await openLive(context);
    await board.page.keyboard.press("s");
    const dialog = board.page.getByRole("dialog");
    await dialog.getByLabel("For whom").fill("hall");
    await dialog.getByRole("radio", { name: /On a wall/ }).focus();
    await board.page.keyboard.press("Space");
    assert.deepEqual(await violations(board.page), []);
    await dialog.getByRole("button", { name: "Make the link" }).focus();
    await board.page.keyboard.press("Enter");
    const made = await dialog.getByRole("region", { name: "link without a login" }).textContent();
    const url = new URL(made);
    assert.ok(url.searchParams.has("kiosk") && url.hash.startsWith("#key="), made);
    await board.page.screenshot({ path: join(context.results, "share.png") });
    const wall = await openBoard(context, { path: url.pathname, query: url.search, fragment: url.hash.slice(1) });
    await wall.tile("raised").getByTestId("number").waitFor();
    await wall.close();
    await dialog.getByLabel("The board itself in the link").check();
    const packed = await until("it is packed", async () => /#board=(z\.[\w-]+)$/.exec(await dialog.getByRole("region", { name: "link to this view" }).textContent())?.[1]);
    const held = await openBoard(context, { fragment: `token=${context.gateway.token}&board=${packed}` });
    await held.tile("raised").getByTestId("number").waitFor();
    await held.close();
    await board.close();
  },

  async "share: a board in the address is a stranger's: damaged, endless or full of markup, the page stands"(context) {
    const said = async (packed, words) => {
      const board = await openBoard(context, { fragment: `token=${context.gateway.token}&board=${packed}` });
      await board.page.getByText(words).first().waitFor();
      assert.equal(await board.page.evaluate(() => "hacked" in window), false);
      await board.close();
    };
    const pack = (text) => board64(text);
    await said("z.%%%", /damaged/);
    await said(`z.${"A".repeat(20_000)}`, /longer than/);
    await said(await pack(JSON.stringify({ title: "x".repeat(900_000) })), /unfolds to more/);
    const many = Object.fromEntries(Array.from({ length: 2_000 }, (_, index) => [`key${index}`, index]));
    const widget = { ...many, id: "__proto__", type: "feed", title: "<img src=x onerror=window.hacked=1>", from: "donations/**", at: [0, 3, 4, 4] };
    await said(await pack(`{"title":"hostile \\u202e board","__proto__":{"a":1},"widget":[${JSON.stringify(widget)},${JSON.stringify({ ...widget, at: [0, 1e9, 4, 4] })},7]}`), "<img src=x onerror=window.hacked=1>");
  },
};

/** As the page packs a board. */
export async function board64(text) {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  return `z.${Buffer.from(await new Response(stream).arrayBuffer()).toString("base64url")}`;
}
