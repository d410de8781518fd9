// Runs the JavaScript client of docs/protocol.md, taken from the page: `node documented.mjs FOLLOW_MJS`. A line of JSON for each call.

import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(new URL("../../../dashboard/package.json", import.meta.url));
// Node has its own from 22 on.
globalThis.WebSocket ??= require("ws").WebSocket;

const { follow } = await import(pathToFileURL(process.argv[2]));
const print = (value) => console.log(JSON.stringify(value));
follow(
  process.env.HOOKCAST_URL.replace("http", "ws") + "/ws",
  () => process.env.HOOKCAST_TEST_TOKEN,
  "s/*",
  (_topic, event) => print({ event: event.data.value }),
  (gap) => print({ gap: gap.reason }),
  (code) => {
    print({ end: code });
    process.exit(0);
  },
);
