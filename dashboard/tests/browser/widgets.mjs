// Every widget in every state and every dress: axe finds nothing, nothing stands out of its tile, a picture of each for the eye.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { until } from "../support/runner.mjs";
import { openScripted, overflows } from "./scripted.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const CITIES = ["Lisbon", "Utrecht", "Turku", "Kraków", "Lyon", "Leipzig"];
const from = "s/**";
const amount = { op: "sum", of: "/data/amount" };

/** A row per type: the golden widget, and what it needs to reach a level. */
export const GOLDENS = [
  { id: "number", type: "number", title: "Revenue", at: [0, 0, 3, 3], from, value: amount, unit: "€", decimals: 2, compare: true, levels: [{ above: 1_000, level: "info" }] },
  { id: "gauge", type: "gauge", title: "Load", at: [3, 0, 3, 4], from, value: { op: "last", of: "/data/load" }, unit: "%", max: 100, levels: [{ above: 70, level: "warn" }, { above: 88, level: "alert", sound: "alarm", notify: true }] },
  { id: "line", type: "line", title: "Orders per minute", at: [6, 0, 6, 4], from, value: { op: "count", window: "10m", bucket: "15s", per: "1m" }, split: { by: "/data/city", top: 3 }, stack: true, levels: [{ above: 1, level: "alert" }] },
  { id: "bar", type: "bar", title: "By city", at: [0, 4, 3, 4], from, value: amount, split: { by: "/data/city", top: 6 }, unit: "€", levels: [{ above: 10, level: "warn" }] },
  { id: "columns", type: "bar", title: "By city, as columns", at: [3, 4, 4, 4], from, value: amount, split: { by: "/data/city", top: 6 }, horizontal: false },
  { id: "table", type: "table", title: "Parcels", at: [7, 4, 5, 4], from, by: "/data/parcel", columns: ["/data/city", "/data/status", { title: "Worth", show: "/data/amount", unit: "€", decimals: 2 }], sort: "-Worth" },
  { id: "heatmap", type: "heatmap", title: "When they order", at: [0, 8, 5, 4], from, by: "/data/city", bucket: "20s", rows: 6, value: { op: "count", window: "10m" } },
  { id: "calendar", type: "heatmap", title: "Hours of the week", at: [5, 8, 4, 4], from, value: { op: "count" } },
  { id: "status", type: "status", title: "On the way", at: [9, 8, 3, 4], from, by: "/data/parcel", text: "{/data/status} · {/data/city}", ok: [["/data/status", "==", "delivered"]], bad: [["/data/status", "==", "lost"]], rows: 5 },
  { id: "feed", type: "feed", title: "Latest", at: [0, 12, 4, 4], from, text: "{/data/parcel} to {/data/city}", note: "{/data/amount} €", link: "/data/url" },
  { id: "alert", type: "alert", title: "Thank you", at: [4, 12, 3, 4], from, text: "{/data/name} gave {/data/amount} €", note: "{/data/message}", sound: "chime", seconds: 60 },
  { id: "text", type: "text", title: "About this wall", at: [7, 12, 3, 4], text: "# Launch day\nOrders come from the **shop**, parcels from *two depots*.\n\n- red means somebody should look\n- questions: [the shop team](https://example.com/team)\n\n`#launch` on chat" },
  { id: "clock", type: "clock", title: "Offices", at: [10, 12, 2, 4], zone: ["Europe/Lisbon", "America/New_York", "Asia/Tokyo"] },
];

const HEARING = GOLDENS.filter((each) => each.from).map(({ id }) => id);
const STATUSES = ["picked up", "on the way", "out for delivery", "delivered", "lost"];

function event(index, agoMs) {
  const data = {
    city: CITIES[(index * index) % 6], parcel: `HC-${70_300 + (index % 9)}`, status: STATUSES[(index * 7) % 5], amount: 4 + ((index * 37) % 90) + 0.9, load: 40 + (index % 25),
    name: "Mira", message: "For the next chapter", url: "https://example.com/parcel",
  };
  return { data, agoMs };
}

const HISTORY = Array.from({ length: 160 }, (_, index) => event(index, (160 - index) * 4_000));
const withKeys = (more) => GOLDENS.map((each) => (each.from ? { ...each, ...more } : each));
const LEVELLED = GOLDENS.filter((each) => each.levels).map(({ id }) => id);

