// How the operators' screens look, in every state: no axe violation, nothing wider than its glass, a picture of each.

import assert from "node:assert/strict";
import { join } from "node:path";
import { until } from "../support/runner.mjs";
import { serve } from "../support/served.mjs";
import { violations } from "./looks.mjs";
import { openBoard } from "./page.mjs";

const DRESSES = {
  phone: { viewport: { width: 390, height: 844 }, colorScheme: "light", hasTouch: true },
  laptop: { viewport: { width: 1280, height: 900 }, colorScheme: "dark" },
  wall: { viewport: { width: 3840, height: 2160 }, colorScheme: "light" },
  night: { viewport: { width: 390, height: 844 }, colorScheme: "dark", hasTouch: true },
  day: { viewport: { width: 1280, height: 900 }, colorScheme: "light" },
};

/** What each screen shows once it is whole. */
const LIVE = {
  sources: ["sources", (page) => page.getByTestId("source-github").getByText("now").or(page.getByTestId("source-github").getByText(/ago/)).first().waitFor()],
  source: ["sources/github", (page) => page.getByTestId("refusals").getByText(/\w{4,}/).first().waitFor()],
  providers: ["sources?add", (page) => page.getByTestId("provider-github").first().waitFor()],
  "new source": ["sources?add=hmac", (page) => page.getByTestId("add").waitFor()],
  topics: ["topics?stream=sensors", (page) => until("something caught", async () => Number(await page.getByTestId("caught").textContent()) > 0)],
  connections: ["connections", (page) => page.locator("[data-testid^='session-']").first().waitFor()],
  health: ["health", (page) => page.locator("[data-testid='verdict']:not([data-tone='unknown'])").waitFor()],
};

async function seen({ results }, page, name) {
  await page.screenshot({ path: join(results, `screen-${name.replaceAll(" ", "-")}.png`), fullPage: true });
  assert.deepEqual(await violations(page), [], name);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(overflow <= 0, `${name} is wider than its glass by ${overflow} px`);
}

export const screenLooks = Object.fromEntries(
  Object.entries(LIVE).flatMap(([name, [path, isWhole]]) =>
    Object.entries(DRESSES).filter(([dress]) => dress !== "day").map(([dress, how]) => [
      `looks: ${name} on ${dress}`,
      async (context) => {
        const { page, close } = await openBoard(context, { query: path, ...how });
        await isWhole(page);
        await seen(context, page, `${name} ${dress}`);
        await close();
      },
    ]),
  ),
);

