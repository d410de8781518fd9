// A board from nothing: made in the menu, filled in the editor, kept from being left unsaved, deleted.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { deflateRawSync } from "node:zlib";
import { startDemo } from "../support/gateway.mjs";
import { until } from "../support/runner.mjs";
import { serve } from "../support/served.mjs";
import { violations } from "./looks.mjs";
import { openBoard } from "./page.mjs";

const CONFIG = `
[broker]
url = "memory:"

[dashboard]
boards = "boards"

[[source]]
name = "github"
provider = "github"
secrets = ["a secret that nobody else knows"]
`;

export const newBoard = {
  async "new board: the menu names each board there is once, home first"({ browser }) {
    // One of its own: what the others save would be home.
    const gateway = await startDemo();
    const { page, close } = await openBoard({ gateway, browser });
    await page.getByRole("button", { name: "Launch day" }).click();
    const boards = page.getByRole("list", { name: "Boards" }).getByRole("link");
    await boards.nth(1).waitFor();
    const listed = await boards.allTextContents();
    assert.equal(listed.filter((each) => each.includes("Launch day")).length, 1, listed.join());
    assert.match(listed[0], /Launch day.*home · built in/);
    assert.equal(new Set(listed).size, listed.length);
    await close();
    await gateway.stop();
  },

  async "new board: made in the menu, opened to be edited, not left unsaved by a link, deleted for everybody"({ browser }) {
    const gateway = await serve(CONFIG, { files: { "boards/README": "a folder that may be written" } });
    await gateway.ask("/api/v1/sources/github/test", { method: "POST" });
    const board = await openBoard({ gateway, browser });
    const { page } = board;
    await page.getByRole("button", { name: "Live" }).click();
    await page.getByLabel("New board").fill("My wall – ü");
    await page.getByRole("button", { name: "Make it" }).click();
    const file = join(gateway.folder, "boards/my-wall-u.toml");
    await until("its file", () => existsSync(file));
    await page.getByRole("button", { name: "Add" }).first().waitFor();
    assert.match(page.url(), /\/board\/my-wall-u\?edit/);
    const again = await openBoard({ gateway, browser });
    await again.page.getByRole("button", { name: "Live" }).click();
    await again.page.getByLabel("New board").fill("My wall: Ü");
    await again.page.getByRole("button", { name: "Make it" }).click();
    await again.page.getByRole("alert").getByText("There is a board called “my-wall-u” already.").waitFor();
    await again.close();
    assert.deepEqual(await violations(page), []);
    await page.getByLabel("Board's title").fill("My wall");
    await page.getByRole("link", { name: "Events" }).click();
    await page.getByText("What you changed is not saved.").waitFor();
    assert.match(page.url(), /my-wall-u/, "still here");
    await page.getByRole("button", { name: "Stay" }).click();
    await page.keyboard.press("Control+s");
    await page.getByText("saved: every wall").waitFor();
    await page.getByRole("button", { name: "Delete", exact: true }).click();
    await page.getByRole("button", { name: "Delete it" }).click();
    await until("the file gone", () => !existsSync(file));
    await until("the first board", () => new URL(page.url()).pathname === "/");
    assert.deepEqual(board.complaints, []);
    await board.close();
    await gateway.stop();
  },

  async "new board: one that stands in a link is kept under a name, and the board made of the sources says what saving does"({ browser, results }) {
    const gateway = await serve(CONFIG, { files: { "boards/taken.toml": 'title = "Taken"\n' } });
    const home = await openBoard({ gateway, browser }, { query: "?edit" });
    await home.page.getByText("This board is made from your sources").waitFor();
    assert.deepEqual(await violations(home.page), []);
    await home.page.screenshot({ path: join(results, "editor-generated.png") });
    await home.page.getByRole("button", { name: "I see" }).click();
    await until("told once", async () => (await home.page.getByText("This board is made from").count()) === 0);
    await home.close();
    const packed = `z.${deflateRawSync(JSON.stringify({ title: "Sent by a friend", widget: [{ id: "c", type: "clock", title: "Time" }] })).toString("base64url")}`;
    const board = await openBoard({ gateway, browser }, { query: "?edit", fragment: `token=${gateway.token}&board=${packed}` });
    const { page } = board;
    await page.getByLabel("Board's title").fill("Mine now");
    await page.keyboard.press("Control+s");
    const name = page.getByLabel("Board's name");
    assert.equal(await name.inputValue(), "sent-by-a-friend");
    await name.fill("Taken");
    await page.keyboard.press("Enter");
    await page.getByText("There is a board called “taken” already").waitFor();
    assert.deepEqual(await violations(page), []);
    await page.screenshot({ path: join(results, "editor-name.png") });
    await name.fill("Hall, north");
    await page.keyboard.press("Enter");
    await until("its file", () => existsSync(join(gateway.folder, "boards/hall-north.toml")));
    await until("its own address", () => /\/board\/hall-north\?edit/.test(page.url()) && !page.url().includes("board=z."));
    await until("opened there", async () => (await page.getByLabel("Board's title").inputValue()) === "Mine now");
    await board.close();
    await gateway.stop();
  },
};
