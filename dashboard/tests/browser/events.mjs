// The events screen as a person uses it: refused beside accepted, found by keys, sent again, and never a lie about what is missing.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { until } from "../support/runner.mjs";
import { eventsLooks } from "./events-looks.mjs";
import { betweenSockets, openBoard } from "./page.mjs";

const rows = (page) => page.getByTestId("delivery");
const refusedRows = (page) => page.locator('[data-testid="delivery"].refused');

export async function openEvents(context, path = "", how = {}) {
  const opened = await openBoard(context, { query: `events${path}`, viewport: { width: 1280, height: 800 }, ...how });
  await opened.page.getByTestId("screen-events").waitFor();
  return opened;
}

/** A delivery to the demo's donations, signed with its real token unless another is given. */
export async function deliver({ gateway }, body, token) {
  const { curl } = (await gateway.boardJson()).try;
  const own = /x-donation-token: (\w+)/.exec(curl)[1];
  const response = await fetch(`${gateway.origin}/hooks/donations`, { method: "POST", body, headers: { "x-donation-token": token ?? own, "content-type": "application/json" } });
  return { status: response.status, answer: await response.json() };
}

const donation = (changes) => JSON.stringify({ event: "donation.success", name: "A", amount: 1, currency: "EUR", message: "", ...changes });

/** The id of the delivery that brought this event, from the list. */
export async function idOf(page, words) {
  const row = rows(page).filter({ hasText: words }).first();
  await row.waitFor();
  return row.getAttribute("data-id");
}

/** The newest kept delivery that fits, by the API. */
export async function kept({ gateway }, wanted) {
  const found = await until("a delivery that fits", async () => {
    const response = await fetch(`${gateway.origin}/api/v1/deliveries?limit=1000`, { headers: { authorization: `Bearer ${gateway.token}` } });
    return (await response.json()).deliveries.find(wanted);
  });
  return found.id;
}