/** States that come of what is done: each is opened, looked at, and left. */
const STATES = {
  "no source": ["sources", (page) => page.getByTestId("empty").waitFor()],
  "no such source": ["sources/nobody", (page) => page.getByTestId("no-source").waitFor()],
  "no link": ["connections", (page) => page.getByTestId("links").waitFor()],
  forbidden: ["topics", (page) => page.getByTestId("forbidden").waitFor(), { grants: ["**"] }],
  "no provider found": [
    "sources?add",
    async (page) => {
      await page.getByTestId("provider-github").first().waitFor();
      await page.keyboard.type("nobody has this name");
      await page.getByText("No provider fits").waitFor();
    },
  ],
  "a form with mistakes": [
    "sources?add=stripe",
    async (page) => {
      await page.getByTestId("add").click();
      await page.getByText("Paste the secret that Stripe shows").waitFor();
    },
  ],
  "a source that waits": [
    "sources?add=github",
    async (page) => {
      await page.getByTestId("add").click();
      await page.getByTestId("first").waitFor();
    },
  ],
  "a source that was mended": [
    "sources/github",
    async (page) => {
      await page.getByTestId("test-github").first().click();
      await page.getByText("It works").waitFor();
    },
  ],
  "a source that refused": [
    "sources/github",
    async (page, gateway) => {
      await page.getByTestId("first").or(page.getByTestId("refusals")).first().waitFor();
      await fetch(`${gateway.origin}/hooks/github`, { method: "POST", body: "{}", headers: { "content-type": "application/json", "x-github-event": "push", "x-hub-signature-256": `sha256=${"0".repeat(64)}` } });
      await page.getByTestId("refusals").getByText("no secret of this source fits").waitFor();
    },
  ],
  "rotate a secret": [
    "sources/github",
    async (page) => {
      await page.getByTestId("rotate").click();
      await page.getByRole("dialog").waitFor();
    },
  ],
  "a bad pattern": [
    "topics?stream=hookcast",
    async (page) => {
      await page.getByTestId("pattern").fill("*/x");
      await page.getByText("cannot hear all streams").waitFor();
    },
  ],
  "a new link": [
    "connections",
    async (page) => {
      await page.getByTestId("new-link").click();
      await page.getByTestId("link-grants").fill("*/x");
      await page.getByTestId("make-link").click();
      await page.getByText("cannot hear all streams").waitFor();
    },
  ],
  "a link that was made": [
    "connections",
    async (page) => {
      await page.getByTestId("new-link").click();
      await page.getByTestId("make-link").click();
      await page.getByTestId("link-made").waitFor();
    },
  ],
  "links and a question": [
    "connections",
    async (page) => {
      await page.getByRole("button", { name: /Revoke the link/ }).click();
      await page.getByRole("dialog").waitFor();
    },
  ],
  "an old answer": [
    "health",
    async (page, gateway) => {
      await page.locator("[data-testid='verdict'][data-tone='ok']").waitFor();
      await gateway.kill();
      await page.getByTestId("as-of").waitFor({ timeout: 20_000 });
    },
  ],
};

/** One after the other on a gateway of their own: each group's states build on each other. */
function look(wanted) {
  return async ({ browser, results }) => {
    const gateway = await serve(`[broker]\nurl = "memory:"\n`);
    try {
      for (const [index, [name, [path, come, { grants } = {}]]] of Object.entries(STATES).filter(([name]) => wanted.includes(name)).entries()) {
        const token = gateway.tokenFor(600, grants);
        const { page, close } = await openBoard({ gateway, browser }, { query: path, token, ...(index % 2 === 0 ? DRESSES.laptop : DRESSES.phone) });
        await come(page, gateway);
        await seen({ results }, page, name);
        await close();
      }
    } finally {
      await gateway.stop();
    }
  };
}

/** As a stream of more topics than are loaded at once; what is typed is asked of the gateway, which answers so, or not yet. */
const manyTopics = (answer) => (page) =>
  page.route("**/api/v1/topics?stream=shop*", (route) => {
    if (!new URL(route.request().url()).searchParams.has("text")) return route.fulfill({ json: { stream: "shop", topics: [{ topic: "shop/aaa/made", offset: 1 }], more: true } });
    return answer === null ? undefined : route.fulfill({ json: answer });
  });

const search = (page, words) => page.getByRole("searchbox", { name: "Search the topics" }).fill(words);

async function searchMany(page, words, says) {
  await page.getByText("These are the first topics by name").waitFor();
  await search(page, words);
  await page.getByTestId("searched").getByText(says).waitFor();
}

const offer = (gateway) => fetch(`${gateway.origin}/hooks/tasks`, { method: "POST", headers: { "x-hook-secret": "b537207f20cbfa02357cf448134da559" } });

