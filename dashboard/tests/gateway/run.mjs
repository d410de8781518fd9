// The SDK as it is served (`sdk.js`), in Node, against the real gateway: nothing missing without a gap, nothing twice.

import { WebSocket } from "ws";
import { startDemo } from "../support/gateway.mjs";
import { runCases } from "../support/runner.mjs";
import { cases } from "./cases.mjs";
import { hard } from "./hard.mjs";
import { ways } from "./ways.mjs";

const gateway = await startDemo();
let isGood = false;
try {
  const sdk = await import(new URL("../../../gateway/assets/sdk.js", import.meta.url).href);
  isGood = await runCases({ ...cases, ...hard, ...ways }, { gateway, ...sdk, WebSocket });
} finally {
  await gateway.stop();
}
process.exit(isGood ? 0 : 1);
