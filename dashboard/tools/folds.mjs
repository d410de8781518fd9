// How many events a second each widget's fold takes: `node tools/folds.mjs [FOLDER of folds]`, another folder being an earlier version's.
// One core, a thousand keys, what is read from the state left out. Node reads the folds' TypeScript as vite would build it.

import { resolve } from "node:path";
import { build } from "vite";

const folder = resolve(process.argv[2] ?? new URL("../fold", import.meta.url).pathname);
const KEYS = 1_000;
const EVENTS = 40_000;
const RANGE_MS = 900_000;

const BOARD = [
  { id: "number", type: "number", value: { op: "sum", of: "/data/amount" } },
  { id: "line, 1,000 keys", type: "line", value: { op: "count", bucket: "10s" }, split: { by: "/data/name", top: 5 } },
  { id: "bar, 1,000 keys", type: "bar", value: { op: "sum", of: "/data/amount" }, split: { by: "/data/name", top: 8 } },
  { id: "feed, 500 rows", type: "feed", text: "{/data/name} gave {/data/amount}", note: "{/data/city}", rows: 500 },
  { id: "status, 1,000 keys", type: "status", by: "/data/name", text: "{/data/city}", ok: [["/data/amount", ">", 50]] },
  { id: "alert", type: "alert", text: "{/data/name} gave {/data/amount}" },
  { id: "table, 1,000 keys", type: "table", by: "/data/name", columns: ["/data/city", "/data/amount"] },
  { id: "gauge, p95", type: "gauge", value: { op: "p95", of: "/data/amount" } },
  { id: "heatmap, 1,000 keys", type: "heatmap", by: "/data/name", value: { op: "count" } },
  { id: "number, distinct", type: "number", value: { op: "distinct", of: "/data/name" } },
].map((widget) => ({ from: "s/**", ...widget }));

async function load(file) {
  const { output } = (await build({ configFile: false, logLevel: "silent", build: { write: false, target: "esnext", minify: false, lib: { entry: resolve(folder, file), formats: ["es"], fileName: "out" } } }))[0];
  return import(`data:text/javascript;base64,${Buffer.from(output[0].code).toString("base64")}`);
}

const [{ parseBoard }, { EMPTY, fold }] = [await load("board.ts"), await load("fold.ts")];
const start = Date.UTC(2026, 0, 2, 3, 4, 0);
const inputs = Array.from({ length: EVENTS }, (_, index) => {
  const time = start + Math.floor(index / 10);
  const data = { name: `name ${(index * 7919) % KEYS}`, city: "Lisbon", amount: (index * 31) % 97 };
  return { is: "event", seen: { stream: "s", offset: index + 1, topic: "s/t", event: { id: `id-${index}`, source: "s", time: new Date(time).toISOString(), data }, replayed: false }, now: time };
});

/** CPU time, ms: what a busy machine does beside is not the fold's. */
const spent = () => process.cpuUsage().user / 1_000;

for (const table of BOARD) {
  const [widget] = parseBoard({ widget: [table] }).widgets;
  if (!widget) {
    console.log(`${table.id.padEnd(22)}            – (not in this version)`);
    continue;
  }
  let best = 0;
  for (let round = 0; round < 3; round += 1) {
    let state = EMPTY;
    let count = 0;
    const began = spent();
    // An old version may take very long: half a second says enough.
    for (const input of inputs) {
      state = fold(state, input, widget, RANGE_MS);
      count += 1;
      if ((count & 255) === 0 && spent() - began > 700) break;
    }
    best = Math.max(best, (count * 1_000) / (spent() - began));
  }
  console.log(`${table.id.padEnd(22)} ${Math.round(best).toLocaleString("en").padStart(12)} events/s`);
}
