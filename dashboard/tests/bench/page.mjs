// What the page costs and how quick it is, on a gateway of its own. Ratios and times are printed, never asserted: machines differ. Frames are
// counted against the same page at rest in the same run.    npm --prefix dashboard run bench

import { performance } from "node:perf_hooks";
import { startBareBrowser } from "../support/bare-browser.mjs";
import { startBrowser } from "../support/browser.mjs";
import { startDemo } from "../support/gateway.mjs";
import { serve } from "../support/served.mjs";
import { board, CONFIG, post, sending, SOURCE } from "./load.mjs";

const PAINTED_EVENTS = 500;
/** Before they count: a page that was opened this very second still compiles what it runs. */
const WARMING_EVENTS = 100;
const FRAMES_MS = 8_000;

/** In the page: when a stamp in the text was painted. The stamp is the sender's clock, which on one machine is the page's too. */
function watchPaint() {
  window.painted = [];
  const seen = new Set();
  const look = (text) => {
    for (const [, stamp] of (text ?? "").matchAll(/t(\d{13}\.\d+)/g)) {
      if (seen.has(stamp)) continue;
      seen.add(stamp);
      // A frame callback runs before its paint; a message posted in it is taken after.
      requestAnimationFrame(() => {
        const channel = new MessageChannel();
        channel.port1.onmessage = () => window.painted.push(performance.timeOrigin + performance.now() - Number(stamp));
        channel.port2.postMessage(0);
      });
    }
  };
  // What changed, not the page: reading all of it would be most of what is measured.
  const observer = new MutationObserver((records) => {
    for (const { type, target, addedNodes } of records) for (const node of type === "characterData" ? [target] : addedNodes) look(node.textContent);
  });
  observer.observe(document.body, { subtree: true, childList: true, characterData: true });
}

/** In the page: frames in so many ms. */
const frames = (ms) =>
  new Promise((resolve) => {
    let count = 0;
    const end = performance.now() + ms;
    const step = (now) => (now > end ? resolve(count) : ((count += 1), requestAnimationFrame(step)));
    requestAnimationFrame(step);
  });

/** In the page: a connection that hears as much and does nothing with it: what the browser itself costs. */
const listenOnly = (token, pattern) =>
  new Promise((done, fail) => {
    const socket = new WebSocket(`${location.origin.replace("http", "ws")}/ws`, "hookcast.v1");
    socket.onopen = () => [{ type: "auth", token }, { type: "subscribe", id: "1", pattern }].forEach((said) => socket.send(JSON.stringify(said)));
    socket.onmessage = ({ data }) => String(data).includes('"live"') && done();
    socket.onclose = fail;
    window.socket = socket;
  });

const isLive = () =>
  new Promise((done) => {
    const look = () => (/live/.test(document.querySelector("[data-testid=badge]")?.textContent ?? "") ? done() : setTimeout(look, 50));
    look();
  });

const at = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
const said = (name, words) => console.log(`${name.padEnd(44)} ${words}`);

async function open(browser, gateway, path = "/") {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: "dark" });
  const page = await context.newPage();
  await page.goto(`${gateway.origin}${path}#token=${gateway.token}`);
  return page;
}

async function firstMinute(browser) {
  const began = performance.now();
  const demo = await startDemo();
  const printed = performance.now();
  const page = await open(browser, demo);
  const opened = performance.now();
  await page.waitForFunction(() => Number(document.querySelector("[data-testid=rate] strong")?.textContent ?? 0) > 0 || document.querySelector("[data-testid=row], [data-testid=number]"), undefined, { polling: 10 });
  const first = performance.now();
  said("command to its address", `${Math.round(printed - began)} ms`);
  said("command to the first event on the page", `${Math.round(first - began)} ms (3,000 asked)`);
  said("page to the first event", `${Math.round(first - opened)} ms after load (1,500 asked)`);
  await page.context().close();
  await demo.stop();
}

/** One event a request, 100 a second: what a person waits between a post and its picture. */
async function painted(browser) {
  const gateway = await serve(CONFIG, { files: { "boards/home.toml": board(1) } });
  const page = await open(browser, gateway);
  await page.getByTestId("badge").getByText("live").waitFor();
  await page.evaluate(watchPaint);
  const began = performance.now();
  const posts = [];
  for (let count = 0; count < WARMING_EVENTS + PAINTED_EVENTS; count += 1) {
    const due = began + count * 10;
    if (due > performance.now()) await new Promise((resolve) => setTimeout(resolve, due - performance.now()));
    posts.push(post(gateway, 1, count, count < WARMING_EVENTS ? "" : `t${(performance.timeOrigin + performance.now()).toFixed(3)}`));
  }
  await Promise.all(posts);
  await page.waitForFunction((wanted) => window.painted.length >= wanted, PAINTED_EVENTS / 2, { timeout: 10_000 }).catch(() => undefined);
  const sorted = (await page.evaluate(() => window.painted)).toSorted((a, b) => a - b);
  said(`publish to painted, 100/s (${sorted.length} seen)`, `p50 ${at(sorted, 0.5).toFixed(1)} ms, p99 ${at(sorted, 0.99).toFixed(1)} ms (50 and 150 asked)`);
  await page.context().close();
  await gateway.stop();
}

/** Events in batches of a delivery, for no browser's machine could sign so many one by one. Ends when `during` does. */
async function sendWhile(gateway, perSecond, during) {
  const sender = sending(gateway, perSecond / 10, 100);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const before = sender.sent;
  const found = await during();
  const rate = Math.round((sender.sent - before) / (FRAMES_MS / 1_000));
  await sender.stop();
  return { found, rate };
}

/** Twelve widgets, and beside them a page that only listens: what it loses, no page could keep. */
async function underLoad() {
  const gateway = await serve(CONFIG, { files: { "boards/home.toml": board(12) } });
  const browser = await startBareBrowser({ width: 1440, height: 900 });
  const shares = [];
  for (const is of ["listens", "shows"]) {
    await browser.goto(is === "shows" ? `${gateway.origin}/#token=${gateway.token}` : `${gateway.origin}/sdk.js`);
    await new Promise((resolve) => setTimeout(resolve, 500));
    if (is === "shows") await browser.evaluate(isLive);
    else await browser.evaluate(listenOnly, gateway.token, `${SOURCE}/**`);
    await post(gateway, 100, 0);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const idle = await browser.evaluate(frames, FRAMES_MS);
    for (const [index, perSecond] of [2_000, 10_000].entries()) {
      const { found, rate } = await sendWhile(gateway, perSecond, () => browser.evaluate(frames, FRAMES_MS));
      (shares[index] ??= { perSecond })[is] = { part: found / idle, rate };
    }
  }
  for (const { perSecond, listens, shows } of shares) {
    const asked = perSecond === 2_000 ? 0.9 : 0.7;
    said(`frames, 12 widgets, ${shows.rate} events/s`, `${shows.part.toFixed(2)} of idle's (${asked} asked); a page that only listens to ${listens.rate}/s: ${listens.part.toFixed(2)}`);
  }
  await browser.close();
  await gateway.stop();
}

const browser = await startBrowser();
try {
  await firstMinute(browser);
  await painted(browser);
} finally {
  await browser.close();
}
await underLoad();
console.log(`(source ${SOURCE}, memory broker, ${process.env.HOOKCAST_BIN ?? "the built binary"})`);
