// What the page does: moves when an event comes, keeps its promise when one does not.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { until } from "../support/runner.mjs";
import { betweenSockets, changeBoard, numberOf, openBoard } from "./page.mjs";

const run = promisify(execFile);

/** The `curl` line that the page shows, run by a shell as a person would; `change` rewrites it first. */
async function post(gateway, change = (line) => line) {
  const { curl } = (await gateway.boardJson()).try;
  const { stdout } = await run("bash", ["-c", change(curl)]);
  return { answer: JSON.parse(stdout.slice(stdout.indexOf("{"))), curl };
}

/** Rewrites the name in the line's body; a line without one is a fault of the line. */
function renamed(name) {
  return (line) => {
    const changed = line.replace(/"name":\s*"[^"]*"/, `"name":"${name}"`);
    assert.notEqual(changed, line, `no name in ${line}`);
    return changed;
  };
}

export const cases = {
  async "before anything came: titles with dashes, at once"(context) {
    const board = await openBoard(context, { before: (page) => page.routeWebSocket(/\/ws$/, () => undefined) });
    await board.tile("raised").waitFor();
    assert.equal(await board.tile("raised").locator(".dash").textContent(), "–");
    assert.match(await board.tile("orders").textContent(), /Orders per minute/);
    assert.match(await board.badge.textContent(), /catching up/);
    await board.close();
  },

  async "the first live event moves the page"(context) {
    const board = await openBoard(context);
    await until("a live event on the page", async () => Number(await board.page.getByTestId("rate").locator("strong").textContent()) > 0);
    await until("live", async () => /live/.test(await board.badge.textContent()));
    assert.deepEqual(board.complaints, []);
    await board.close();
  },

  async "the policy is default-src 'self', and nothing on the page offends it"(context) {
    const board = await openBoard(context);
    assert.match(board.response.headers()["content-security-policy"] ?? "", /default-src 'self'/);
    await board.tile("orders").locator("canvas").waitFor();
    await board.page.getByLabel("Temperature as a table").first().waitFor();
    assert.deepEqual(board.complaints, []);
    await board.close();
  },

  async "the test button moves the number by what was given"(context) {
    const board = await openBoard(context);
    const frames = [];
    board.page.on("websocket", (socket) => socket.on("framereceived", ({ payload }) => frames.push(String(payload))));
    await board.page.reload();
    await board.tile("raised").getByTestId("number").waitFor();
    const before = await numberOf(board.tile("raised"));
    const answered = board.page.waitForResponse((response) => response.url().endsWith("/test"));
    await board.page.getByTestId("test-donations").first().click();
    const response = await answered;
    assert.equal(response.status(), 202);
    const { id } = await response.json();
    const frame = await until("its frame", () => frames.find((text) => text.includes(JSON.stringify(id))));
    const { data } = JSON.parse(frame).events.find(({ event }) => event.id === id).event;
    assert.ok(data.amount > 0);
    await until(`the number at ${before + data.amount} or more`, async () => (await numberOf(board.tile("raised"))) >= before + data.amount - 0.01);
    await board.close();
  },

  async "the curl line works as printed"(context) {
    const board = await openBoard(context);
    await board.tile("raised").getByTestId("number").waitFor();
    const before = await numberOf(board.tile("raised"));
    const { answer, curl } = await post(context.gateway);
    assert.equal(answer.outcome, "accepted");
    const amount = Number(/"amount":\s*([\d.]+)/.exec(curl)?.[1]);
    assert.ok(amount > 0, curl);
    await until(`the number at ${before + amount} or more`, async () => (await numberOf(board.tile("raised"))) >= before + amount - 0.01);
    const shown = await board.page.getByRole("region", { name: "curl line", exact: true }).textContent();
    assert.equal(shown, curl);
    await board.close();
  },

  async "a hostile payload stays text"(context) {
    const board = await openBoard(context);
    await board.tile("gifts").getByTestId("row").first().waitFor();
    const hostile = `<img src=x onerror=window.hacked=1><script>window.hacked=2</script>{/data/amount}`;
    const { answer } = await post(context.gateway, renamed(hostile));
    assert.equal(answer.outcome, "accepted");
    await until("its text", async () => (await board.tile("gifts").textContent()).includes(hostile));
    await until("its scene", async () => (await board.tile("thanks").textContent()).includes("<img src=x"));
    assert.equal(await board.page.locator("img[src='x']").count(), 0);
    assert.equal(await board.page.evaluate(() => "hacked" in window), false);
    await board.close();
  },

  async "a scene plays for what is new, never for history"(context) {
    await context.gateway.testSource("donations");
    let between;
    const historyOnly = async (page) => {
      between = await betweenSockets(page);
      between.passesLive = false;
    };
    const board = await openBoard(context, { before: historyOnly });
    const scene = board.tile("thanks").getByTestId("scene");
    await scene.getByText(/gave/).waitFor();
    assert.equal(await scene.getAttribute("data-playing"), "false");
    between.passesLive = true;
    await context.gateway.testSource("donations");
    await until("a scene", async () => (await scene.getAttribute("data-playing")) === "true");
    await board.close();
  },

  async "the plug: grey with the time, then caught up and nothing missed"(context) {
    const board = await openBoard(context);
    await until("live", async () => /live/.test(await board.badge.textContent()));
    await board.tile("raised").getByTestId("number").waitFor();
    await board.page.getByTestId("plug").click();
    await until("offline", async () => /offline/.test(await board.badge.textContent()));
    await context.gateway.testSource("donations");
    await until("the time of the loss", async () => /as of \d\d:\d\d:\d\d/.test(await board.tile("raised").textContent()));
    assert.match((await board.tile("raised").getAttribute("class")) ?? "", /grey/);
    const result = await until("the result", async () => /resumed: (\d+) caught up, (.+)/.exec(await board.page.getByTestId("plug-result").textContent()));
    assert.ok(Number(result[1]) >= 1, result[0]);
    assert.equal(result[2].trim(), "0 missed");
    await until("live", async () => /live/.test(await board.badge.textContent()));
    assert.doesNotMatch((await board.tile("raised").getAttribute("class")) ?? "", /grey/);
    await board.close();
  },

  async "a gateway that restarts is found again without a hand"(context) {
    let between;
    const board = await openBoard(context, { before: async (page) => (between = await betweenSockets(page)) });
    await until("live", async () => /live/.test(await board.badge.textContent()));
    await between.routes.at(-1).close({ code: 1012, reason: '{"retry_ms":1500}' });
    await until("reconnecting", async () => /reconnecting in \d+ s/.test(await board.badge.textContent()));
    await until("live again", async () => /live/.test(await board.badge.textContent()));
    assert.equal(between.routes.length, 2);
    await board.close();
  },

  async "a gateway killed under the page and started again: resumed, with what came meanwhile"(context) {
    const board = await openBoard(context);
    await until("live", async () => /live/.test(await board.badge.textContent()));
    await context.gateway.kill();
    await until("reconnecting", async () => /reconnecting/.test(await board.badge.textContent()));
    await until("grey", async () => /grey/.test((await board.tile("raised").getAttribute("class")) ?? ""));
    await context.gateway.restart();
    const name = "Back again";
    const { answer } = await post(context.gateway, renamed(name));
    assert.equal(answer.outcome, "accepted");
    await until("live again", async () => /live/.test(await board.badge.textContent()));
    await until("what came meanwhile", async () => (await board.tile("gifts").textContent()).includes(name));
    assert.doesNotMatch((await board.tile("raised").getAttribute("class")) ?? "", /grey/);
    await board.close();
  },

  async "a gap is told: in the number, the feed and the chart"(context) {
    let between;
    const board = await openBoard(context, { before: async (page) => (between = await betweenSockets(page)) });
    await board.tile("latest-orders").getByTestId("row").first().waitFor();
    between.routes.at(-1).send(JSON.stringify({ type: "gap", stream: "shop", reason: "slow", from: 1, to: 14 }));
    await until("the number's bound", async () => /≥/.test(await board.tile("order-count").getByTestId("value").textContent()));
    assert.match(await board.tile("order-count").getByTestId("missed").textContent(), /14 missed/);
    assert.match(await board.tile("latest-orders").getByTestId("gap-row").textContent(), /14 missed: 1 to 14/);
    assert.match(await board.tile("orders").getByTestId("missed").textContent(), /14 missed/);
    assert.equal(await board.tile("raised").getByTestId("missed").count(), 0);
    await board.close();
  },

  async "what is forbidden names the grant, and the others go on"(context) {
    const refuse = (message) => message.type === "subscribe" && message.pattern.startsWith("scores/") && { type: "error", id: message.id, code: "forbidden", message: "no grant" };
    const board = await openBoard(context, { before: (page) => betweenSockets(page, refuse) });
    await board.tile("leaders").getByText("scores/*/score").waitFor();
    await board.tile("raised").getByTestId("number").waitFor();
    await board.close();
  },

  async "where nothing came: what will appear, a button, a curl line"(context) {
    const quiet = (json) => ({ ...json, widget: json.widget.map((each) => (each.id === "raised" ? { ...each, from: "donations/never" } : each)) });
    const board = await openBoard(context, { before: (page) => changeBoard(page, quiet) });
    const empty = board.tile("raised").getByTestId("empty");
    await empty.waitFor();
    assert.match(await empty.textContent(), /starts with the first event/);
    assert.match(await empty.textContent(), /curl /);
    await empty.getByRole("button", { name: "Send a test" }).click();
    await empty.getByText("accepted").waitFor();
    await board.close();
  },

  async "a silent source is called silent"(context) {
    const impatient = (json) => ({ ...json, widget: json.widget.map((each) => (each.id === "raised" ? { ...each, stale: "100ms" } : each)) });
    const board = await openBoard(context, { before: (page) => changeBoard(page, impatient) });
    await until("the words", async () => /no event for \d+ s/.test(await board.tile("raised").textContent()));
    await board.close();
  },

  async "a mistake in a board names widget and key, and the others render"(context) {
    const mistaken = (json) => ({ ...json, widget: [...json.widget, { id: "dial", type: "dial", from: "x/**" }] });
    const board = await openBoard(context, { before: (page) => changeBoard(page, mistaken) });
    await board.page.getByText('widget "dial": `type` should be one of').waitFor();
    await board.tile("raised").waitFor();
    await board.close();
  },

  async "a bad token is told as signed out, and a good one is taken there"(context) {
    const board = await openBoard(context, { token: "not.a.token" });
    await board.page.getByText("signed out").waitFor();
    await board.page.getByLabel("Token or link").fill(`${context.gateway.origin}/#token=${context.gateway.token}`);
    await board.page.keyboard.press("Enter");
    await board.tile("raised").waitFor();
    await board.close();
  },

  async "a viewer's link opens the board, lets nobody change anything, and a revoked one is told as signed out"(context) {
    const { origin, token } = context.gateway;
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const ask = (path, method, body) => fetch(`${origin}/api/v1/links${path}`, { method, headers, body: body && JSON.stringify(body) });
    const link = await (await ask("", "POST", { grants: ["**"], ttl: "1h", label: "wall" })).json();
    const fragment = new URL(link.url).hash.slice(1);
    const board = await openBoard(context, { fragment });
    await board.tile("raised").waitFor();
    await until("live", async () => (await board.badge.textContent()).includes("live"));
    assert.ok(board.page.url().includes("#key="), "the key stays in the address");
    await board.close();
    assert.equal((await ask(`/${link.id}`, "DELETE")).status, 204);
    const late = await openBoard(context, { fragment });
    await late.page.getByText("signed out").waitFor();
    await late.close();
  },

  async "keys: range, theme, kiosk and back"(context) {
    const board = await openBoard(context);
    await board.tile("raised").waitFor();
    await board.page.keyboard.press("3");
    await until("the range in the address", () => board.page.url().includes("range=15m"));
    await board.tile("raised").getByText("last 15 min").waitFor();
    await board.page.keyboard.press("t");
    assert.equal(await board.page.evaluate(() => document.documentElement.dataset.theme), "light");
    await board.page.keyboard.press("k");
    await until("kiosk", () => board.page.url().includes("kiosk"));
    assert.equal(await board.page.getByTestId("plug").count(), 0);
    await board.page.keyboard.press("Escape");
    await board.page.getByTestId("plug").waitFor();
    await board.page.getByTestId("test-donations").first().focus();
    await board.page.keyboard.press("Enter");
    await board.page.getByText("accepted").first().waitFor();
    await board.close();
  },

  async "a chart by keyboard: its values are spoken"(context) {
    const board = await openBoard(context);
    await board.tile("orders").locator("canvas").waitFor();
    await board.tile("orders").getByRole("group").focus();
    await board.page.keyboard.press("ArrowLeft");
    await until("a value", async () => /^\d\d:\d\d:\d\d: Orders per minute \d/.test((await board.tile("orders").locator("figure > p").textContent()) ?? ""));
    const first = await board.tile("orders").locator("figure > p").textContent();
    await board.page.keyboard.press("ArrowLeft");
    await until("the one before", async () => (await board.tile("orders").locator("figure > p").textContent()) !== first);
    await board.tile("orders").getByText("then").waitFor();
    await board.page.keyboard.press("?");
    await board.page.getByRole("dialog").waitFor();
    await board.page.keyboard.press("Escape");
    await until("the list gone", async () => (await board.page.getByRole("dialog").count()) === 0);
    await board.close();
  },
};
