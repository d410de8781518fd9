// Writes one golden delivery for each vendor whose own package signs or verifies webhooks.
//   node sign.mjs FOLDER [NAME…]
// Each is checked by the vendor's package before it is written, and again with one byte of its body changed: that must fail.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { golden, holds } from "./kit.mjs";
import code from "./deliveries/code.mjs";
import documented from "./deliveries/documented.mjs";
import messaging from "./deliveries/messaging.mjs";
import payments from "./deliveries/payments.mjs";
import work from "./deliveries/work.mjs";

const [folder, ...names] = process.argv.slice(2);
if (!folder) throw new Error("usage: node sign.mjs FOLDER [NAME…]");
mkdirSync(folder, { recursive: true });

// Whatever a vendor's package prints is no part of what we say.
const say = console.log;
for (const word of ["log", "info", "warn", "error", "debug"]) console[word] = () => {};

let failed = 0;
let written = 0;
for (const [name, delivery] of Object.entries({ ...code, ...documented, ...messaging, ...payments, ...work })) {
  if (names.length && !names.includes(name)) continue;
  const of = { provider: name, ...delivery };
  try {
    const made = await of.sign(of.body);
    const { headers, body } = made.headers ? made : { headers: made, body: of.body };
    const all = { "content-type": "application/json", ...headers };
    const middle = Math.floor(body.length / 2);
    const other = body[middle] === "0" ? "1" : "0";
    const changed = body.slice(0, middle) + other + body.slice(middle + 1);
    if (!(await holds(() => of.check(body, all)))) throw new Error("its own package refuses it");
    if (!of.bodyIsFree && (await holds(() => of.check(changed, all)))) throw new Error("its own package takes a changed body");
    writeFileSync(join(folder, `${name}.toml`), golden(of, all, body));
    written += 1;
  } catch (error) {
    failed += 1;
    say(`${name}: ${error.stack}`);
  }
}
say(`${written} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
