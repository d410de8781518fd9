// A board edited by keys alone, and by pointer: moved, resized, added to, saved into a real file whose comments stay; other walls have it at once.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "../support/runner.mjs";
import { serve } from "../support/served.mjs";
import { violations } from "./looks.mjs";
import { openBoard } from "./page.mjs";

const TITLE = "The board's own";

/** A file as a person left it. */
const PARCELS = `# Where the parcels are.
title = "Parcels"

[[widget]]
id = "late"
type = "table" # one row a parcel
at = [0, 0, 6, 4]
from = "parcels/**"
by = "/data/parcel"
# The driver reads these from left to right.
columns = [
  "/data/status", # first of all
  { title = "Where", show = "{/data/city}" }, # may be abroad
  "/data/weight",
  # nothing else fits
]
where = [["/data/test", "!=", true], ["/data/lost", "==", false]] # no rehearsals
`;

async function openDesk(context, options) {
  const board = await openBoard(context, { query: "?edit", ...options });
  await board.page.getByTestId("handle-raised").waitFor();
  return board;
}

const placeOf = async (board, id) => /column (\d+), row (\d+), (\d+) wide, (\d+) high/.exec(await board.page.getByTestId(`handle-${id}`).getAttribute("aria-label")).slice(1).map(Number);

export const editor = {
  async "editor: by keys a tile is lifted, moved, resized, dropped, put back, and undone"(context) {
    const board = await openDesk(context);
    const { page } = board;
    const before = await placeOf(board, "raised");
    await page.getByTestId("handle-raised").focus();
    await page.keyboard.press("Enter");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Shift+ArrowRight");
    await page.keyboard.press("Escape");
    assert.deepEqual(await placeOf(board, "raised"), before, "Escape puts it back");
    await page.keyboard.press("Enter");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Shift+ArrowRight");
    await page.keyboard.press("Enter");
    assert.deepEqual(await placeOf(board, "raised"), [before[0], before[1] + 1, before[2] + 1, before[3]]);
    const pushed = await placeOf(board, "revenue");
    assert.ok(pushed[1] > 1, "the neighbour in the way went down");
    assert.deepEqual(await violations(page), []);
    await page.screenshot({ path: join(context.results, "editor.png") });
    await page.keyboard.press("Control+z");
    await until("as it was", async () => (await placeOf(board, "raised")).join() === before.join());
    assert.deepEqual(board.complaints, []);
    await board.close();
  },

  async "editor: by pointer a tile is dragged on the grid, and its corner resizes it"(context) {
    const board = await openDesk(context);
    const { page } = board;
    const before = await placeOf(board, "thanks");
    const box = await page.getByTestId("handle-thanks").boundingBox();
    await page.mouse.move(box.x + 40, box.y + 40);
    await page.mouse.down();
    await page.mouse.move(box.x + 40, box.y + 40 + 72 * 2, { steps: 5 });
    await page.mouse.up();
    await until("two rows down", async () => (await placeOf(board, "thanks"))[1] === before[1] + 2);
    const after = await page.getByTestId("handle-thanks").boundingBox();
    await page.mouse.move(after.x + after.width - 8, after.y + after.height - 8);
    await page.mouse.down();
    await page.mouse.move(after.x + after.width - 8, after.y + after.height - 8 - 72, { steps: 5 });
    await page.mouse.up();
    await until("one row less", async () => (await placeOf(board, "thanks"))[3] === before[3] - 1);
    await board.close();
  },

  async "editor: by keys a widget is added from real events, changed, and the mistake stands beside its field"(context) {
    const board = await openDesk(context);
    const { page } = board;
    await page.keyboard.press("a");
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Which events").fill("donations/**");
    await dialog.getByText(/^heard \d+/).waitFor();
    assert.deepEqual(await violations(page), []);
    await page.screenshot({ path: join(context.results, "add.png") });
    await dialog.getByRole("button", { name: /Total amount/ }).focus();
    await page.keyboard.press("Enter");
    await page.getByTestId("tile-total-amount").getByTestId("number").waitFor();
    await until("its handle is in hand and in sight", () => page.getByTestId("handle-total-amount").evaluate((handle) => handle === document.activeElement && handle.getBoundingClientRect().top < innerHeight));
    const panel = page.getByTestId("panel");
    await panel.getByLabel("Title").fill("All that was given");
    await page.getByTestId("tile-total-amount").getByText("All that was given").waitFor();
    await panel.getByLabel("over the last").fill("soon");
    await panel.getByText(/should be a duration/).waitFor();
    await panel.getByLabel("over the last").fill("10m");
    await until("no mistake", async () => (await panel.getByText(/should be/).count()) === 0);
    await panel.getByRole("button", { name: "Pick of from an event" }).focus();
    await page.keyboard.press("Enter");
    await panel.getByRole("list", { name: "Values of a recent event" }).getByRole("button", { name: "/data/amount" }).click();
    assert.equal(await panel.getByLabel("of", { exact: true }).inputValue(), "/data/amount");
    assert.deepEqual(await violations(page), []);
    await page.screenshot({ path: join(context.results, "panel.png") });
    assert.deepEqual(board.complaints, []);
    await board.close();
  },

  async "editor: by keys conditions and levels are rows, each with its mistake beside it, and undo takes them back"(context) {
    const board = await openDesk(context);
    const { page } = board;
    await page.getByTestId("handle-raised").focus();
    const panel = page.getByTestId("panel");
    await panel.getByText(/^heard/).waitFor();
    await panel.getByRole("button", { name: "Add a condition" }).focus();
    await page.keyboard.press("Enter");
    const row = panel.getByRole("group", { name: "condition 1" });
    await until("its field is in hand", () => row.getByLabel("field", { exact: true }).evaluate((input) => input === document.activeElement));
    await page.keyboard.press("Control+a");
    await page.keyboard.type("/data/amount");
    await row.getByLabel("comparison").selectOption(">");
    await row.getByText("should be compared with a number").waitFor();
    await row.getByLabel("value", { exact: true }).fill("1000000");
    await until("no mistake", async () => (await row.getByText(/should be/).count()) === 0);
    await until("nobody gave that much", async () => (await board.tile("raised").getByTestId("number").count()) === 0);
    await panel.getByRole("button", { name: "Add a level" }).focus();
    await page.keyboard.press("Enter");
    const levels = panel.getByRole("group", { name: "Levels" }).getByRole("group");
    const level = levels.last();
    await level.getByLabel("when").selectOption("below");
    await level.getByLabel("value", { exact: true }).fill("");
    await level.getByText(/`below` should be a number/).waitFor();
    await level.getByLabel("value", { exact: true }).fill("5");
    await until("no mistake", async () => (await level.getByText(/should be/).count()) === 0);
    await level.getByLabel("when").selectOption("between");
    await level.getByText(/`below` should be a number/).waitFor();
    await level.getByLabel("highest").fill("3");
    await level.getByText("never holds: nothing is above 5 and below 3").waitFor();
    await level.getByLabel("highest").fill("50000");
    await until("no mistake", async () => (await level.locator(".mistake").count()) === 0);
    assert.deepEqual(await violations(page), []);
    await page.screenshot({ path: join(context.results, "rows.png") });
    await row.getByRole("button", { name: "Remove condition 1" }).focus();
    await page.keyboard.press("Enter");
    await until("the row gone", async () => (await row.count()) === 0);
    await page.getByRole("button", { name: "Undo" }).click();
    await until("the row back", async () => (await row.getByLabel("value", { exact: true }).inputValue()) === "1000000");
    assert.deepEqual(board.complaints, []);
    await board.close();
  },

  async "editor: rows go up and down by keys and by pointer, undo takes it back, and the file keeps its comments"({ browser, results }) {
    const gateway = await serve('[broker]\nurl = "memory:"\n\n[[source]]\nname = "parcels"\nprovider = "none"\n', { files: { "boards/home.toml": PARCELS } });
    try {
      await gateway.ask("/hooks/parcels", { method: "POST", body: JSON.stringify({ parcel: "A-17", status: "on its way", city: "Porto", weight: 2.5, lost: false }) });
      const { page, complaints, close } = await openBoard({ gateway, browser }, { path: "/board/home", query: "?edit", viewport: { width: 1280, height: 900 } });
      await page.getByTestId("handle-late").focus();
      const panel = page.getByTestId("panel");
      const shown = () => panel.getByRole("group", { name: "Columns" }).getByLabel("show", { exact: true }).evaluateAll((cells) => cells.map(({ value }) => value).join());
      const [was, down, upAgain] = ["/data/status,{/data/city},/data/weight", "{/data/city},/data/weight,/data/status", "{/data/city},/data/status,/data/weight"];
      await until("its columns", async () => (await shown()) === was);
      assert.equal(await panel.getByRole("button", { name: "Move column 1 up" }).isDisabled(), true);
      await panel.getByRole("button", { name: "Move column 1 down" }).focus();
      await page.keyboard.press("Enter");
      const inHand = (name) => until(`${name} in hand`, () => page.evaluate((label) => document.activeElement?.getAttribute("aria-label") === label, name));
      await inHand("Move column 2 down");
      await page.keyboard.press("Enter");
      await inHand("Move column 3 up");
      assert.equal(await shown(), down);
      await page.keyboard.press("Enter");
      await inHand("Move column 2 up");
      assert.equal(await shown(), upAgain);
      await until("the tile has it", async () => /Where.*status.*weight/s.test((await page.getByTestId("tile-late").getByRole("row").first().textContent()) ?? ""));
      assert.deepEqual(await violations(page), []);
      await page.screenshot({ path: join(results, "rows-moved.png") });
      for (const step of [down, "{/data/city},/data/status,/data/weight", was]) {
        await page.keyboard.press("Control+z");
        await until(`back to ${step}`, async () => (await shown()) === step);
      }
      await panel.getByRole("button", { name: "Move column 3 up" }).click();
      await panel.getByRole("button", { name: "Move condition 2 up" }).click();
      await page.keyboard.press("Control+s");
      await until("saved", async () => /saved/.test((await page.getByTestId("saving").textContent()) ?? ""));
      const text = readFileSync(join(gateway.folder, "boards/home.toml"), "utf8");
      const place = (part) => (assert.ok(text.includes(part), `${part} in\n${text}`), text.indexOf(part));
      assert.ok(place('"/data/status"') < place('"/data/weight"') && place('"/data/weight"') < place('"{/data/city}"'), text);
      assert.ok(place('["/data/lost", "==", false], ["/data/test", "!=", true]] # no rehearsals') > 0);
      for (const [comment] of PARCELS.matchAll(/#.*/g)) place(comment);
      assert.deepEqual(complaints, []);
      await close();
    } finally {
      await gateway.stop();
    }
  },

  async "editor: a save reaches an open wall without a flash, and who saves later is told"(context) {
    const wall = await openBoard(context, { path: "/board/home" });
    await wall.tile("raised").getByTestId("number").waitFor();
    const [board, other] = [await openDesk(context, { path: "/board/home" }), await openDesk(context, { path: "/board/home" })];
    await wall.page.evaluate(() => {
      window.dashes = 0;
      new MutationObserver(() => (window.dashes = Math.max(window.dashes, document.querySelectorAll(".dash").length))).observe(document.body, { childList: true, subtree: true });
    });
    await board.page.getByLabel("Board's title").fill(TITLE);
    await board.page.keyboard.press("Control+s");
    await until("saved", async () => /saved/.test((await board.page.getByTestId("saving").textContent()) ?? ""));
    await until("the wall has it", async () => (await wall.page.locator("h1").textContent()).includes(TITLE));
    assert.equal(await wall.page.evaluate(() => window.dashes), 0);
    await other.page.getByText("Somebody else saved this board meanwhile").waitFor();
    await other.page.getByRole("button", { name: "Take theirs" }).click();
    await until("theirs", async () => (await other.page.getByLabel("Board's title").inputValue()) === TITLE);
    await wall.close();
    await board.close();
    await other.close();
  },

  async "editor: on a board that stands still a new widget shows what was, not a dash"(context) {
    // A gateway that is far away: history comes when time has been laid out long since.
    let lateMs = 0;
    const far = (page) =>
      page.routeWebSocket(/\/ws$/, (route) => {
        const server = route.connectToServer();
        server.onMessage((text) => (lateMs === 0 ? route.send(text) : setTimeout(() => route.send(text), lateMs)));
      });
    const board = await openBoard(context, { before: far });
    const { page } = board;
    await board.tile("raised").getByTestId("number").waitFor();
    await page.getByRole("button", { name: "Pause" }).waitFor();
    await page.keyboard.press("Space");
    await page.getByRole("button", { name: /Go on/ }).first().waitFor();
    await page.keyboard.press("e");
    await page.getByTestId("handle-raised").waitFor();
    await page.keyboard.press("a");
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Which events").fill("donations/*");
    await dialog.getByText(/^heard \d+/).waitFor();
    lateMs = 600;
    await dialog.getByRole("button", { name: /how many came/ }).click();
    await page.getByTestId("tile-donations").getByTestId("number").waitFor();
    await board.close();
  },

  async "editor: on a phone its bar takes two lines"(context) {
    const board = await openDesk(context, { viewport: { width: 390, height: 844 } });
    await board.page.getByTestId("handle-raised").focus();
    await board.page.getByRole("button", { name: "Remove the widget" }).waitFor();
    const tops = await board.page.locator("header.bar :is(button, input)").evaluateAll((parts) => parts.map((part) => Math.round(part.getBoundingClientRect().top + part.getBoundingClientRect().height / 2)));
    assert.ok(new Set(tops).size <= 2, tops.join());
    assert.deepEqual(await violations(board.page), []);
    await board.page.screenshot({ path: join(context.results, "editor-phone.png") });
    await board.close();
  },

  async "editor: a viewer sees none of it"(context) {
    const token = context.gateway.tokenFor(600);
    const board = await openBoard(context, { query: "?edit", token });
    await board.tile("raised").getByTestId("number").waitFor();
    assert.equal(await board.page.getByRole("button", { name: "Edit the board" }).count(), 0);
    assert.equal(await board.page.getByTestId("handle-raised").count(), 0);
    await board.close();
  },
};
