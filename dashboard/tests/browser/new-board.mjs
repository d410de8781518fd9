// A board from nothing: made in the menu, filled in the editor, kept from being left unsaved, deleted.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
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
};
