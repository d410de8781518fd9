// The plug pulled in every way: no board is blank, none shows an old value as new, and each comes back alone.

import assert from "node:assert/strict";
import { startRedis } from "../support/redis.mjs";
import { until } from "../support/runner.mjs";
import { serve } from "../support/served.mjs";
import { numberOf, openBoard } from "./page.mjs";

const BOARD = `
title = "Outages"
range = "15m"

[[widget]]
id = "count"
type = "number"
title = "Readings"
at = [0, 0, 6, 4]
from = "sensors/**"
value = { op = "count" }
stale = "10m"

[[widget]]
id = "feed"
type = "feed"
title = "Newest"
at = [6, 0, 6, 4]
from = "sensors/**"
text = "{/data/n}"
`;

const config = (broker) => `
[broker]
url = "${broker}"

[dashboard]
boards = "boards"

[[source]]
name = "sensors"
provider = "token"
secrets = ["a-token-of-the-sensors"]
`;

async function reading(gateway, n) {
  const answer = await fetch(`${gateway.origin}/hooks/sensors`, { method: "POST", headers: { authorization: "Bearer a-token-of-the-sensors", "content-type": "application/json" }, body: JSON.stringify({ type: "reading", n }) });
  assert.equal(answer.status, 202, await answer.text());
}

const started = (broker) => serve(config(broker), { files: { "boards/home.toml": BOARD } });
const isGrey = async (tile) => /\bgrey\b/.test((await tile.getAttribute("class")) ?? "");
const saysLive = async (board) => (await board.badge.textContent()).trim() === "live";

export const outages = {
  async "outage: Redis is killed under the gateway: the board keeps its values and says so, then goes on alone"({ browser }) {
    const redis = await startRedis();
    const gateway = await started(redis.url);
    const board = await openBoard({ gateway, browser });
    await reading(gateway, "before");
    await until("the first", async () => (await numberOf(board.tile("count"))) === 1);
    await redis.kill();
    await until("lost touch is told", async () => /gateway lost touch/.test(await board.tile("count").textContent()));
    assert.equal(await numberOf(board.tile("count")), 1);
    assert.match(await board.tile("feed").textContent(), /before/);
    await redis.restart();
    await until("it is taken back", async () => !/gateway lost touch/.test(await board.tile("count").textContent()));
    await reading(gateway, "after");
    await until("the second", async () => (await numberOf(board.tile("count"))) === 2);
    await board.close();
    await gateway.stop();
    await redis.stop();
  },

  async "outage: a token that ends leaves the last values, greyed, with the time and a word"({ browser }) {
    const gateway = await started("memory:");
    const board = await openBoard({ gateway, browser }, { token: gateway.tokenFor(4, ["sensors/**"]) });
    await reading(gateway, "before");
    await until("the first", async () => (await numberOf(board.tile("count"))) === 1);
    await until("signed out", async () => /signed out/.test(await board.badge.textContent()), 60_000);
    await until("grey", () => isGrey(board.tile("count")));
    assert.match(await board.tile("count").getByTestId("as-of").textContent(), /as of \d\d:\d\d:\d\d/);
    assert.equal(await numberOf(board.tile("count")), 1);
    // Another link in the same tab signs in again, without a new page.
    await board.page.evaluate((token) => (location.hash = `token=${token}`), gateway.tokenFor(3_600, ["sensors/**"]));
    await until("live again", () => saysLive(board));
    await until("its values", async () => (await numberOf(board.tile("count"))) === 1);
    await board.close();
    await gateway.stop();
  },

  async "outage: a tab that slept an hour shows nothing old as new, and what it missed"({ browser }) {
    const gateway = await started("memory:");
    const board = await openBoard({ gateway, browser }, { before: (page) => page.clock.install() });
    await reading(gateway, "before the sleep");
    await until("the first", async () => (await board.page.clock.runFor(50), (await numberOf(board.tile("count"))) === 1));
    await board.page.clock.fastForward("01:00:00");
    await until("no value of an hour ago counts", async () => {
      await board.page.clock.runFor(200);
      const text = await board.tile("count").textContent();
      return /no event for 60 min|as of/.test(text) || (await numberOf(board.tile("count"))) === 0 ? true : text;
    });
    await reading(gateway, "after the sleep");
    await until("what came meanwhile", async () => (await board.page.clock.runFor(200), /after the sleep/.test(await board.tile("feed").textContent())));
    await until("live", async () => (await board.page.clock.runFor(200), saysLive(board)));
    assert.ok((await board.tile("feed").getByTestId("row").count()) >= 2, "the rows are still there");
    await board.close();
    await gateway.stop();
  },

  async "outage: a gateway that is away before the page opens is waited for, and the board comes by itself"({ browser }) {
    const gateway = await started("memory:");
    const board = await openBoard({ gateway, browser });
    await until("live", () => saysLive(board));
    await gateway.kill();
    await until("reconnecting", async () => /reconnecting/.test(await board.badge.textContent()));
    await until("grey", () => isGrey(board.tile("count")));
    assert.match(await board.tile("count").textContent(), /Readings/);
    await gateway.restart();
    await until("live again", () => saysLive(board));
    await reading(gateway, "of another epoch");
    await until("it", async () => /of another epoch/.test(await board.tile("feed").textContent()));
    await board.close();
    await gateway.stop();
  },
};