/** States that are looked at in each dress: a name, its path, how it comes about, and what stands between the page and the gateway. */
const DRESSED = {
  "a search that finds": [
    "topics?stream=shop",
    async (page) => {
      await page.getByTestId("tree").getByRole("treeitem", { name: /pear/ }).first().waitFor();
      await search(page, "APPLE");
      await page.getByTestId("tree").getByRole("treeitem", { name: /Apple/ }).first().waitFor();
      await until("the others gone", async () => (await page.getByTestId("tree").getByRole("treeitem", { name: /pear/ }).count()) === 0);
    },
  ],
  "a search that finds nothing": [
    "topics?stream=shop",
    async (page) => {
      await page.getByTestId("tree").getByRole("treeitem", { name: /pear/ }).first().waitFor();
      await search(page, "plum");
      await page.getByTestId("searched").getByText("No topic of this stream has it.").waitFor();
    },
  ],
  "a search that is asked of the gateway": ["topics?stream=shop", (page) => searchMany(page, "aaa", "Searching all that is kept"), manyTopics(null)],
  "a search of which more is kept": ["topics?stream=shop", (page) => searchMany(page, "fig", "that have it are here"), manyTopics({ stream: "shop", topics: [{ topic: "shop/fig/made", offset: 2 }], more: true })],
  "a search of all that finds nothing": ["topics?stream=shop", (page) => searchMany(page, "plum", "no topic has it"), manyTopics({ stream: "shop", topics: [], more: false })],
  "a secret that is awaited": ["sources/tasks", (page) => page.getByText("The first that is offered is believed").waitFor()],
  "a secret that has come": [
    "sources/tasks",
    async (page, gateway) => {
      await page.getByTestId("source-detail").waitFor();
      await offer(gateway);
      await page.getByText("The secret has come").waitFor();
    },
  ],
  "a secret that is shown": [
    "sources/tasks",
    async (page) => {
      await page.getByTestId("show-secret").click();
      await page.getByRole("region", { name: "secret", exact: true }).getByText(/^b5372/).waitFor();
    },
  ],
  "a verify token that is shown once": [
    "sources?add=meta",
    async (page) => {
      await page.getByLabel(/'s secret$/).fill("what Meta shows under App settings");
      await page.getByTestId("add").click();
      await page.getByRole("region", { name: "verify token", exact: true }).getByText(/\w{16,}/).waitFor();
    },
  ],
  "a verify token in the file": ["sources/social", (page) => page.getByRole("heading", { name: "And its verify token" }).waitFor()],
};

const SET_UP = `[broker]
url = "memory:"

[[source]]
name = "shop"
provider = "none"
topic = "shop/{/name}/made"

[[source]]
name = "tasks"
provider = "asana"
capture = true

[[source]]
name = "social"
provider = "meta"
secrets = ["what Meta shows under App settings"]
verify_token = "a word that only Meta and this file know"
`;

/** Those whose names begin so, one after the other on a gateway of their own. */
function lookInEachDress(wanted) {
  return async ({ browser, results }) => {
    const gateway = await serve(SET_UP);
    try {
      for (const name of ["Apple", "pear"]) await gateway.ask("/hooks/shop", { method: "POST", body: JSON.stringify({ name }) });
      for (const [name, [path, come, before]] of Object.entries(DRESSED).filter(([name]) => name.startsWith(wanted))) {
        for (const dress of ["laptop", "day", "night", "phone"]) {
          const { page, complaints, close } = await openBoard({ gateway, browser }, { query: path, ...(before && { before }), ...DRESSES[dress] });
          await come(page, gateway);
          await seen({ results }, page, `${name} ${dress}`);
          assert.deepEqual(complaints, [], name);
          await close();
        }
      }
    } finally {
      await gateway.stop();
    }
  };
}

for (const wanted of ["a search that", "a search of", "a secret", "a verify token"]) screenLooks[`looks: ${wanted}, in each dress`] = lookInEachDress(wanted);
screenLooks["looks: before there is a source"] = look(["no source", "no such source", "no link", "forbidden", "no provider found", "a form with mistakes"]);
screenLooks["looks: a source from its beginning"] = look(["a source that waits", "a source that was mended", "a source that refused", "rotate a secret"]);
screenLooks["looks: patterns, links and an old answer"] = look(["a bad pattern", "a new link", "a link that was made", "links and a question", "an old answer"]);
