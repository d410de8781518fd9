// The load of the page's benches: a source that takes a batch a delivery, a board over it, and who posts. Nothing is signed: it is the page that is measured.

import { randomBytes } from "node:crypto";
import { Agent, request } from "node:http";

export const SOURCE = "load";
const TOKEN = "a-token-of-the-bench";
/** In the order they were posted: `fetch` lets the first of those that wait go last, and what it keeps waiting would be told as the page's delay. */
const FIRST_COME = new Agent({ keepAlive: true, maxSockets: 8 });
const KINDS = ["order", "push", "reading", "score"];

export const CONFIG = `
[broker]
url = "memory:"

[dashboard]
boards = "boards"

[[source]]
name = "${SOURCE}"
provider = "cloudevents"
secrets = ["${TOKEN}"]
topic = "${SOURCE}/{type}"
`;

const TYPES = [
  ["number", 'value = { op = "count" }'],
  ["line", 'value = { op = "avg", of = "/data/value", window = "1m", bucket = "1s" }\nsplit = { by = "/data/name", top = 4 }'],
  ["feed", 'text = "{/data/text}"\nrows = 50'],
  ["bar", 'value = { op = "sum", of = "/data/value" }\nsplit = { by = "/data/name", top = 6 }'],
  ["status", 'by = "/data/name"\ntext = "{/data/value}"\nrows = 6'],
  ["number", 'value = { op = "avg", of = "/data/value" }'],
];

/** So many widgets, every kind in turn; one alone is the feed, which shows each event. */
export function board(count) {
  const chosen = count === 1 ? [TYPES[2]] : Array.from({ length: count }, (_, index) => TYPES[index % TYPES.length]);
  const widgets = chosen.map(
    ([type, keys], index) => `[[widget]]\nid = "w${index}"\ntype = "${type}"\ntitle = "Widget ${index}"\nat = [${(index % 4) * 3}, ${Math.floor(index / 4) * 4}, 3, 4]\nfrom = "${SOURCE}/**"\n${keys}\n`,
  );
  return `title = "Bench"\nrange = "1m"\n\n${widgets.join("\n")}`;
}

/** Posts so many events every so often until it is stopped; late ticks are caught up. */
export function sending(gateway, count, everyMs) {
  let [isOver, sent] = [false, 0];
  const done = (async () => {
    const began = performance.now();
    for (let tick = 0; !isOver; tick += 1) {
      const due = began + tick * everyMs;
      if (due > performance.now()) await new Promise((resolve) => setTimeout(resolve, due - performance.now()));
      await post(gateway, count, sent);
      sent += count;
    }
  })();
  // Whoever stops it hears of a failure; until then it is nobody's.
  done.catch(() => undefined);
  return {
    get sent() {
      return sent;
    },
    stop() {
      isOver = true;
      return done;
    },
  };
}

/** One delivery of so many events. */
export async function post(gateway, count, from, text = "") {
  const run = randomBytes(6).toString("hex");
  const events = Array.from({ length: count }, (_, index) => ({
    specversion: "1.0",
    id: `${run}-${from + index}`,
    source: "/bench",
    type: KINDS[(from + index) % KINDS.length],
    data: { name: `name ${(from + index) % 40}`, value: (from + index) % 97, text: text || `event ${from + index}` },
  }));
  const body = JSON.stringify(events);
  const headers = { "content-type": "application/cloudevents-batch+json", "content-length": Buffer.byteLength(body), authorization: `Bearer ${TOKEN}` };
  await new Promise((resolve, reject) => {
    const sent = request(`${gateway.origin}/hooks/${SOURCE}`, { method: "POST", agent: FIRST_COME, headers }, (answer) => {
      if (answer.statusCode >= 300) reject(new Error(`the batch was answered ${answer.statusCode}`));
      answer.resume().on("end", resolve);
    });
    sent.on("error", reject).end(body);
  });
}
