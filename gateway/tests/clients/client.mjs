// The wire as Node's `ws` speaks it: prints how many checks passed, and fails at the first that does not.

import { createRequire } from "node:module";

const require = createRequire(new URL("../../../dashboard/package.json", import.meta.url));
const { WebSocket } = require("ws");

const url = process.env.HOOKCAST_URL;
const token = process.env.HOOKCAST_TEST_TOKEN;
let passed = 0;

function check(holds, what) {
  if (!holds) throw new Error(`failed: ${what}`);
  passed += 1;
}

/** A socket and a way to wait for what it says. */
async function open(protocols = ["hookcast.v1"]) {
  const socket = new WebSocket(url.replace("http", "ws") + "/ws", protocols);
  const messages = [];
  const waiting = [];
  const settle = () => {
    for (const wait of [...waiting]) {
      const index = messages.findIndex(wait.wanted);
      if (index < 0) continue;
      waiting.splice(waiting.indexOf(wait), 1);
      wait.resolve(messages.splice(index, 1)[0]);
    }
  };
  socket.on("message", (data, isBinary) => {
    messages.push({ ...JSON.parse(data.toString()), isBinary });
    settle();
  });
  const closed = new Promise((resolve) => socket.on("close", (code, reason) => resolve({ code, reason: reason.toString() })));
  const hear = (type) =>
    new Promise((resolve, reject) => {
      const late = AbortSignal.timeout(10_000);
      late.addEventListener("abort", () => reject(new Error(`no ${type} in 10 s`)));
      waiting.push({ wanted: (message) => message.type === type, resolve });
      settle();
    });
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  return { socket, hear, closed, say: (message) => socket.send(JSON.stringify(message)) };
}

async function post(value) {
  const headers = { "x-token": "sesame-for-tests" };
  const answer = await fetch(`${url}/hooks/s`, { method: "POST", headers, body: JSON.stringify({ type: "tock", value }) });
  check(answer.status === 202, "a delivery is answered 202");
}

// Live, by a token in a subprotocol that is not echoed.
{
  const client = await open(["hookcast.v1", `hookcast.token.${token}`]);
  check(client.socket.protocol === "hookcast.v1", "the token is not echoed");
  await client.hear("welcome");
  client.say({ type: "subscribe", id: "a", pattern: "s/tock" });
  await client.hear("live");
  await post("ü€𝄞");
  const message = await client.hear("events");
  check(!message.isBinary && message.events[0].event.data.value === "ü€𝄞", "an event arrives as text, every character whole");

  // A ping between two fragments is answered before the message is whole.
  const pong = new Promise((resolve) => client.socket.once("pong", (data) => resolve(data.toString())));
  client.socket.send('{"type":"pi', { fin: false });
  client.socket.ping("between");
  check((await pong) === "between", "a ping between fragments is answered");
  client.socket.send('ng"}', { fin: true });
  await client.hear("pong");
  client.socket.close(1000, "bye");
  check((await client.closed).code === 1000, "a close is answered with its code");
}

// Every way to be closed tells why.
for (const [what, act, code] of [
  ["an unmasked frame", (socket) => socket.send("{}", { mask: false }), 1002],
  ["a binary frame", (socket) => socket.send(Buffer.from("{}"), { binary: true }), 1003],
  ["no message of ours", (socket) => socket.send("{}"), 4500],
  ["a bad token", (socket) => socket.send('{"type":"auth","token":"x"}'), 4501],
  ["more than 16 KiB", (socket) => socket.send("x".repeat(17_000)), 1009],
]) {
  const client = await open();
  act(client.socket);
  const closed = await client.closed;
  check(closed.code === code, `${what} ends with ${code}, not ${closed.code}`);
}

// Another subprotocol alone is refused before the upgrade.
const refused = await open(["other"]).then(() => null, (error) => error.message);
check(refused?.includes("400"), `another subprotocol is refused: ${refused}`);

console.log(passed);
process.exit(0);