/** Each brings the board into its state and proves that it is in it. */
const STATES = {
  event: {
    history: HISTORY,
    async reach(board) {
      await board.tile("feed").getByTestId("row").first().waitFor();
      board.happen(event(3, 0));
      await board.tile("alert").locator("[data-playing=true]").waitFor();
    },
  },
  empty: {
    history: [],
    async reach(board) {
      for (const id of HEARING) await board.tile(id).getByTestId("empty").waitFor();
    },
  },
  stale: {
    history: HISTORY.map((each) => ({ ...each, agoMs: each.agoMs + 200_000 })),
    widgets: withKeys({ stale: "2m" }),
    async reach(board) {
      for (const id of HEARING) await board.tile(id).getByTestId("stale").waitFor();
    },
  },
  gap: {
    history: HISTORY,
    async reach(board) {
      await board.tile("feed").getByTestId("row").first().waitFor();
      board.say({ type: "gap", stream: "s", reason: "slow", from: 161, to: 174 });
      for (const id of HEARING) await until(`${id} says so`, async () => /14 missed/.test(await board.tile(id).getByTestId("missed").textContent()));
    },
  },
  alert: {
    history: HISTORY,
    async reach(board) {
      await board.tile("feed").getByTestId("row").first().waitFor();
      const isThere = async (id) => (await board.tile(id).getByTestId("level").count()) > 0;
      await until(
        "every level",
        async () => {
          board.happen({ data: { ...event(5, 0).data, load: 93 } });
          return (await Promise.all(LEVELLED.map(isThere))).every(Boolean);
        },
        30_000,
      );
    },
  },
};

const DRESSES = {
  light: { viewport: { width: 1440, height: 1000 }, colorScheme: "light" },
  dark: { viewport: { width: 1440, height: 1000 }, colorScheme: "dark" },
  kiosk: { viewport: { width: 1920, height: 1080 }, colorScheme: "dark", query: "?kiosk" },
};

function look(stateName, dressName) {
  const state = STATES[stateName];
  return async (context) => {
    const board = await openScripted(context, { board: { title: "Every widget", range: "15m", widget: state.widgets ?? GOLDENS }, history: state.history, ...DRESSES[dressName] });
    await state.reach(board);
    await board.tile("text").getByRole("link").waitFor();
    if (state.history.length > 0) await board.tile("line").locator("canvas").waitFor();
    // What moves comes to rest, so that pictures and colours are those that stay.
    await until("rest", () => board.page.evaluate(() => document.getAnimations().every(({ effect }) => effect.getComputedTiming().endTime === Infinity || effect.getComputedTiming().progress === null)));
    await board.page.screenshot({ path: join(context.results, `widgets-${stateName}-${dressName}.png`), fullPage: dressName !== "kiosk" });
    assert.deepEqual(await overflows(board.page), []);
    await board.page.evaluate(axe);
    const { violations } = await board.page.evaluate(() => window.axe.run());
    assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} (${failureSummary})`).join("; ")}`), []);
    assert.deepEqual(board.complaints, []);
    await board.close();
  };
}

export const widgets = Object.fromEntries(Object.keys(STATES).flatMap((state) => Object.keys(DRESSES).map((dress) => [`widgets: ${state}, ${dress}`, look(state, dress)])));


const RATE = { op: "count", window: "10m", bucket: "10s", per: "1m" };
const FEW = [
  { id: "rate", type: "line", title: "Orders per minute", at: [0, 0, 6, 4], from, value: RATE, max: 60 },
  { id: "split", type: "line", title: "By city, per minute", at: [6, 0, 6, 4], from, value: RATE, split: { by: "/data/city", top: 5 } },
];

for (const [dress, how] of Object.entries({ ...DRESSES, phone: { viewport: { width: 390, height: 844 }, colorScheme: "light", hasTouch: true } })) {
  widgets[`widgets: a single event is no rate, ${dress}`] = async (context) => {
    const history = [event(1, 65_000), event(2, 125_000), event(3, 185_000)];
    const board = await openScripted(context, { board: { title: "Few", range: "15m", widget: FEW }, history, ...how });
    const rate = board.tile("rate");
    await rate.locator("canvas").waitFor();
    await board.tile("split").locator("canvas").waitFor();
    const foot = () => rate.getByRole("listitem").allTextContents();
    assert.deepEqual((await foot()).map((text) => text.trim()), ["now 0 events", "highest 1 event", "in 10 s"]);
    await board.tile("split").getByText("events in 10 s").waitFor();
    assert.match(await rate.locator("figcaption").textContent(), /now 0 events, lowest 0 events, highest 1 event in 10 s\.$/);
    await rate.getByRole("group", { name: /arrow keys/ }).focus();
    await board.page.keyboard.press("End");
    await rate.getByText(/: Orders per minute \d events? in 10 s$/).waitFor({ state: "attached" });
    await board.page.screenshot({ path: join(context.results, `widgets-few-${dress}.png`) });
    assert.deepEqual(await overflows(board.page), []);
    await board.page.evaluate(axe);
    const { violations } = await board.page.evaluate(() => window.axe.run());
    assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join("; ")}`), []);
    await board.page.keyboard.press("Escape");
    // Six in one step are a rate, and told as one.
    board.happen(...Array.from({ length: 6 }, () => event(1, 30_000)));
    await until("the rate", async () => /highest (36|42)/.test((await foot()).join()));
    assert.deepEqual(board.complaints, []);
    await board.close();
  };
}
