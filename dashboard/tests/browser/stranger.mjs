// A stranger's first quarter of an hour, with a browser alone and nothing read beforehand: a source is added, tested, refused and mended, a board of
// three widgets made, a wall opened and its link taken back. Only what stands on the page is named here: no test's own marks, no address typed.

import assert from "node:assert/strict";
import { join } from "node:path";
import { until } from "../support/runner.mjs";
import { serve } from "../support/served.mjs";
import { openBoard } from "./page.mjs";

const CONFIG = `
[broker]
url = "memory:"

[dashboard]
boards = "boards"
`;
/** As the suggestions call them. */
const WIDGETS = [/: how many came/, /: the newest, one a row/, /: how many come, over time/];
/** What a person takes who has not seen the page before: to find and press something, and to type a letter. */
const ACTION_S = 7;
const LETTER_S = 0.3;
const MOST_S = 300;

/** A page in a person's hands: what was pressed and typed is counted. */
function hands(page) {
  const done = { actions: 0, letters: 0 };
  return {
    done,
    async press(role, name, within = page) {
      done.actions += 1;
      await within.getByRole(role, { name }).first().click();
    },
    async type(label, text, within = page) {
      done.actions += 1;
      done.letters += text.length;
      await within.getByLabel(label).first().fill(text);
    },
    reads: (text, within = page) => within.getByText(text).first().waitFor(),
  };
}

export const stranger = {
  async "stranger: a source, a refusal and why, its mend, a board of three widgets, a wall; in how many steps"({ browser, results }) {
    const gateway = await serve(CONFIG, { files: { "boards/README": "a folder that may be written" } });
    const { page, complaints, close } = await openBoard({ gateway, browser });
    const { done, press, type, reads } = hands(page);

    await press("link", "github");
    await press("button", "Add the source");
    await reads("Waiting for the first delivery");

    await press("button", "with a wrong secret");
    await reads("no secret of this source fits");
    await press("button", "Send a test event");
    await reads("It works");

    await press("link", "Board");
    await press("button", "Live");
    await type("New board", "Our wall");
    await press("button", "Make it");
    for (const widget of WIDGETS) {
      await press("button", "Add");
      const dialog = page.getByRole("dialog");
      await press("button", "github/**", dialog);
      await press("button", widget, dialog);
      await until("it is put down", async () => (await dialog.count()) === 0);
    }
    await press("button", "Save");
    await reads("saved: every wall");
    await press("button", "Done");

    await press("button", "Share");
    const dialog = page.getByRole("dialog");
    await type("For whom", "hall", dialog);
    await press("radio", /On a wall/, dialog);
    await press("button", "Make the link", dialog);
    const link = new URL(await dialog.getByRole("region", { name: "link without a login" }).textContent());
    const wall = await openBoard({ gateway, browser }, { path: link.pathname, query: link.search, fragment: link.hash.slice(1) });
    await until("the wall shows all three", async () => (await wall.page.locator("section.tile").count()) === WIDGETS.length);
    await gateway.ask("/api/v1/sources/github/test", { method: "POST" });
    await until("and moves", async () => (await wall.page.getByTestId("number").textContent()).includes("2"));
    await wall.page.locator(".tile.line canvas").waitFor();
    await wall.page.screenshot({ path: join(results, "stranger-wall.png") });
    await wall.close();

    const seconds = Math.round(done.actions * ACTION_S + done.letters * LETTER_S);
    console.log(`      ${done.actions} things pressed, ${done.letters} letters typed: about ${seconds} s for who takes ${ACTION_S} s to find each`);
    assert.ok(seconds < MOST_S, `${seconds} s`);
    // The browser tells of the one refusal that was asked for.
    assert.deepEqual(complaints.filter((each) => !each.includes("401")), []);
    await close();
    await gateway.stop();
  },
};
