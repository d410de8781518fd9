// The same Chromium with nobody listening in: a driver that watches a page's network hears of each WebSocket message, which costs the page more than
// the message itself. For what is measured; pages are tested with browser.mjs.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import WebSocket from "ws";
import { ARGUMENTS, executable } from "./browser.mjs";

const START_MS = 20_000;
const ANSWER_MS = 60_000;

export async function startBareBrowser({ width, height }) {
  const profile = mkdtempSync(join(tmpdir(), "hookcast-bare-"));
  const args = [...ARGUMENTS, `--user-data-dir=${profile}`, "--remote-debugging-port=0", `--window-size=${width},${height}`, "--force-dark-mode", "about:blank"];
  const child = spawn(executable(), args, { stdio: ["ignore", "ignore", "pipe"] });
  const ended = new Promise((done) => child.once("exit", done));
  const address = await new Promise((found, fail) => {
    const timer = setTimeout(() => fail(new Error(`the browser named no address within ${START_MS} ms`)), START_MS);
    child.once("error", fail);
    child.stderr.on("data", (chunk) => {
      const [, url] = /listening on (ws:\S+)/.exec(String(chunk)) ?? [];
      if (!url) return;
      clearTimeout(timer);
      found(url);
    });
  });
  const list = await (await fetch(`http://${new URL(address).host}/json/list`)).json();
  const page = await connect(list.find(({ type }) => type === "page").webSocketDebuggerUrl);
  return {
    goto: (url) => page("Page.navigate", { url }),
    /** Runs a function in the page and gives what it resolves to. */
    async evaluate(run, ...given) {
      const { result, exceptionDetails } = await page("Runtime.evaluate", { expression: `(${run})(${given.map((each) => JSON.stringify(each)).join(",")})`, awaitPromise: true, returnByValue: true });
      if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
      return result.value;
    },
    async close() {
      await page("Browser.close").catch(() => child.kill("SIGKILL"));
      await ended;
      // Its children may write for a moment longer.
      rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    },
  };
}

/** One command after the other, each answered or failed in time. */
async function connect(url) {
  const socket = new WebSocket(url);
  const waiting = new Map();
  let last = 0;
  socket.on("message", (data) => {
    const { id, result, error } = JSON.parse(String(data));
    const answer = waiting.get(id);
    waiting.delete(id);
    if (error) answer?.fail(new Error(error.message));
    else answer?.done(result);
  });
  await new Promise((open, fail) => socket.once("open", open).once("error", fail));
  return (method, params) =>
    new Promise((done, fail) => {
      last += 1;
      const timer = setTimeout(() => fail(new Error(`${method} was not answered within ${ANSWER_MS} ms`)), ANSWER_MS);
      const settled = (settle) => (value) => (clearTimeout(timer), settle(value));
      waiting.set(last, { done: settled(done), fail: settled(fail) });
      socket.send(JSON.stringify({ id: last, method, params }));
    });
}
