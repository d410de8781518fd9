// One connection for all tabs of a name: the worker's side. It knows no subscription: it gives each tab's ids a prefix, takes it off what
// comes back, and says what has no id to all. A tab that does not take what it is sent is let go, and resumes when it wakes.

import { object, unsubscribe } from "./wire.ts";

/** A tab that is gone or frozen acknowledges nothing; its messages must not pile up. */
const PENDING_MAX = 1_000;
const SILENT_MS = 60_000;

interface Tab {
  number: number;
  port: MessagePort;
  ids: Set<string>;
  pending: number;
  heardAt: number;
}

const tabs = new Set<Tab>();
let socket: WebSocket | null = null;
/** For tabs that come later: without its time, which has passed. */
let welcome = "";
let count = 0;

function say(tab: Tab, what: string | null | [number, string]): void {
  if (tab.pending === 0) tab.heardAt = Date.now();
  tab.pending += 1;
  tab.port.postMessage(what);
  if (tabs.has(tab) && (tab.pending > PENDING_MAX || Date.now() - tab.heardAt > SILENT_MS)) leave(tab, 1006);
}

function leave(tab: Tab, code?: number): void {
  if (!tabs.delete(tab)) return;
  if (code) say(tab, [code, ""]);
  for (const id of tab.ids) send(unsubscribe(id));
  tab.ids.clear();
  if (tabs.size === 0) end(1000);
}

function send(frame: string): void {
  if (socket?.readyState === 1) socket.send(frame);
}

function end(code: number, reason = ""): void {
  socket?.close();
  socket = null;
  welcome = "";
  const told = [...tabs];
  tabs.clear();
  for (const tab of told) {
    tab.ids.clear();
    say(tab, [code, reason]);
  }
}

function join(tab: Tab, url: string): void {
  tabs.add(tab);
  if (socket?.readyState === 1) {
    say(tab, null);
    if (welcome) say(tab, welcome);
  }
  if (socket) return;
  const mine = new WebSocket(url, "hookcast.v1");
  socket = mine;
  mine.onopen = () => [...tabs].forEach((each) => say(each, null));
  mine.onmessage = ({ data }) => mine === socket && hear(String(data));
  mine.onclose = ({ code, reason }) => mine === socket && end(code, reason);
}

function hear(text: string): void {
  const message = object(text);
  const [, number, id] = /^(\d+)\.(.*)$/.exec(String(message["id"] ?? "")) ?? [];
  if (message["type"] === "welcome") welcome = JSON.stringify({ ...message, time: null });
  for (const tab of [...tabs]) {
    if (id === undefined) say(tab, text);
    else if (number === String(tab.number)) say(tab, JSON.stringify({ ...message, id }));
  }
}

function take(tab: Tab, said: unknown): void {
  if (said === 0) {
    tab.pending -= 1;
    tab.heardAt = Date.now();
  } else if (Array.isArray(said)) {
    join(tab, String(said[0]));
  } else if (said === null) {
    leave(tab);
  } else if (tabs.has(tab)) {
    const frame = object(said);
    const id = `${tab.number}.${frame["id"]}`;
    if (frame["id"] === undefined) return send(String(said));
    if (frame["type"] === "subscribe") tab.ids.add(id);
    else tab.ids.delete(id);
    send(JSON.stringify({ ...frame, id }));
  }
}

addEventListener("connect", (event) => {
  if (!(event instanceof MessageEvent)) return;
  const [port] = event.ports;
  if (!port) return;
  const tab = { number: (count += 1), port, ids: new Set<string>(), pending: 0, heardAt: 0 };
  port.onmessage = ({ data }) => take(tab, data);
});
