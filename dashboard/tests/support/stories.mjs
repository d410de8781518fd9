// What the demo's stories tell, heard from a real gateway and spread over as long as a board looks back: a wall that has been up for an
// hour, without an hour.

import { WebSocket } from "ws";
import { startDemo } from "./gateway.mjs";

const SOURCES = ["donations", "github", "shop", "payments", "parcels", "scores", "sensors", "conference"];
const RATE = 120;

/** At least so many events of the stories, in their order, each `{ topic, type, data }`. */
export async function hearStories(count) {
  const gateway = await startDemo(["--rate", String(RATE)]);
  const heard = [];
  const socket = new WebSocket(gateway.socket, "hookcast.v1");
  try {
    await new Promise((resolve, reject) => {
      socket.on("error", reject);
      socket.on("open", () => socket.send(JSON.stringify({ type: "auth", token: gateway.token })));
      socket.on("close", (code, reason) => reject(new Error(`closed with ${code}: ${reason}`)));
      socket.on("message", (text) => {
        const message = JSON.parse(String(text));
        if (message.type === "welcome") for (const source of SOURCES) socket.send(JSON.stringify({ type: "subscribe", id: source, pattern: `${source}/**`, since: { age_ms: 60_000 } }));
        if (message.type !== "events") return;
        heard.push(...message.events.map(({ topic, event }) => ({ topic, type: event.type, data: event.data, at: Date.parse(event.time) })));
        if (heard.length >= count) resolve();
      });
    });
  } finally {
    socket.removeAllListeners("close");
    socket.on("error", () => undefined);
    socket.close();
    await gateway.stop();
  }
  return heard.sort((a, b) => a.at - b.at);
}

/** As history that ends now: the newest events are a few seconds old, the oldest `overMs`. */
export function spread(events, overMs) {
  return events.map(({ topic, type, data }, index) => ({ topic, type, data, agoMs: Math.round(((events.length - index) * overMs) / events.length) }));
}
