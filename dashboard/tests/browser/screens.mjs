// The operators' screens as a person uses them: live on traffic, empty, by keyboard alone, refused and mended, without the grant, and with
// names that a stranger chose.

import assert from "node:assert/strict";
import { createHmac, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { startRedis } from "../support/redis.mjs";
import { until } from "../support/runner.mjs";
import { serve } from "../support/served.mjs";
import { openBoard } from "./page.mjs";

const RIGHT = "the secret that GitHub really has";
const WRONG = "the secret that was pasted by mistake";

const source = (secret) => `
[broker]
url = "memory:"

[[source]]
name = "github"
provider = "github"
secrets = ["${secret}"]
`;

const EMPTY = `[broker]\nurl = "memory:"\n`;

/** A push as GitHub sends it. */
async function push(gateway, secret, name = "acme/api") {
  const body = JSON.stringify({ ref: "refs/heads/main", repository: { full_name: name, name, owner: { login: "acme" } }, sender: { login: "ann" } });
  const signature = `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
  const headers = { "content-type": "application/json", "x-github-event": "push", "x-github-delivery": randomUUID(), "x-hub-signature-256": signature };
  return (await fetch(`${gateway.origin}/hooks/github`, { method: "POST", headers, body })).status;
}

/** Runs a case against a gateway of its own. */
function withGateway(toml, run) {
  return async ({ browser, results }) => {
    const gateway = await serve(toml);
    try {
      await run({ gateway, browser, results });
    } finally {
      await gateway.stop();
    }
  };
}

const open = (context, path, how = {}) => openBoard(context, { query: path, ...how });
/** Presses Tab until what has the focus answers to this. */
async function tabTo(page, testid) {
  await until(`the focus on ${testid}`, async () => {
    await page.keyboard.press("Tab");
    return page.evaluate((id) => document.activeElement?.getAttribute("data-testid") === id, testid);
  });
}

export const screens = {
  async "sources: each with its last delivery, and a test event by keyboard"(context) {
    const { page, complaints, close } = await open(context, "sources");
    const card = page.getByTestId("source-donations");
    await card.waitFor();
    await until("a delivery in sight", async () => /now|\d+ s ago/.test(await card.textContent()));
    await card.getByRole("link").focus();
    await page.keyboard.press("Enter");
    await page.getByTestId("source-detail").waitFor();
    await tabTo(page, "test-donations");
    await page.keyboard.press("Enter");
    await until("the answer", async () => (await page.getByTestId("test-said").textContent()) === "accepted");
    await page.keyboard.press("Escape");
    await card.waitFor();
    assert.deepEqual(complaints, []);
    await close();
  },

  "sources: none yet says what a source is and leads to a new one": withGateway(EMPTY, async (context) => {
    const { page, close } = await open(context, "sources");
    await page.getByTestId("empty").getByText("Each gets a URL to post to").waitFor();
    await page.keyboard.press("a");
    await until("the way to a new one", () => page.url().includes("add"));
    await close();
  }),

  "sources: what was refused is told with its reason, and the way to it": withGateway(source(RIGHT), async (context) => {
    assert.equal(await push(context.gateway, RIGHT), 202);
    const { page, close } = await open(context, "sources/github");
    await page.getByTestId("refusals").getByText("None was refused").waitFor();
    assert.equal(await push(context.gateway, WRONG), 401);
    const refusal = page.getByTestId("refusals").getByText("no secret of this source fits");
    await refusal.waitFor();
    await refusal.click();
    await until("its page", () => /\/events\/\w{8}-\w{8}/.test(page.url()));
    await close();
  }),

  "sources: a new one waits, says what was wrong with the first, and turns green": withGateway(source(RIGHT), async (context) => {
    const { page, close } = await open(context, "sources/github");
    const first = page.getByTestId("first");
    await first.getByText("Waiting for the first delivery").waitFor();
    assert.equal(await push(context.gateway, WRONG), 401);
    await until("red", async () => (await first.getAttribute("data-phase")) === "bad");
    await first.getByText("no secret of this source fits").waitFor();
    assert.ok(await page.getByTestId("paste-secret").isVisible());
    assert.equal(await push(context.gateway, RIGHT), 202);
    await until("green", async () => (await first.getAttribute("data-phase")) === "good");
    await first.getByText("It works").waitFor();
    await close();
  }),

  "sources: a secret that the vendor sends is awaited, shown and kept; an address of this machine is called one": withGateway(`${EMPTY}\n[[source]]\nname = "tasks"\nprovider = "asana"\ncapture = true\n\n[[source]]\nname = "social"\nprovider = "meta"\nsecrets = ["x"]\nverify_token = "y"\n`, async (context) => {
    const { page, complaints, close } = await open(context, "sources/tasks");
    await page.getByTestId("source-detail").getByText("The first that is offered is believed").waitFor();
    await page.getByTestId("loopback").getByText("public_url").waitFor();
    const secret = "b537207f20cbfa02357cf448134da559";
    const offered = await fetch(`${context.gateway.origin}/hooks/tasks`, { method: "POST", headers: { "x-hook-secret": secret } });
    assert.equal(offered.headers.get("x-hook-secret"), secret);
    await page.getByText("The secret has come").waitFor();
    await page.getByTestId("show-secret").click();
    await page.getByRole("region", { name: "secret", exact: true }).getByText(secret).waitFor();
    await page.getByTestId("keep-secret").click();
    await until("kept", async () => (await page.getByText("The secret has come").count()) === 0);
    const file = readFileSync(join(context.gateway.folder, "hookcast.toml"), "utf8");
    assert.ok(file.includes(secret) && !file.includes("capture"), file);
    await page.goto(`${context.gateway.origin}/sources/social#token=${context.gateway.token}`);
    await page.getByRole("heading", { name: "And its verify token" }).waitFor();
    assert.deepEqual(complaints, []);
    await close();
  }),

  "sources: added by keyboard alone, secret shown once, tested, refused on purpose, turned green": withGateway(EMPTY, async (context) => {
    const { page, complaints, close } = await open(context, "sources");
    await page.getByTestId("empty").waitFor();
    await page.keyboard.press("a");
    await page.getByTestId("provider-github").first().waitFor();
    await page.keyboard.type("githu");
    await page.getByText("Enter takes GitHub").waitFor();
    await page.keyboard.press("Enter");
    await page.getByTestId("add").waitFor();
    await page.keyboard.type("../x");
    await page.getByText("A name is made of letters").waitFor();
    await page.keyboard.press("Control+a");
    await page.keyboard.type("code");
    await page.keyboard.press("Enter");
    const first = page.getByTestId("first");
    await first.getByText("Waiting for the first delivery").waitFor();
    assert.match(page.url(), /\/sources\/code/);
    const secret = await page.getByRole("region", { name: "secret", exact: true }).textContent();
    assert.ok(secret.length >= 24, secret);
    await tabTo(page, "test-code");
    await page.keyboard.press("Enter");
    await until("green", async () => (await first.getAttribute("data-phase")) === "good");
    await tabTo(page, "wrong-signature");
    await page.keyboard.press("Enter");
    await first.getByText("Refused, as it should be").waitFor();
    await page.getByTestId("test-said").getByText("refused, as asked").waitFor();
    await page.reload();
    await page.getByTestId("source-detail").waitFor();
    await page.getByTestId("refusals").getByText("no secret of this source fits").waitFor();
    assert.ok(!(await page.content()).includes(secret), "the secret is not shown again");
    // The browser logs the refusal that was asked for.
    assert.deepEqual(complaints.filter((each) => !each.includes("401")), []);
    await close();
  }),

  "sources: the wrong secret is mended on the spot, and rotated, and the source removed after a question": withGateway(source(WRONG), async (context) => {
    const { page, close } = await open(context, "sources/github");
    const first = page.getByTestId("first");
    await first.getByText("Waiting for the first delivery").waitFor();
    assert.equal(await push(context.gateway, RIGHT), 401);
    await until("red", async () => (await first.getAttribute("data-phase")) === "bad");
    await page.getByRole("button", { name: "Use this secret" }).click();
    await first.getByText("Paste the secret that GitHub shows").waitFor();
    await page.getByTestId("paste-secret").fill(RIGHT);
    await page.keyboard.press("Enter");
    await first.getByText("Saved. Waiting").waitFor();
    assert.equal(await push(context.gateway, RIGHT), 202);
    await until("green", async () => (await first.getAttribute("data-phase")) === "good");
    assert.ok(!(await page.content()).includes(RIGHT), "what was pasted is not shown");
    await page.getByTestId("rotate").click();
    await page.getByRole("dialog").getByRole("button", { name: "Rotate" }).click();
    await page.getByTestId("rotated").getByText("the old one still does").waitFor();
    const fresh = await page.getByRole("region", { name: "new secret" }).textContent();
    await page.keyboard.press("Escape");
    await until("the focus back", () => page.evaluate(() => document.activeElement?.getAttribute("data-testid") === "rotate"));
    assert.deepEqual([await push(context.gateway, fresh), await push(context.gateway, RIGHT)], [202, 202]);
    await page.getByRole("button", { name: "Remove this source" }).click();
    await page.keyboard.press("Enter");
    await until("kept, for that is what Enter means", async () => (await page.getByRole("dialog").count()) === 0);
    await page.getByRole("button", { name: "Remove this source" }).click();
    await page.getByRole("button", { name: "Remove it" }).click();
    await page.getByTestId("empty").waitFor();
    assert.equal(await push(context.gateway, RIGHT), 404);
    await close();
  }),

  "sources: a name that is taken, and a secret that is missing, are told beside their fields": withGateway(source(RIGHT), async (context) => {
    const { page, close } = await open(context, "sources?add=stripe");
    await page.getByTestId("add").waitFor();
    const name = page.getByLabel("Name", { exact: true });
    await name.fill("github");
    await page.getByTestId("add").click();
    await page.getByText("There is a source called “github” already").waitFor();
    assert.equal(await name.getAttribute("aria-invalid"), "true");
    const told = await name.getAttribute("aria-describedby");
    assert.match(await page.locator(`#${told.split(" ").at(-1)}`).textContent(), /already/);
    await name.fill("payments");
    await page.getByTestId("add").click();
    await page.getByText("Paste the secret that Stripe shows").waitFor();
    await until("the focus on the secret", () => page.evaluate(() => document.activeElement?.getAttribute("data-field") === "secret"));
    await close();
  }),

  async "sources: where the file cannot be written, the lines for it stand here with the reason"({ browser, results }) {
    const redis = await startRedis();
    const gateway = await serve(`[broker]\nurl = "${redis.url}"\n`);
    const { page, close } = await open({ gateway, browser, results }, "sources?add=github");
    await page.getByTestId("add").click();
    const unwritten = page.getByTestId("unwritten");
    await unwritten.waitFor();
    assert.match(await unwritten.getByRole("region", { name: "TOML" }).textContent(), /\[\[source\]\]\nname = "github"/);
    assert.match(await unwritten.textContent(), /Redis/);
    await close();
    await gateway.stop();
    await redis.stop();
  },

  async "topics: a tree by keyboard that counts what comes, and a pattern tried on it"(context) {
    const { page, complaints, close } = await open(context, "topics?stream=sensors");
    const tree = page.getByTestId("tree");
    const root = tree.getByRole("treeitem").first();
    await until("something heard", async () => Number(await root.locator(".seen").textContent()) > 0);
    await root.focus();
    await page.keyboard.press("ArrowLeft");
    await until("closed", async () => (await tree.getByRole("treeitem").count()) === 1);
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowDown");
    await until("the second row", () => page.evaluate(() => document.activeElement?.getAttribute("aria-level") === "2"));
    await page.keyboard.press("Enter");
    await until("its pattern", () => decodeURIComponent(page.url()).includes("pattern=sensors/"));
    const pattern = page.getByTestId("pattern");
    await pattern.fill("sensors/x*");
    await page.getByText("mixes it with other characters").waitFor();
    assert.equal(await pattern.getAttribute("aria-invalid"), "true");
    await pattern.fill("sensors/**");
    await until("caught", async () => Number(await page.getByTestId("caught").textContent()) > 0);
    await page.getByRole("tab", { name: "Terminal" }).click();
    await page.getByRole("region", { name: "Terminal code" }).getByText("hookcast listen 'sensors/**'").waitFor();
    assert.deepEqual(complaints, []);
    await close();
  },

  async "topics: a pattern that the token does not cover is refused with the reason"(context) {
    const token = context.gateway.tokenFor(600, { hookcast: { subscribe: ["shop/**", "hookcast/**"] } });
    const { page, close } = await open(context, "topics?pattern=sensors/**", { token });
    await page.getByTestId("pattern-refused").getByText("lacks a grant that covers sensors/**").waitFor();
    await close();
  },

  "topics: what is not loaded is asked for when it is typed": withGateway(`${EMPTY}\n[[source]]\nname = "shop"\nprovider = "none"\ntopic = "shop/{/name}/made"\n`, async (context) => {
    for (const name of ["Apple", "pear"]) await fetch(`${context.gateway.origin}/hooks/shop`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ name }) });
    let asked = "";
    const before = (page) =>
      page.route("**/api/v1/topics?stream=shop*", (route) => {
        asked = new URL(route.request().url()).searchParams.get("text") ?? "";
        // As a stream of more topics than are loaded at once.
        return asked === "" ? route.fulfill({ json: { stream: "shop", topics: [{ topic: "shop/aaa/made", offset: 1 }], more: true } }) : route.continue();
      });
    const { page, complaints, close } = await open(context, "topics?stream=shop", { before });
    const tree = page.getByTestId("tree");
    await page.getByText("These are the first topics by name").waitFor();
    await page.getByRole("searchbox", { name: "Search the topics" }).fill("APPLE");
    await tree.getByRole("treeitem", { name: /Apple/ }).first().waitFor();
    await page.getByTestId("searched").getByText("All that is kept was searched.").waitFor();
    assert.equal(asked, "APPLE");
    assert.equal(await tree.getByRole("treeitem", { name: /pear|aaa/ }).count(), 0);
    assert.deepEqual(complaints, []);
    await close();
  }),

  "topics: none yet leads to a source": withGateway(EMPTY, async (context) => {
    const { page, close } = await open(context, "topics");
    // The gateway's own stream is always there.
    await page.getByRole("link", { name: "hookcast" }).or(page.getByTestId("empty")).first().waitFor();
    await close();
  }),
  "connections: who is connected, found by a word, closed after a question": withGateway(source(RIGHT), async (context) => {
    const { page, complaints, close } = await open(context, "connections");
    const other = await open(context, "topics", { token: context.gateway.tokenFor(600, ["github/**", "hookcast/**"]) });
    const rows = page.locator("[data-testid^='session-']");
    await until("both", async () => (await rows.count()) === 2);
    await page.keyboard.press("/");
    await page.keyboard.type("github/**");
    await until("one", async () => (await rows.count()) === 1);
    assert.match(await rows.textContent(), /github\/\*\*/);
    await rows.getByRole("button", { name: /Close the connection/ }).click();
    await page.getByRole("dialog").getByText("missing nothing").waitFor();
    await page.keyboard.press("Escape");
    await until("asked, and not done", async () => (await page.getByRole("dialog").count()) === 0);
    assert.equal(await rows.count(), 1);
    await rows.getByRole("button", { name: /Close the connection/ }).click();
    await page.getByRole("button", { name: "Close it" }).click();
    await until("gone", async () => (await rows.count()) === 0);
    await until("told so", async () => /reconnecting in/.test(await other.badge.first().textContent()));
    assert.deepEqual(complaints, []);
    await other.close();
    await close();
  }),

  "connections: names that a stranger chose stay text": withGateway(source(RIGHT), async (context) => {
    const subject = "<img src=x onerror=window.hacked=1>\u202egnp.exe";
    const stranger = context.gateway.tokenFor(600, ["github/**"], { sub: subject });
    const { page, close } = await open(context, "connections");
    const socket = await page.evaluate(async ([token, label]) => {
      const opened = new WebSocket(`${location.origin.replace("http", "ws")}/ws`, ["hookcast.v1", `hookcast.token.${token}`]);
      await new Promise((resolve) => (opened.onopen = resolve));
      opened.send(JSON.stringify({ type: "subscribe", id: label, pattern: "github/**" }));
      window.kept = opened;
      return opened.readyState;
    }, [stranger, "<b>id</b>"]);
    assert.equal(socket, 1);
    await page.getByText("<img src=x onerror=window.hacked=1>\\u202egnp.exe").waitFor();
    await page.getByTestId("new-link").click();
    await page.getByLabel("Label").fill(subject);
    await page.getByTestId("make-link").click();
    await page.getByTestId("link-made").waitFor();
    await page.keyboard.press("Escape");
    await page.getByTestId("links").getByRole("rowheader", { name: /<img/ }).waitFor();
    assert.equal(await page.locator("img[src='x']").count(), 0);
    assert.equal(await page.evaluate(() => "hacked" in window), false);
    await close();
  }),

  "connections: a link by keyboard alone: made, shown once, good for a wall, revoked": withGateway(source(RIGHT), async (context) => {
    const { page, close } = await open(context, "connections");
    await page.getByTestId("links").waitFor();
    await tabTo(page, "new-link");
    await page.keyboard.press("Enter");
    await page.keyboard.type("the hall");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Control+a");
    await page.keyboard.type("*/x");
    await page.keyboard.press("Enter");
    await page.getByText("cannot hear all streams at once").waitFor();
    await page.keyboard.press("Control+a");
    await page.keyboard.type("github/**");
    await page.keyboard.press("Enter");
    const url = await page.getByRole("region", { name: "link", exact: true }).textContent();
    await page.keyboard.press("Escape");
    await until("the focus back", () => page.evaluate(() => document.activeElement?.getAttribute("data-testid") === "new-link"));
    const row = page.getByTestId("links").getByRole("row", { name: /the hall/ });
    await row.waitFor();
    assert.ok(!(await page.content()).includes(new URL(url).hash.slice(5)), "the key is not shown again");
    const wall = await open(context, "", { fragment: new URL(url).hash.slice(1) });
    await until("live", async () => (await wall.badge.first().textContent()).includes("live"));
    await page.getByRole("rowheader", { name: /^the hall\s*viewers' link · WebSocket/ }).waitFor();
    await wall.close();
    await row.getByRole("button", { name: "Revoke the link the hall" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").getByText("signed out within five minutes").waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await until("gone", async () => (await row.count()) === 0);
    await close();
  }),

  "health: green once the way was tried, and no longer when nobody answers": withGateway(source(RIGHT), async (context) => {
    const { page, close } = await open(context, "health");
    const verdict = page.getByTestId("verdict");
    await until("green", async () => (await verdict.getAttribute("data-tone")) === "ok");
    assert.match(await verdict.textContent(), /Tried at \d\d:\d\d:\d\d/);
    await page.getByText("1 of 1 node answers").waitFor();
    await context.gateway.kill();
    await until("not green", async () => (await verdict.getAttribute("data-tone")) === "unknown");
    await verdict.getByText("Not known now").waitFor();
    await context.gateway.restart();
    await until("green again", async () => (await verdict.getAttribute("data-tone")) === "ok");
    await close();
  }),
};

for (const path of ["sources", "topics", "connections", "health"]) {
  screens[`${path}: without the grant it is named, and nothing else is shown`] = async (context) => {
    const token = context.gateway.tokenFor(600, { hookcast: { subscribe: ["**"] } });
    const { page, close } = await open(context, path, { token });
    await page.getByTestId("forbidden").getByText("hookcast/**").first().waitFor();
    assert.equal(await page.getByRole("table").count(), 0);
    await close();
  };

  screens[`${path}: killed under the page it says as of when, and comes back alone`] = withGateway(source(RIGHT), async (context) => {
    await push(context.gateway, RIGHT);
    const { page, close } = await open(context, path);
    await until("the answer", async () => (await page.getByText(/github|WebSocket|Deliveries|Events come/).count()) > 0);
    await context.gateway.kill();
    await page.getByTestId("as-of").getByText(/as of \d\d:\d\d:\d\d/).first().waitFor({ timeout: 20_000 });
    await context.gateway.restart();
    await until("new again", async () => (await page.getByTestId("as-of").count()) === 0);
    await close();
  });
}
