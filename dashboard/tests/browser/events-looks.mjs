// How the events screen looks in every state: axe finds nothing, nothing is wider than its screen, a picture of each.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { until } from "../support/runner.mjs";
import { deliver, kept, openEvents } from "./events.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const DRESSES = {
  phone: { viewport: { width: 390, height: 844 }, hasTouch: true },
  desk: { viewport: { width: 1280, height: 800 } },
  wall: { viewport: { width: 3840, height: 2160 } },
};

async function looksGood({ page, complaints }, results, name) {
  // Nothing may be judged in the middle of a fade.
  await page.evaluate(() => Promise.all(document.getAnimations().map((each) => each.finished.catch(() => undefined))));
  await page.screenshot({ path: join(results, `events-${name}.png`) });
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run());
  assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} (${failureSummary})`).join("; ")}`), [], name);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(overflow <= 0, `${name}: wider than the screen by ${overflow} px`);
  assert.deepEqual(complaints, [], name);
}

const ready = (page) => until("rows", async () => (await page.getByTestId("delivery").count()) > 3);

function look(dress, colorScheme) {
  return async (context) => {
    const { gateway, results } = context;
    await gateway.testSource("github");
    await fetch(`${gateway.origin}/hooks/github`, { method: "POST", body: "{}" });
    const taken = await kept(context, ({ source, outcome }) => source === "github" && outcome === "accepted");
    const refused = await kept(context, ({ source, outcome }) => source === "github" && outcome === "refused");
    // Still, so that a picture is of one moment.
    const opened = await openEvents(context, "", { ...DRESSES[dress], colorScheme, reducedMotion: "reduce" });
    const { page } = opened;
    const to = async (path, wait) => {
      await page.goto(`${gateway.origin}/events${path}#token=${gateway.token}`);
      await wait();
    };
    const panel = (name) => () => page.getByTestId(`panel-${name}`).waitFor();
    await ready(page);
    await looksGood(opened, results, `${dress}-${colorScheme}-list`);
    await to(`/${refused}`, panel("checks"));
    await page.getByTestId("mend").waitFor();
    await looksGood(opened, results, `${dress}-${colorScheme}-checks`);
    // A picture of that size takes seconds, and more of them show nothing new.
    if (dress === "wall") return opened.close();
    await to(`/${taken}?tab=payload`, () => page.getByRole("tree").waitFor());
    await page.getByRole("treeitem").filter({ hasText: "ref" }).last().click();
    await page.getByTestId("replay").click();
    await page.getByTestId("made").waitFor();
    await looksGood(opened, results, `${dress}-${colorScheme}-payload`);
    await to(`/${taken}?tab=headers`, panel("headers"));
    await looksGood(opened, results, `${dress}-${colorScheme}-headers`);
    await to(`/${refused}?tab=raw`, panel("raw"));
    await until("it may be sent", () => page.getByTestId("anew").isEnabled());
    await page.getByTestId("anew").click();
    await page.getByTestId("unproven").waitFor();
    await page.getByTestId("edit").click();
    await page.getByTestId("editor").waitFor();
    await looksGood(opened, results, `${dress}-${colorScheme}-again`);
    await to("?q=nowhere", () => page.getByTestId("none").waitFor());
    await looksGood(opened, results, `${dress}-${colorScheme}-none`);
    await opened.close();
  };
}

/** Nothing has come yet: history and live reports are held back. */
async function withNothing(page) {
  await page.route("**/api/v1/deliveries?*", (route) => route.fulfill({ json: { node: "aaaaaaaa", deliveries: [] } }));
  await page.routeWebSocket(/\/ws$/, (route) => {
    const server = route.connectToServer();
    route.onMessage((text) => server.send(text));
    server.onMessage((text) => !String(text).includes("hookcast/delivery") && route.send(text));
  });
}

export const eventsLooks = {
  ...Object.fromEntries(Object.keys(DRESSES).flatMap((dress) => ["dark", "light"].map((scheme) => [`events looks: ${dress}, ${scheme}, axe finds nothing`, look(dress, scheme)]))),

  async "events looks: nothing came yet: what will appear, a button, a line"(context) {
    for (const [name, dress] of Object.entries({ phone: DRESSES.phone, desk: DRESSES.desk })) {
      const opened = await openEvents(context, "", { ...dress, colorScheme: "light", before: withNothing });
      const empty = opened.page.getByTestId("events-empty");
      await empty.getByRole("button", { name: /Send a test to/ }).waitFor();
      assert.match(await empty.textContent(), /curl -X POST http.*\/hooks\//);
      await looksGood(opened, context.results, `${name}-empty`);
      await opened.close();
    }
  },

  async "events looks: without the grant, unplugged, and with a gap: axe finds nothing"(context) {
    const viewer = await openEvents(context, "", { token: context.gateway.tokenFor(3_600, { hookcast: { subscribe: ["**"] } }) });
    await viewer.page.getByTestId("forbidden").waitFor();
    await looksGood(viewer, context.results, "forbidden");
    await viewer.close();
    let socket;
    const before = (page) => page.routeWebSocket(/\/ws$/, (route) => {
      if (socket) return route.close({ code: 1012 });
      socket = route;
      const server = route.connectToServer();
      route.onMessage((text) => server.send(text));
      server.onMessage((text) => route.send(text));
    });
    const opened = await openEvents(context, "", { before });
    await ready(opened.page);
    await until("live", async () => /live/.test(await opened.badge.textContent()));
    await deliver(context, "{}", "wrong");
    socket.send(JSON.stringify({ type: "gap", stream: "hookcast", reason: "slow", from: 17, to: 30 }));
    await opened.page.getByTestId("gap-row").waitFor();
    await socket.close({ code: 1012 });
    await opened.page.getByTestId("as-of").waitFor();
    await looksGood(opened, context.results, "unplugged");
    await opened.close();
  },
};