export const events = {
  async "events: a refused one appears live beside the accepted ones, with the reason in words"(context) {
    const { page, complaints, close } = await openEvents(context);
    await rows(page).first().waitFor();
    const { status } = await deliver(context, donation(), "wrong");
    assert.equal(status, 401);
    // The list holds the rows in sight: how many of them were refused before says nothing.
    await until("its row", async () => (await refusedRows(page).filter({ hasText: "it is none of this source's secrets" }).count()) > 0);
    assert.ok((await page.locator('[data-testid="delivery"].accepted').count()) > 0);
    await until("a share", async () => /\d/.test(await page.getByTestId("refused-share").textContent()));
    assert.deepEqual(complaints, []);
    await close();
  },

  async "events: task by keys: find a refusal, and why"(context) {
    await deliver(context, donation(), "wrong");
    const { page, close } = await openBoard(context, { viewport: { width: 1280, height: 800 } });
    await page.getByTestId("rate").waitFor();
    // The rail's keys come with the operator's grant.
    await page.getByRole("navigation", { name: "Screens" }).waitFor();
    await page.keyboard.press("g");
    await page.keyboard.press("e");
    await page.getByTestId("screen-events").waitFor();
    await rows(page).first().waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type("outcome:refused source:donations");
    await until("refused only", async () => (await rows(page).count()) > 0 && (await rows(page).count()) === (await refusedRows(page).count()));
    await page.keyboard.press("Escape");
    await page.keyboard.press("j");
    assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("data-testid")), "delivery");
    await page.keyboard.press("Enter");
    await page.getByTestId("panel-checks").waitFor();
    assert.match(await page.getByTestId("check-signature").textContent(), /failed.*none of this source's secrets/);
    assert.match(await page.getByTestId("check-append").textContent(), /not reached/);
    await page.getByTestId("mend").getByText("Copy the token from where the sender keeps it").waitFor();
    assert.match(page.url(), /\/events\/[a-z0-9]{8}-[a-z0-9]{8}\?q=outcome/);
    await page.keyboard.press("Escape");
    await until("the list alone", async () => (await page.getByTestId("panel-checks").count()) === 0);
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    await until("the whole list", () => !page.url().includes("q="));
    await page.keyboard.press("f");
    await until("refused only, by a key", () => page.url().includes("q=outcome%3Arefused"));
    await close();
  },

  async "events: task by keys: replay as received is a duplicate, sent anew it is a new event"(context) {
    await context.gateway.testSource("github");
    const id = await kept(context, ({ source, outcome }) => source === "github" && outcome === "accepted");
    const { page, complaints, close } = await openEvents(context, `/${id}`);
    await page.getByTestId("panel-payload").waitFor();
    await until("it may be sent", () => page.getByTestId("replay").isEnabled());
    await page.keyboard.press("r");
    const first = page.getByTestId("replayed").first();
    await first.getByText("202 duplicate").waitFor();
    await first.getByText("nothing was added").waitFor();
    await page.keyboard.press("n");
    await page.getByTestId("replayed").first().getByText("202 accepted").waitFor();
    const made = page.getByTestId("replayed").first().getByTestId("made");
    await made.waitFor();
    await made.click();
    await until("the delivery it made", () => !page.url().includes(id) && /events\/[a-z0-9]{8}-/.test(page.url()));
    await page.getByRole("tab", { name: "Checks" }).click();
    await page.getByTestId("became").getByText("push").first().waitFor();
    assert.deepEqual(complaints, []);
    await close();
  },

  async "events: what was never proven is sent anew only when it is meant"(context) {
    await fetch(`${context.gateway.origin}/hooks/github`, { method: "POST", body: '{"zen":"x"}' });
    const id = await kept(context, ({ source, outcome, reason }) => source === "github" && outcome === "refused" && reason === "missing");
    const { page, close } = await openEvents(context, `/${id}`);
    await until("it may be sent", () => page.getByTestId("anew").isEnabled());
    await page.getByTestId("anew").click();
    await page.getByTestId("unproven").getByRole("button", { name: "Do not send" }).click();
    assert.equal(await page.getByTestId("replayed").count(), 0);
    await page.getByTestId("anew").click();
    await page.getByTestId("unproven").getByRole("button", { name: "It is genuine: send it" }).click();
    await page.getByTestId("replayed").getByText("202").waitFor();
    await close();
  },

  async "events: edited, and three times, with the JSON watched"(context) {
    await context.gateway.testSource("github");
    const id = await kept(context, ({ source, outcome }) => source === "github" && outcome === "accepted");
    const { page, close } = await openEvents(context, `/${id}`);
    await until("it may be edited", () => page.getByTestId("edit").isEnabled());
    await page.getByTestId("edit").click();
    await until("that it is JSON", async () => (await page.getByTestId("editor-check").textContent()).trim() === "JSON");
    await page.getByTestId("editor").fill('{"name":"#edited" 1}');
    await page.getByTestId("editor-check").getByText("line 1, column 19: expected a comma or }").waitFor();
    await page.getByTestId("editor").fill('{"name":"#edited"}');
    await page.getByTestId("count").fill("3");
    await page.getByTestId("send-edited").click();
    await page.getByTestId("replayed").getByText("3 × 202 accepted").waitFor();
    assert.equal(await page.getByTestId("made").count(), 3);
    await close();
  },

  async "events: the curl line, and a pointer with a widget of it"(context) {
    await context.gateway.testSource("github");
    const id = await kept(context, ({ source, outcome }) => source === "github" && outcome === "accepted");
    const { page, close } = await openEvents(context, `/${id}`, { permissions: ["clipboard-read", "clipboard-write"] });
    await page.getByTestId("curl").click();
    await page.getByText(/^curl 'http.*\/hooks\/github' -H .*--data-raw/).waitFor();
    const value = page.getByRole("treeitem").filter({ hasText: "refs/heads" }).last();
    await value.click();
    await value.getByText("pointer copied").waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), "/ref");
    const link = new URL(await value.getByRole("link", { name: "A widget of it" }).getAttribute("href"), context.gateway.origin);
    assert.equal(link.pathname, "/board/home");
    assert.equal(link.searchParams.get("of"), "/data/ref");
    assert.match(link.searchParams.get("from"), /^github\//);
    await page.getByRole("treeitem").first().focus();
    await page.keyboard.press("ArrowLeft");
    await until("closed", async () => (await page.getByRole("treeitem").count()) === 1);
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("End");
    await until("the last is reached", () => page.evaluate(() => document.activeElement?.getAttribute("role") === "treeitem" && document.activeElement !== document.querySelector("[role=treeitem]")));
    await close();
  },

  async "events: search by chips, by words of the payload, and by what is mistyped"(context) {
    const name = "Zebedee";
    assert.equal((await deliver(context, donation({ name }))).status, 202);
    const { page, close } = await openEvents(context);
    await rows(page).first().waitFor();
    await page.getByTestId("chip-source-donations").click();
    await until("donations only", async () => new Set(await rows(page).locator(".source").allTextContents()).size === 1);
    await page.getByTestId("chip-source-donations").click();
    await page.getByTestId("search").fill(name);
    await until("what the gateway found", async () => /“Zebedee” is in 1 of/.test(await page.getByTestId("search-notes").textContent()));
    assert.equal(await rows(page).count(), 1);
    await page.getByTestId("search").fill(`${name} sorce:x`);
    await page.getByTestId("search-notes").getByText("did you mean source:?").waitFor();
    await page.getByTestId("none").waitFor();
    await page.route("**/api/v1/deliveries?text=*", (route) => route.fulfill({ status: 400, json: { code: "bad_query", detail: "unknown field `text`" } }));
    await page.getByTestId("search").fill("Zebe");
    await page.getByTestId("search-notes").getByText("cannot search payloads").waitFor();
    await close();
  },

  async "events: it stands still while somebody reads, and says how many are new"(context) {
    const { page, close } = await openEvents(context);
    await rows(page).first().waitFor();
    await until("more than fits", () => page.getByTestId("rows").evaluate((list) => list.scrollHeight - list.clientHeight > 200));
    await page.getByTestId("rows").hover();
    await page.mouse.wheel(0, 200);
    const seen = await until("it has scrolled", () => page.getByTestId("rows").evaluate((list) => list.scrollTop > 50 && list.scrollTop));
    await context.gateway.testSource("github");
    const pill = page.getByTestId("pill");
    await until("the pill", async () => /^\d+ new$/.test((await pill.textContent()).trim()));
    assert.equal(await page.getByTestId("rows").evaluate((list) => list.scrollTop), seen);
    await pill.click();
    await until("the top", () => page.getByTestId("rows").evaluate((list) => list.scrollTop === 0));
    await until("no pill", async () => (await pill.count()) === 0);
    await page.keyboard.press("j");
    const active = await page.evaluate(() => document.activeElement.id);
    await context.gateway.testSource("github");
    await pill.waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.id), active);
    await close();
  },

  async "events: what is listed is saved, a line each"(context) {
    await deliver(context, donation(), "wrong");
    const { page, close } = await openEvents(context, "?outcome=refused&source=donations");
    await rows(page).first().waitFor();
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByTestId("export").click()]);
    assert.match(download.suggestedFilename(), /^deliveries-.*\.ndjson$/);
    const lines = readFileSync(await download.path(), "utf8").trimEnd().split("\n").map((line) => JSON.parse(line));
    assert.ok(lines.length >= 1);
    assert.ok(lines.filter(({ outcome }) => outcome !== undefined).every(({ outcome, checks }) => outcome === "refused" && checks.length === 6));
    await close();
  },

  async "events: hostile payloads stay text, and bounded"(context) {
    const hostile = `<img src=x onerror=window.hacked=1><script>window.hacked=2</script>\u202egnp.exe`;
    assert.equal((await deliver(context, `{"event":"donation.success","name":${JSON.stringify(hostile)},"__proto__":{"polluted":1},"amount":820982911946001046}`)).status, 202);
    const { page, complaints, close } = await openEvents(context, "?q=820982911946001046");
    await idOf(page, "donation.success");
    await rows(page).first().click();
    const tree = page.getByRole("tree");
    await tree.waitFor();
    const text = await tree.textContent();
    assert.ok(text.includes("<img src=x") && text.includes("\\u202egnp.exe") && !text.includes("\u202e"), text);
    assert.ok(text.includes("__proto__") && text.includes("820982911946001046"), text);
    await page.getByRole("tab", { name: "Raw" }).click();
    assert.ok(!(await page.getByTestId("raw").textContent()).includes("\u202e"));
    assert.equal(await page.locator("img[src='x']").count(), 0);
    assert.equal(await page.evaluate(() => "hacked" in window || "polluted" in {}), false);

    const keys = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`k${index}`, 1]));
    // Longer than a browser's own numbers are.
    assert.equal((await deliver(context, donation({ name: "Many keys", keys }).replace('"amount":1,', '"amount":820982911946001046,'))).status, 202);
    assert.equal((await deliver(context, donation({ name: "Long text", message: "x".repeat(1_000_000) }))).status, 202);
    for (const name of ["Many keys", "Long text"]) {
      const id = await kept(context, ({ bytes }) => (name === "Many keys" ? bytes > 65_536 && bytes < 900_000 : bytes > 900_000));
      await page.goto(`${context.gateway.origin}/events/${id}#token=${context.gateway.token}`);
      await page.getByTestId("cut").waitFor();
      await page.getByText("As it was published, from the log:").waitFor();
      await until("the tree", async () => (await page.getByRole("treeitem").count()) > 3);
      if (name === "Many keys") assert.match(await page.getByRole("tree").textContent(), /820982911946001046/);
      const size = await page.evaluate(() => ({ nodes: document.querySelectorAll("*").length, text: document.querySelector("[role=tree]").textContent.length }));
      assert.ok(size.nodes < 3_000 && size.text < 20_000, JSON.stringify(size));
    }
    assert.deepEqual(complaints, []);
    await close();
  },

  async "events: a viewer is told which grant is missing"(context) {
    const token = context.gateway.tokenFor(3_600, { hookcast: { subscribe: ["**"] } });
    const { page, close } = await openEvents(context, "", { token });
    await page.getByTestId("forbidden").getByText("hookcast/**").waitFor();
    assert.equal(await rows(page).count(), 0);
    await close();
  },

  async "events: a gap has a row that names its range"(context) {
    let between;
    const { page, badge, close } = await openEvents(context, "", { before: async (each) => (between = await betweenSockets(each)) });
    await rows(page).first().waitFor();
    await until("live", async () => /live/.test(await badge.textContent()));
    between.routes.at(-1).send(JSON.stringify({ type: "gap", stream: "hookcast", reason: "slow", from: 17, to: 30 }));
    await page.getByTestId("gap-row").getByText("14 missed: reports 17 to 30 (slow)").waitFor();
    await close();
  },

  async "events: a killed gateway: rows stay as of then, and come on; what it forgot is said"(context) {
    await context.gateway.testSource("github");
    const id = await kept(context, ({ source, outcome }) => source === "github" && outcome === "accepted");
    const { page, close } = await openEvents(context);
    await rows(page).first().waitFor();
    await context.gateway.kill();
    await page.getByTestId("as-of").getByText(/as of \d\d:\d\d:\d\d/).waitFor();
    assert.ok((await rows(page).count()) > 0);
    await context.gateway.restart();
    await until("it goes on", async () => (await page.getByTestId("as-of").count()) === 0);
    await context.gateway.testSource("github");
    await until("a new row", async () => (await rows(page).first().getAttribute("data-id")).slice(0, 8) !== id.slice(0, 8));
    await page.goto(`${context.gateway.origin}/events/${id}?tab=payload#token=${context.gateway.token}`);
    await page.getByTestId("gone").getByText("not kept any more").waitFor();
    await page.getByText("As it was published, from the log:").waitFor();
    await page.getByRole("treeitem").filter({ hasText: "repository" }).first().waitFor();
    assert.equal(await page.getByTestId("replay").isDisabled(), true);
    await close();
  },

  async "events: a gateway that lost its store: the gap is told"(context) {
    const { page, close } = await openEvents(context);
    await rows(page).first().waitFor();
    await context.gateway.kill();
    context.gateway.forget();
    await context.gateway.restart();
    await page.getByTestId("gap-row").waitFor({ timeout: 30_000 });
    assert.match(await page.getByTestId("gap-row").textContent(), /missed: reports .* \(epoch\)/);
    await close();
  },

  ...eventsLooks,
};
