// Starts the real gateway with its demo and finds the addresses that it prints. No stand-in: without a binary the tests fail.

import { spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { startFront } from "./front.mjs";

const START_MS = 20_000;
const STOP_MS = 5_000;

export function binary() {
  const built = ["release", "debug"].map((profile) => new URL(`../../../target/${profile}/hookcast`, import.meta.url).pathname);
  const found = process.env.HOOKCAST_BIN ?? built.find(existsSync);
  if (!found) throw new Error("no hookcast binary: run `cargo build --release` first, or set HOOKCAST_BIN");
  return found;
}

/** Starts the demo and waits for the board's address; `said` is what it printed. */
async function launch(folder, listen, more = []) {
  const child = spawn(binary(), ["demo", "--listen", listen, ...more], { cwd: folder, stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, NO_COLOR: "1", BROWSER: "true" } });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  let said = "";
  const board = await new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`the demo printed no board address within ${START_MS} ms:\n${said}`)), START_MS);
    const hear = (chunk) => {
      said += chunk;
      const found = /https?:\/\/\S*#token=[\w.~-]+/.exec(said);
      // A line may come in two chunks: only one that ended is whole.
      if (!found || !said.slice(found.index).includes("\n")) return;
      clearTimeout(timer);
      resolve(new URL(found[0]));
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`the demo ended with ${code} before it printed a board address:\n${said}`)));
  });
  const end = async (signal) => {
    child.kill(signal);
    const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
    await ended;
    clearTimeout(timer);
  };
  return { board, end };
}

const base64 = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A token as the demo's gateway would sign it; `claims` change it, another `secret` makes it somebody else's. */
export function signed(claims, secret) {
  const now = Math.floor(Date.now() / 1_000);
  const said = `${base64({ typ: "JWT", alg: "HS256" })}.${base64({ exp: now + 3_600, sub: "tester", aud: "hookcast-demo", hookcast: { subscribe: ["**"] }, ...claims })}`;
  return `${said}.${createHmac("sha256", secret).update(said).digest("base64url")}`;
}

/** A running demo: `board` is the address with the token in its fragment; `more` is said on its command line. */
export async function startDemo(more = []) {
  // A folder of its own, so that nothing an earlier run kept is seen.
  const folder = mkdtempSync(join(tmpdir(), "hookcast-test-"));
  let running = await launch(folder, "127.0.0.1:0", more);
  const { board } = running;
  const secret = (name) => readFileSync(join(folder, "demo-data/secrets", name), "utf8").trim();
  const token = new URLSearchParams(board.hash.slice(1)).get("token");
  // While the page is worked on it comes from this folder; otherwise from the binary, as for everybody.
  const front = process.env.HOOKCAST_ASSETS ? await startFront(resolve(process.env.HOOKCAST_ASSETS), board.origin) : null;
  return {
    board,
    token,
    origin: front?.origin ?? board.origin,
    socket: `${board.origin.replace("http", "ws")}/ws`,
    async boardJson() {
      const response = await fetch(`${board.origin}/api/v1/boards/home`, { headers: { authorization: `Bearer ${token}` } });
      if (!response.ok) throw new Error(`the board answered ${response.status}`);
      return response.json();
    },
    async testSource(source) {
      const response = await fetch(`${board.origin}/api/v1/sources/${source}/test`, { method: "POST", headers: { authorization: `Bearer ${token}` } });
      if (response.status !== 202) throw new Error(`the test of ${source} answered ${response.status}: ${await response.text()}`);
      return response.json();
    },
    /** A token that ends in so many seconds (whole ones: claims have no finer). */
    tokenFor: (seconds, claims = {}, key = secret("auth")) => signed({ exp: Math.floor(Date.now() / 1_000) + seconds, ...claims }, key),
    /** A donation of this many bytes; answers its id. */
    async donate(name, bytes = 0) {
      const body = JSON.stringify({ event: "donation.success", name, amount: 1, currency: "EUR", message: "x".repeat(bytes) });
      const response = await fetch(`${board.origin}/hooks/donations`, { method: "POST", body, headers: { "x-donation-token": secret("donations"), "content-type": "application/json" } });
      if (response.status !== 202) throw new Error(`the donation was answered ${response.status}: ${await response.text()}`);
      return (await response.json()).id;
    },
    /** While it is down: all it had stored is gone, as after a disk was lost. */
    forget: () => rmSync(join(folder, "demo-data/store"), { recursive: true }),
    /** Ends it the hard way; `restart` brings it back at the same address, on what it had stored. */
    kill: () => running.end("SIGKILL"),
    async restart() {
      running = await launch(folder, board.host);
    },
    async stop() {
      await front?.stop();
      await running.end("SIGINT");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
