// Debian's Chromium, and a built page shown in it under an origin that the demo lists, without a server of its own.

import { existsSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { chromium } from "playwright-core";

// A page that no server served counts as one from afar, which may not reach loopback unless the last switch says so.
export const ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-features=LocalNetworkAccessChecks,LocalNetworkAccessChecksWebSockets,BlockInsecurePrivateNetworkRequests"];
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css" };
export const ORIGIN = "http://localhost:5173";

export function executable() {
  const path = process.env.CHROMIUM ?? "/usr/bin/chromium";
  if (!existsSync(path)) throw new Error(`no browser at ${path}: install Debian's chromium, or set CHROMIUM`);
  return path;
}

export function startBrowser() {
  // Its back/forward cache is part of what is tested.
  return chromium.launch({ executablePath: executable(), args: ARGUMENTS, ignoreDefaultArgs: ["--disable-back-forward-cache"] });
}

/** Opens the folder's index.html; `complaints` is what the browser said of it. */
export async function showFolder(browser, folder) {
  const context = await browser.newContext();
  const page = await context.newPage();
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  await page.route(`${ORIGIN}/**`, (route) => {
    const { pathname } = new URL(route.request().url());
    const file = join(folder, pathname === "/" ? "index.html" : pathname);
    if (pathname === "/favicon.ico") return route.fulfill({ status: 204 });
    return existsSync(file) ? route.fulfill({ body: readFileSync(file), contentType: TYPES[extname(file)] }) : route.fulfill({ status: 404 });
  });
  await page.goto(`${ORIGIN}/`);
  return { page, complaints, close: () => context.close() };
}
