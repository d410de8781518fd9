// The SDK alone in a browser's page: frozen, left and come back to, without a network, with a clock that jumps.

import assert from "node:assert/strict";
import { assertWhole } from "../gateway/listening.mjs";
import { startProxy } from "../support/proxy.mjs";
import { until } from "../support/runner.mjs";

/** An empty page of the gateway's origin with a client that remembers; `told()` is what it was told so far. */
async function openClient({ gateway, browser }, { options = {}, how = {}, opened = null, before = async () => undefined } = {}) {
  const context = opened ?? (await browser.newContext());
  const page = await context.newPage();
  await page.route(`${gateway.origin}/blank*`, (route) => route.fulfill({ contentType: "text/html", body: "<!doctype html><title>blank</title>", headers: { "cache-control": "max-age=60" } }));
  await before(page);
  await page.goto(`${gateway.origin}/blank`);
  await page.evaluate(
    async ({ token, options, how }) => {
      const { connect } = await import("/sdk.js");
      const told = (window.told = { events: [], gaps: [], ready: 0, states: [] });
      window.client = connect({ url: "/ws", getToken: () => token, ...options });
      window.client.onState((state) => told.states.push(state.why ?? state.is));
      window.client.subscribe("donations/**", { event: (message) => told.events.push(message), gap: (gap) => told.gaps.push(gap), ready: () => (told.ready += 1) }, how);
    },
    { token: gateway.token, options, how },
  );
  const told = () => page.evaluate(() => ({ ...window.told, state: window.client.state }));
  await until("ready", async () => (await told()).ready === 1);
  const hears = (what, id, withinMs) => until(what, async () => (await told()).events.some(({ event }) => event.id === id), withinMs);
  return { page, context, told, hears, close: () => context.close() };
}

async function assertWholeOnce(told) {
  const got = await told();
  assertWhole(got);
  assert.deepEqual(got.gaps, []);
  const ids = got.events.map(({ event }) => event.id);
  assert.equal(new Set(ids).size, ids.length);
  return got;
}

export const sdk = {
  async "SDK: a frozen tab hears on when it thaws, whole"(context) {
    const { page, context: opened, told, hears, close } = await openClient(context);
    const tools = await opened.newCDPSession(page);
    await tools.send("Page.setWebLifecycleState", { state: "frozen" });
    const id = await context.gateway.donate("to a frozen tab");
    await tools.send("Page.setWebLifecycleState", { state: "active" });
    await hears("what came meanwhile", id);
    await hears("what comes now", await context.gateway.donate("to a thawed tab"));
    await assertWholeOnce(told);
    await close();
  },

  async "SDK: a page that is left closes, and comes back from the back/forward cache resumed"(context) {
    const { page, told, hears, close } = await openClient(context);
    await page.goto(`${context.gateway.origin}/blank?other`);
    const id = await context.gateway.donate("while away");
    await page.goBack({ waitUntil: "commit" });
    if (!(await page.evaluate(() => "client" in window))) throw new Error("the browser kept no page");
    await hears("what came meanwhile", id);
    const { states } = await assertWholeOnce(told);
    assert.ok(states.includes("hidden"), states.join());
    await close();
  },

  async "SDK: offline is told at once, online resumes at once"(context) {
    const { page, context: opened, told, hears, close } = await openClient(context);
    await opened.setOffline(true);
    // The browser cuts no socket that is open: as a network would, this one goes silent.
    await page.evaluate(() => window.client.close());
    await page.evaluate(() => window.client.open());
    await until("offline", async () => (await told()).state.is !== "live");
    await until("suspended", async () => ["suspended", "waiting"].includes((await told()).state.is));
    const id = await context.gateway.donate("while offline");
    await opened.setOffline(false);
    await hears("what came meanwhile", id);
    await assertWholeOnce(told);
    await close();
  },

  async "SDK: a clock that jumps moves neither the connection nor now()"(context) {
    const { page, told, hears, close } = await openClient(context);
    const [before, after] = await page.evaluate(() => {
      const before = window.client.now();
      const RealDate = Date;
      window.Date = class extends RealDate {
        static now = () => RealDate.now() + 86_400_000;
      };
      return [before, window.client.now()];
    });
    assert.ok(after - before < 1_000, `${after - before} ms`);
    await hears("an event", await context.gateway.donate("a day later"));
    // The next look at the clock takes the jump for a sleep: it asks the gateway and stays.
    await until("live", async () => (await told()).state.is === "live");
    await assertWholeOnce(told);
    await close();
  },

  async "SDK: where WebSockets are cut, SSE takes over after two, and resumes as well"(context) {
    const cut = (page) => page.routeWebSocket(/\/ws$/, (route) => route.close({ code: 1011 }));
    const { page, told, hears, close } = await openClient(context, { before: cut });
    assert.deepEqual((await told()).state, { is: "live", via: "sse", catchingUp: 0, stale: [] });
    await hears("a live event", await context.gateway.donate("over SSE"));
    await page.evaluate(() => window.client.close());
    const id = await context.gateway.donate("while closed");
    await page.evaluate(() => window.client.open());
    await hears("what came meanwhile", id, 20_000);
    await assertWholeOnce(told);
    await close();
  },

  async "SDK: two tabs share one connection, each with its own place, across a loss and the end of one"(context) {
    const proxy = await startProxy(context.gateway.origin);
    const shared = { ...context, gateway: { ...context.gateway, origin: proxy.origin } };
    await context.gateway.donate("before");
    const one = await openClient(shared, { options: { shared: "tabs" } });
    const two = await openClient(shared, { options: { shared: "tabs" }, how: { since: { last: 1 } }, opened: one.context });
    const both = async (id) => Promise.all([one.hears("tab one", id), two.hears("tab two", id)]);
    assert.equal((await two.told()).events[0].replayed, true);
    await both(await context.gateway.donate("to both"));
    assert.equal(proxy.sockets(), 1);
    proxy.cut();
    await both(await context.gateway.donate("after a loss"));
    assert.equal(proxy.sockets(), 2);
    await Promise.all([assertWholeOnce(one.told), assertWholeOnce(two.told)]);
    await one.page.close();
    await two.hears("alone", await context.gateway.donate("to the one that is left"));
    await assertWholeOnce(two.told);
    assert.equal(proxy.sockets(), 2);
    await two.page.close();
    await until("no connection is left", () => proxy.open() === 0);
    await one.close();
    await proxy.stop();
  },

  async "SDK: fifty subscriptions on one page share one socket and each hear their own once"(context) {
    const { page, told, hears, close } = await openClient(context);
    await page.evaluate(() => {
      window.heard = Array.from({ length: 49 }, () => []);
      window.heard.forEach((ids, at) => window.client.subscribe(at % 2 ? "donations/*" : "donations/**", { event: ({ event }) => ids.push(event.id) }));
    });
    await until("all live", async () => (({ is, catchingUp }) => is === "live" && catchingUp === 0)((await told()).state));
    const id = await context.gateway.donate("to all");
    await hears("the event", id);
    await until("each once", () => page.evaluate((id) => window.heard.every((ids) => ids.filter((each) => each === id).length === 1), id));
    await assertWholeOnce(told);
    await close();
  },
};
