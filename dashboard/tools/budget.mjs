// Weighs what was built and fails above its budget, so that nobody finds out on a phone. Bytes are after gzip.

import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "vite";

const assets = new URL("../../gateway/assets/", import.meta.url).pathname;
const files = readdirSync(assets, { recursive: true })
  .map(String)
  .filter((file) => statSync(join(assets, file)).isFile())
  .map((file) => ({ file, bytes: gzipSync(readFileSync(join(assets, file)), { level: 9 }).length }));

const html = readFileSync(join(assets, "index.html"), "utf8");
const sum = (wanted) => files.filter(({ file }) => wanted(file)).reduce((total, { bytes }) => total + bytes, 0);
const isFirst = (file) => html.includes(file);

/** What an entry of the package adds to a page that has the SDK already, as a bundler would ship it. */
async function added(entry) {
  const core = (id) => /^(react|svelte)\b/.test(id) || /\/(index|client|socket|wire|errors)\.js$/.test(id);
  const dist = new URL("../sdk/dist/", import.meta.url).pathname;
  const { output } = (
    await build({
      configFile: false,
      logLevel: "silent",
      build: { write: false, target: "es2022", lib: { entry: join(dist, entry), formats: ["es"], fileName: "out" }, rolldownOptions: { external: core }, minify: true },
    })
  )[0];
  return gzipSync(output[0].code, { level: 9 }).length;
}

const budgets = [
  ["sdk.js", sum((file) => file === "sdk.js"), 6_000],
  ["SSE", sum((file) => file === "sdk-sse.js"), 1_500],
  ["shared", sum((file) => /^sdk-shared/.test(file)), 1_500],
  ["hookcast/react", await added("react.js"), 700],
  ["hookcast/svelte", await added("svelte.js"), 700],
  ["first JS without chart", sum((file) => file.endsWith(".js") && isFirst(file)), 55_000],
  ["first JS with chart", sum((file) => file.endsWith(".js") && (isFirst(file) || /\/chart-/.test(file))), 80_000],
  ["CSS", sum((file) => file.endsWith(".css") && (isFirst(file) || /\/chart-/.test(file))), 10_000],
  ["all assets", sum(() => true), 250_000],
];

let isOver = false;
for (const [name, bytes, limit] of budgets) {
  const ok = bytes > 0 && bytes <= limit;
  isOver ||= !ok;
  console.log(`${ok ? "ok  " : "OVER"} ${name}: ${bytes} of ${limit} bytes gzip`);
}
process.exit(isOver ? 1 : 0);
