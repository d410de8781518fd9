// The npm package as a stranger gets it: packed, installed in an empty folder, used as its README says, against the real gateway.

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startBrowser } from "../support/browser.mjs";
import { startDemo } from "../support/gateway.mjs";
import { runCases } from "../support/runner.mjs";
import { cases } from "./cases.mjs";
import { docs } from "./docs.mjs";

const dashboard = new URL("../../", import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), "hookcast-package-"));
const run = (command, ...given) => execFileSync(command, given, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });

/** What the README installs beside it, as this checkout has it: no test waits for a registry. */
function lend(name) {
  const at = join(folder, "node_modules", name);
  mkdirSync(join(at, ".."), { recursive: true });
  symlinkSync(join(dashboard, "node_modules", name), at);
}

let isGood = false;
const gateway = await startDemo();
const browser = await startBrowser();
try {
  run("npm", "--prefix", dashboard, "run", "--silent", "build:sdk");
  const [{ filename, files }] = JSON.parse(run("npm", "pack", "--json", "--silent", join(dashboard, "sdk")));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "stranger", private: true }));
  run("npm", "install", "--offline", "--no-audit", "--no-fund", "--silent", `./${filename}`);
  for (const name of ["vite", "ws", "typescript", "react", "react-dom", "svelte", "@sveltejs/vite-plugin-svelte", "@types/react", "@types/node"]) lend(name);
  const packed = files.map(({ path }) => path);
  const installed = readdirSync(join(folder, "node_modules/hookcast"), { recursive: true }).map(String);
  isGood = await runCases({ ...cases, ...docs }, { gateway, browser, folder, packed, installed });
} finally {
  await browser.close();
  await gateway.stop();
  rmSync(folder, { recursive: true, force: true });
}
process.exit(isGood ? 0 : 1);
