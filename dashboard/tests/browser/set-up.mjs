// A new source's own page, as somebody uses it who goes back and forth: what was said once stays in sight, the words are those of what
// proves this source, and what was accepted leads to a board.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "../support/runner.mjs";
import { serve } from "../support/served.mjs";
import { violations } from "./looks.mjs";
import { openBoard } from "./page.mjs";

const EMPTY = `[broker]\nurl = "memory:"\n\n[dashboard]\nboards = "boards"\n`;

/** Runs a case on a page of a gateway of its own, and closes both. */
function withPage(toml, query, run) {
  return async ({ browser, results }) => {
    const gateway = await serve(toml, { files: { "boards/README": "a folder that may be written" } });
    const opened = await openBoard({ gateway, browser }, { query });
    try {
      await run({ ...opened, gateway, browser, results });
    } finally {
      await opened.close();
      await gateway.stop();
    }
  };
}

const secretOf = (page) => page.getByRole("region", { name: "secret", exact: true });

export const setUp = {
  "set-up: a secret that was made here is in sight until the tab forgets it, wherever one looked meanwhile": withPage(EMPTY, "sources?add=github", async ({ page, complaints }) => {
    await page.getByTestId("add").click();
    const secret = await secretOf(page).textContent();
    await page.getByText("This tab alone remembers it").waitFor();
    await page.getByRole("button", { name: "Send a test event" }).click();
    await page.getByRole("link", { name: "See the delivery" }).click();
    await until("the delivery", () => /\/events\/\w{8}-\w{8}/.test(page.url()));
    assert.ok(!(await page.content()).includes(secret), "not on another screen");
    await page.getByRole("link", { name: "Sources" }).first().click();
    await page.getByTestId("source-github").getByRole("link").click();
    await until("the same secret", async () => (await secretOf(page).textContent()) === secret);
    await page.getByText("Waiting for the first delivery").or(page.getByText("It works")).waitFor();
    const elsewhere = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href, history.state]));
    assert.ok(!elsewhere.includes(secret), elsewhere);
    await page.getByTestId("had").click();
    await until("out of sight", async () => (await secretOf(page).count()) === 0);
    await page.goBack();
    await page.goForward();
    await page.getByTestId("source-detail").waitFor();
    assert.ok(!(await page.content()).includes(secret), "forgotten");
    assert.deepEqual(complaints, []);
  }),

  "set-up: another secret takes the place of the one that was made, and a source that was removed is not set up": withPage(EMPTY, "sources?add=github", async ({ page, gateway, complaints }) => {
    await page.getByTestId("add").click();
    const secret = await secretOf(page).textContent();
    await page.getByTestId("rotate").click();
    await page.getByRole("dialog").getByRole("button", { name: "Rotate" }).click();
    await page.getByTestId("rotated").waitFor();
    await page.keyboard.press("Escape");
    await until("not to be pasted any more", async () => (await secretOf(page).count()) === 0);
    await page.getByRole("link", { name: "All sources" }).click();
    await page.getByTestId("source-github").getByRole("link").click();
    await page.getByTestId("source-detail").waitFor();
    assert.ok(!(await page.content()).includes(secret));
    assert.equal((await gateway.ask("/api/v1/sources/github", { method: "DELETE" })).status, 200);
    await page.getByTestId("no-source").waitFor();
    assert.deepEqual(complaints, []);
  }),

  "set-up: a short secret is taken, and what the gateway thinks of it stands beside it until another one counts": withPage(EMPTY, "sources?add=hmac", async ({ page, complaints }) => {
    await page.getByRole("radio", { name: /I have one/ }).check();
    await page.getByLabel(/'s secret$/).fill("short");
    await page.getByTestId("add").click();
    const warning = page.getByRole("region", { name: /^Set it up/ }).getByText(/A secret of 5 characters may be guessed: .*openssl rand.*\.$/);
    await warning.waitFor();
    await page.getByTestId("rotate").click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("radio", { name: /I have one/ }).check();
    await dialog.getByLabel(/'s new secret$/).fill("shorter");
    await dialog.getByRole("button", { name: "Rotate" }).click();
    await dialog.getByText("A secret of 7 characters may be guessed").waitFor();
    await dialog.getByRole("button", { name: "Done" }).click();
    await page.getByRole("region", { name: /^Set it up/ }).getByText("A secret of 7 characters").waitFor();
    assert.equal(await warning.count(), 0);
    await page.getByTestId("rotate").click();
    await dialog.getByRole("button", { name: "Rotate" }).click();
    await dialog.getByRole("button", { name: "Done" }).click();
    await until("a long one needs no warning", async () => (await page.getByText(/may be guessed/).count()) === 0);
    assert.deepEqual(complaints, []);
  }),

  "set-up: a short secret that mends a refusal is taken with the same warning": withPage(`${EMPTY}\n[[source]]\nname = "github"\nprovider = "github"\nsecrets = ["the one that was pasted by mistake"]\n`, "sources/github", async ({ page, gateway }) => {
    await page.getByText("Waiting for the first delivery").waitFor();
    await fetch(`${gateway.origin}/hooks/github`, { method: "POST", body: "{}", headers: { "x-github-event": "push", "x-github-delivery": "1", "x-hub-signature-256": `sha256=${"0".repeat(64)}` } });
    await page.getByTestId("paste-secret").fill("short");
    await page.keyboard.press("Enter");
    await page.getByText("A secret of 5 characters may be guessed").waitFor();
  }),

  "set-up: where a token proves it, the words are a token's, and nothing can be too old": withPage(EMPTY, "sources?add=token", async ({ page, gateway, complaints }) => {
    await page.getByTestId("add").click();
    const card = page.getByRole("region", { name: /^Set it up/ });
    await card.getByRole("heading", { name: "Paste this token beside it" }).waitFor();
    assert.match(await card.getByRole("region", { name: "token", exact: true }).textContent(), /^\w{24,}$/);
    assert.deepEqual(await page.getByRole("group", { name: /wrong on purpose/ }).getByRole("button").allTextContents(), ["with a wrong token", "twice"]);
    await fetch(`${gateway.origin}/hooks/token`, { method: "POST", body: "{}", headers: { "x-api-key": "not the one" } });
    const first = page.getByTestId("first");
    await first.getByText("The token that was sent is not the one").waitFor();
    await first.getByLabel(/'s token$/).waitFor();
    assert.doesNotMatch(await page.getByRole("main").textContent(), /signature|signs/);
    await page.getByRole("link", { name: "See each check" }).click();
    await page.getByTestId("panel-checks").getByText("Token equal").waitFor();
    const checks = await page.getByTestId("panel-checks").textContent();
    assert.match(checks, /Token found.*No time to check.*Token equal.*The token that was sent is not the one/);
    assert.doesNotMatch(checks, /[Ss]ignature|Replay as received brings/);
    await page.goto(`${gateway.origin}/sources?add=github#token=${gateway.token}`);
    await page.getByTestId("add").click();
    await page.getByRole("button", { name: "with a wrong secret" }).click();
    await page.getByRole("link", { name: "See each check" }).click();
    await page.getByTestId("panel-checks").getByText("Signature equal").waitFor();
    await page.goto(`${gateway.origin}/sources?add=none#token=${gateway.token}`);
    await page.getByTestId("add").click();
    await page.getByTestId("wrong-repeat").waitFor();
    assert.equal(await page.getByTestId("wrong-signature").count(), 0);
    assert.deepEqual(complaints.filter((each) => !each.includes("401")), []);
  }),

  "set-up: what was accepted leads to a board of it that lives, and a second one takes no other's name": withPage(EMPTY, "sources?add=stripe", async ({ page, gateway, complaints, results }) => {
    await page.getByLabel(/'s secret$/).fill("whsec_a secret that is long enough");
    await page.getByTestId("add").click();
    await page.getByText("Waiting for the first delivery").waitFor();
    assert.equal(await page.getByTestId("make-board").count(), 0, "of nothing no board is made");
    await page.getByRole("button", { name: "Send a test event" }).click();
    await page.getByTestId("make-board").click();
    await until("its board", () => new URL(page.url()).pathname === "/board/stripe");
    const count = page.locator("section.tile.number").filter({ hasText: "Stripe" }).getByTestId("number");
    await until("what came", async () => (await count.first().textContent()).includes("1"));
    await gateway.ask("/api/v1/sources/stripe/test", { method: "POST" });
    await until("what comes", async () => (await count.first().textContent()).includes("2"));
    assert.deepEqual(await violations(page), []);
    await page.screenshot({ path: join(results, "set-up-board.png") });
    assert.match(readFileSync(join(gateway.folder, "boards/stripe.toml"), "utf8"), /title = "stripe"[^]*from = "stripe\/\*\*"/);
    await page.goBack();
    await page.getByTestId("make-board").click();
    await until("another name", () => new URL(page.url()).pathname === "/board/stripe-2");
    await page.getByRole("button", { name: "stripe 2" }).waitFor();
    assert.deepEqual(complaints.filter((each) => !each.includes("409")), []);
  }),

  "set-up: where no board can be kept, why stands beside the button": withPage(EMPTY, "sources?add=none", async ({ page, gateway }) => {
    await page.getByTestId("add").click();
    await page.getByRole("button", { name: "Send a test event" }).click();
    await page.getByTestId("make-board").waitFor();
    await page.route("**/api/v1/boards/*", (route) => route.fulfill({ status: 409, json: { code: "read_only", detail: "the folder cannot be written", toml: "" } }));
    await page.getByTestId("make-board").click();
    await page.getByRole("alert").getByText("the folder cannot be written").waitFor();
    assert.match(page.url(), new RegExp(`^${gateway.origin}/sources/none`));
  }),
};
