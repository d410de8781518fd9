// Every page of docs/sdk: its example runs as printed, against the real gateway, and prints what the page says.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { showFolder } from "../support/browser.mjs";
import { until } from "../support/runner.mjs";
import { addressed, built } from "./building.mjs";

const pages = new URL("../../../docs/sdk/", import.meta.url).pathname;
const LAUNCH = {
  jsx: ["main.jsx", "App.jsx", 'import { createRoot } from "react-dom/client";\nimport App from "./App.jsx";\ncreateRoot(document.getElementById("root")).render(<App />);'],
  svelte: ["main.js", "App.svelte", 'import { mount } from "svelte";\nimport App from "./App.svelte";\nmount(App, { target: document.getElementById("root") });'],
};

/** Runs a module as a stranger's; Node 20 gets the WebSocket that browsers have. Ends it once it has said what it should. */
async function assertPrints({ folder }, name, module, expected) {
  writeFileSync(join(folder, "socket.mjs"), 'import { WebSocket } from "ws";\nglobalThis.WebSocket ??= WebSocket;\n');
  writeFileSync(join(folder, `${name}.mjs`), module);
  const child = spawn(process.execPath, ["--import", "./socket.mjs", `${name}.mjs`], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const output of [child.stdout, child.stderr]) output.setEncoding("utf8").on("data", (text) => (said += text));
  const lines = expected.trim().split("\n").map((line) => line.split("…").map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join(".*"));
  const wanted = new RegExp(`^${lines.join("\n(?:.*\n)*?")}$`, "m");
  try {
    await until("what the page says", () => wanted.test(said));
  } catch {
    assert.fail(`expected\n${expected}\ngot\n${said}`);
  } finally {
    child.kill();
  }
}

async function assertShows(context, name, language, text) {
  const [main, app, launch] = LAUNCH[language];
  const files = { "index.html": `<div id="root"></div><script type="module" src="/${main}"></script>`, [main]: launch, [app]: text };
  const { page, complaints, close } = await showFolder(context.browser, await built(context, name, files));
  await context.gateway.testSource("donations");
  await until("live, with donations", async () => (await page.locator("main[aria-busy=false] li").count()) > 0 && (await page.locator("p").textContent()) === "live");
  assert.deepEqual(complaints, []);
  await close();
}

export const docs = Object.fromEntries(
  readdirSync(pages).map((file) => [
    `docs/sdk/${file}: its example runs as printed`,
    async (context) => {
      const text = addressed(readFileSync(join(pages, file), "utf8"), context);
      const name = `docs-${file.replace(".md", "")}`;
      const found = [...text.matchAll(/^```(js|jsx|svelte)\n(.*?)^```/gms)];
      assert.equal(found.length, 1, "one idea, one example");
      const [[whole, language, example]] = found;
      const expected = /^```text\n(.*?)^```/ms.exec(text.slice(text.indexOf(whole)))?.[1];
      if (language !== "js") return assertShows(context, name, language, example);
      assert.ok(expected, "no text block says what it prints");
      await assertPrints(context, name, example, expected);
    },
  ]),
);
