// What should not happen on a wall: payloads that break out of their tile or turn its words, and levels that call for history or twice.

import assert from "node:assert/strict";
import { join } from "node:path";
import { until } from "../support/runner.mjs";
import { openScripted, overflows } from "./scripted.mjs";
import { GOLDENS } from "./widgets.mjs";

const MARK = `<img src=x onerror="window.hacked=1"><script>window.hacked=2</script>`;
/** As long as a sender pleases: the gateway takes 1 MB. */
const LONG = "W".repeat(100_000);

function hostile(index) {
  const name = [MARK, LONG, "\u202edesufer\u202c", "ا".repeat(300), "a\u0300".repeat(2_000), "x ".repeat(2_000), "\u0000\u0007\ufeff", "😀".repeat(500), "__proto__"][index % 9];
  const amount = [1e308, -1e308, 5e-324, 0, "9".repeat(5_000), 1e21, null, -0.00001, 123_456_789_012][index % 9];
  return { data: { city: name.slice(0, 400), parcel: `${index} ${name.slice(0, 400)}`, status: name.slice(0, 400), amount, load: amount, name, message: name.slice(0, 400), url: "javascript:window.hacked=3", ["__proto__"]: { polluted: true } }, agoMs: (60 - index) * 5_000 };
}

const load = (more) => ({ id: "load", type: "gauge", title: "Load", at: [0, 0, 4, 4], from: "s/**", value: { op: "max", of: "/data/load", window: "2s", bucket: "1s" }, levels: [{ above: 80, level: "alert", sound: "alarm", notify: true }], ...more });

/** Counts what would be heard and read; the browser grants what it is asked. */
function listenIn(page) {
  return page.addInitScript(() => {
    window.heard = { tones: 0, notes: [], asked: 0 };
    // Some browsers let a page sound that was seen often: this one never does before it is asked.
    window.AudioContext = class extends AudioContext {
      constructor() {
        super();
        void this.suspend();
      }
    };
    const start = OscillatorNode.prototype.start;
    OscillatorNode.prototype.start = function (...given) {
      window.heard.tones += 1;
      return start.apply(this, given);
    };
    window.Notification = class {
      static permission = "default";
      static requestPermission = async () => {
        window.heard.asked += 1;
        return (this.permission = "granted");
      };
      constructor(title, { body }) {
        window.heard.notes.push(`${title}: ${body}`);
      }
    };
  });
}

export const hostiles = {
  async "hostile: payloads of every kind stay text, inside their tiles, and turn nobody's words"(context) {
    const board = await openScripted(context, { board: { title: "Every widget", range: "15m", widget: GOLDENS }, history: Array.from({ length: 54 }, (_, index) => hostile(index)) });
    await board.tile("feed").getByTestId("row").first().waitFor();
    board.happen(...Array.from({ length: 9 }, (_, index) => ({ ...hostile(index), agoMs: 0 })));
    await board.tile("alert").locator("[data-playing=true]").waitFor();
    await until("its text", async () => (await board.tile("feed").textContent()).includes("<script>"));
    await board.page.screenshot({ path: join(context.results, "hostile.png"), fullPage: true });
    assert.deepEqual(await overflows(board.page), []);
    assert.equal(await board.page.locator("img[src='x'], script:not([src]), a[href^='javascript']").count(), 0);
    assert.equal(await board.page.evaluate(() => "hacked" in window || "polluted" in {}), false);
    assert.doesNotMatch(await board.page.locator("main").first().textContent(), /[\u202a-\u202e]/);
    assert.deepEqual(board.complaints, []);
    await board.close();
  },

  async "hostile: a level calls once a crossing, asks by a click only, and never for history or a page opened anew"(context) {
    const history = [{ data: { load: 20 }, agoMs: 9_000 }, { data: { load: 95 }, agoMs: 5_000 }, { data: { load: 10 }, agoMs: 3_000 }, { data: { load: 99 }, agoMs: 0 }];
    const board = await openScripted(context, { board: { title: "Wall", widget: [load()] }, history, before: listenIn });
    const heard = () => board.page.evaluate(() => window.heard);
    const level = board.tile("load").getByTestId("level");
    await level.getByText("alert").waitFor();
    await board.tile("load").getByTestId("sound-off").click();
    await until("sound is on", async () => (await board.tile("load").getByTestId("sound-off").count()) === 0);
    assert.deepEqual(await heard(), { tones: 0, notes: [], asked: 0 });
    await board.tile("load").getByTestId("ask-notify").click();
    await until("it fell", async () => (await level.count()) === 0);
    board.happen({ data: { load: 97 } });
    await until("a sound", async () => (await heard()).tones > 0);
    const { tones, notes, asked } = await heard();
    assert.deepEqual([notes, asked], [["Wall: Load: above 80"], 1]);
    // While it holds it says nothing more; the next crossing does.
    board.happen({ data: { load: 98 } });
    await until("it fell again", async () => (await level.count()) === 0);
    assert.deepEqual(await heard(), { tones, notes, asked });
    board.happen({ data: { load: 99 } });
    await until("a second one", async () => (await heard()).notes.length === 2);
    assert.equal((await heard()).tones, tones * 2);
    await board.page.reload();
    await level.getByText("alert").waitFor();
    assert.deepEqual((await heard()).notes, []);
    assert.deepEqual(board.complaints, []);
    await board.close();
  },

  async "the newest only: a gauge of last values asks for no more than five a second, and shares what it hears"(context) {
    const last = { value: { op: "last", of: "/data/load" }, levels: [] };
    const board = await openScripted(context, { board: { title: "Wall", widget: [load(last), load({ ...last, id: "same", at: [4, 0, 4, 4] }), load({ id: "all", at: [8, 0, 4, 4] })] }, history: [{ data: { load: 42 }, agoMs: 500 }] });
    await board.tile("same").getByText("42").waitFor();
    assert.deepEqual(board.heard.filter(({ pattern }) => pattern === "s/**").map(({ mode }) => mode?.latest_ms ?? null).sort(), [200, null].sort());
    await board.close();
  },
};
