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
};

/** What each screen shows once it is whole. */
const LIVE = {
  sources: ["sources", (page) => page.getByTestId("source-github").getByText("now").or(page.getByTestId("source-github").getByText(/ago/)).first().waitFor()],
  source: ["sources/github", (page) => page.getByTestId("refusals").getByText(/\w{4,}/).first().waitFor()],
  providers: ["sources?add", (page) => page.getByTestId("provider-github").first().waitFor()],
  "new source": ["sources?add=hmac", (page) => page.getByTestId("add").waitFor()],
  topics: ["topics?stream=sensors", (page) => until("something caught", async () => Number(await page.getByTestId("caught").textContent()) > 0, 20_000)],
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
    Object.entries(DRESSES).map(([dress, how]) => [
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

screenLooks["looks: before there is a source"] = look(["no source", "no such source", "no link", "forbidden", "no provider found", "a form with mistakes"]);
screenLooks["looks: a source from its beginning"] = look(["a source that waits", "a source that was mended", "a source that refused", "rotate a secret"]);
screenLooks["looks: patterns, links and an old answer"] = look(["a bad pattern", "a new link", "a link that was made", "links and a question", "an old answer"]);
