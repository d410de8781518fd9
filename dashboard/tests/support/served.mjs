// A gateway of a test's own: `hookcast serve` on a configuration that the test writes, in a folder of its own.

import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { startFront } from "./front.mjs";
import { binary, signed } from "./gateway.mjs";

const START_MS = 20_000;
const STOP_MS = 5_000;
const SECRET = "a secret that only this test knows, and long enough";

/** `files` are written beside the configuration: `{"boards/ops.toml": "…"}`. */
export async function serve(toml, { files = {}, environment = {} } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "hookcast-served-"));
  const config = `[auth]\nsecrets = ["${SECRET}"]\naudience = "hookcast"\n\n${toml}`;
  for (const [name, text] of Object.entries({ "hookcast.toml": config, ...files })) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  let running = await launch(folder, "127.0.0.1:0", environment);
  const { origin } = running;
  const front = process.env.HOOKCAST_ASSETS ? await startFront(resolve(process.env.HOOKCAST_ASSETS), origin) : null;
  const tokenFor = (seconds, grants = ["**", "hookcast/**"], claims = {}) => signed({ exp: Math.floor(Date.now() / 1_000) + seconds, aud: "hookcast", hookcast: { subscribe: grants }, ...claims }, SECRET);
  const token = tokenFor(3_600);
  return {
    folder,
    origin: front?.origin ?? origin,
    token,
    tokenFor,
    ask: (path, init = {}) => fetch(origin + path, { ...init, headers: { authorization: `Bearer ${token}`, "content-type": "application/json", ...init.headers } }),
    kill: () => running.end("SIGKILL"),
    async restart() {
      running = await launch(folder, new URL(origin).host, environment);
    },
    async stop() {
      await front?.stop();
      await running.end("SIGINT");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Waits until the port answers; what it printed is in the error if it never does. */
async function launch(folder, listen, environment) {
  const child = spawn(binary(), ["serve", "--config", "hookcast.toml", "--listen", listen], { cwd: folder, stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, NO_COLOR: "1", ...environment } });
  const ended = new Promise((done) => child.once("exit", done));
  let said = "";
  const origin = await new Promise((found, fail) => {
    const timer = setTimeout(() => fail(new Error(`the gateway named no address within ${START_MS} ms:\n${said}`)), START_MS);
    const hear = (chunk) => {
      said += chunk;
      const address = /(?:listen=|http:\/\/)(127\.0\.0\.1:\d+)\D/.exec(said)?.[1];
      if (!address) return;
      clearTimeout(timer);
      found(`http://${address}`);
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.once("error", fail);
    child.once("exit", (code) => fail(new Error(`the gateway ended with ${code}:\n${said}`)));
  });
  const end = async (signal) => {
    child.kill(signal);
    const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
    await ended;
    clearTimeout(timer);
  };
  return { origin, end };
}
