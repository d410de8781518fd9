// What is in the package, and that its README's lines work as printed.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { showFolder } from "../support/browser.mjs";
import { until } from "../support/runner.mjs";
import { addressed, built } from "./building.mjs";

const sdk = new URL("../../sdk/", import.meta.url).pathname;
const readme = readFileSync(join(sdk, "README.md"), "utf8");

/** The fenced block that follows a text. */
function blockAfter(text, language) {
  const from = readme.indexOf(text);
  const found = new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, "s").exec(readme.slice(from));
  assert.ok(from >= 0 && found, `no ${language} block after ${text}`);
  return found[1];
}

function compiled({ folder }, name, text, ...options) {
  writeFileSync(join(folder, name), text);
  try {
    execFileSync(process.execPath, ["node_modules/typescript/bin/tsc", "--noEmit", "--strict", "--skipLibCheck", "--target", "es2022", "--jsx", "react-jsx", ...options, name], { cwd: folder, encoding: "utf8" });
    return "";
  } catch (error) {
    return error.stdout;
  }
}

const TYPED = `
import { connect, UnauthorizedError, type Client, type Gap, type Message, type State } from "hookcast";
import { useTopic } from "hookcast/react";
import { topic } from "hookcast/svelte";
type Donation = { name: string; amount: number };
const client: Client = connect({ url: async () => "wss://gateway/ws", getToken: (why) => { if (why === "refresh") throw new UnauthorizedError(); return null; }, transport: "auto", whenHidden: "slow", shared: "tabs" });
client.subscribe<Donation>("donations/**", { event: (message: Message<Donation>) => void message.event.data?.amount.toFixed(), gap: (gap: Gap) => void gap.reason }, { since: { last: 2 }, latestMs: 200 });
for await (const entry of client.events<Donation>("donations/**", { since: "snapshot", signal: AbortSignal.timeout(1) })) if ("reason" in entry) entry.from; else entry.skipped;
export const seconds = (state: State) => (state.is === "waiting" ? state.until : state.is === "live" ? state.catchingUp + state.stale.length : 0);
export const Shown = () => useTopic<Donation>(client, "donations/**").messages.map(({ event }) => event.data?.name);
topic<Donation>(client, "donations/**").subscribe(({ gaps }) => gaps[0]?.to);
`;

export const cases = {
  async "the package holds the modules, their types and the README, and nothing else"({ packed, installed }) {
    const odd = packed.filter((path) => !/^(package\.json|README\.md|dist\/[a-z-]+\.(js|d\.ts))$/.test(path));
    assert.deepEqual(odd, []);
    const { exports: entries, dependencies, engines, sideEffects } = JSON.parse(readFileSync(join(sdk, "package.json"), "utf8"));
    const targets = Object.values(entries).flatMap((entry) => (typeof entry === "string" ? [entry] : Object.values(entry)));
    for (const target of targets) assert.ok(installed.includes(target.replace("./", "")), `${target} is missing`);
    assert.deepEqual([dependencies, engines.node, sideEffects], [undefined, ">=20", false]);
  },

  async "types: generics, unions and options, for bundlers and for Node"(context) {
    const ways = [["--module", "esnext", "--moduleResolution", "bundler"], ["--module", "nodenext"]];
    for (const how of ways) assert.equal(compiled(context, "typed.mts", TYPED, ...how), "");
    const wrong = compiled(context, "wrong.mts", TYPED.replace("amount.toFixed", "amount.trim"), ...ways[0]);
    assert.match(wrong, /trim.* does not exist/);
  },

  async "the README's page works as printed"(context) {
    const files = { "index.html": blockAfter("`index.html`:", "html"), "main.js": addressed(blockAfter("`main.js`:", "js"), context) };
    const { page, complaints, close } = await showFolder(context.browser, await built(context, "page", files));
    await until("live", async () => (await page.locator("#state").textContent()) === "live");
    await context.gateway.testSource("donations");
    await until("a donation", async () => /gave \d+.* now/.test(await page.locator("#list").innerText()));
    assert.match(await page.locator("#total").textContent(), /^\d+\.\d\d$/);
    assert.deepEqual(complaints, []);
    await close();
  },

  async "a bundler finds what is loaded only when needed, the worker of shared tabs too"(context) {
    const main = 'import { connect } from "hookcast";\nconnect({ url: "/ws", shared: "tabs" }).subscribe("a/b", { event: () => undefined });';
    const dist = await built(context, "shared", { "index.html": '<script type="module" src="/main.js"></script>', "main.js": main });
    const assets = readdirSync(join(dist, "assets"));
    for (const part of [/^sse-.*js$/, /^shared-worker-.*js$/]) assert.ok(assets.some((file) => part.test(file)), `${part} is not in ${assets}`);
    const worker = readFileSync(join(dist, "assets", assets.find((file) => file.startsWith("shared-worker-"))), "utf8");
    assert.doesNotMatch(worker, /\bimport\b/);
  },

  async "the README's React component works as printed"(context) {
    const component = addressed(blockAfter("## React and Svelte", "jsx"), context);
    const main = `import { createRoot } from "react-dom/client";\nconst getToken = () => "${context.gateway.token}";\n${component}\nfunction State() { return <p>{useConnection(client).is}</p>; }\ncreateRoot(document.getElementById("root")).render(<><State /><Donations /></>);`;
    const files = { "index.html": '<div id="root"></div><script type="module" src="/main.jsx"></script>', "main.jsx": main };
    const { page, complaints, close } = await showFolder(context.browser, await built(context, "react", files));
    await context.gateway.testSource("donations");
    await until("a donation", async () => (await page.locator("ul[aria-busy=false] li").count()) > 0);
    await until("live", async () => (await page.locator("p").textContent()) === "live");
    assert.deepEqual(complaints, []);
    await close();
  },

  async "the README's Svelte component works as printed"(context) {
    const component = addressed(blockAfter("## React and Svelte", "svelte"), context).replace("<script>", `<script>\n  const getToken = () => "${context.gateway.token}";`);
    const main = 'import { mount } from "svelte";\nimport App from "./App.svelte";\nmount(App, { target: document.body });';
    const files = { "index.html": '<body><script type="module" src="/main.js"></script>', "main.js": main, "App.svelte": component };
    const { page, complaints, close } = await showFolder(context.browser, await built(context, "svelte", files));
    await context.gateway.testSource("donations");
    await until("live, and a donation", async () => (await page.locator("p").count()) > 1 && (await page.locator("p").first().textContent()) === "live");
    assert.deepEqual(complaints, []);
    await close();
  },
};
