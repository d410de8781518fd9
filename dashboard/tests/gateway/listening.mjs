// A client of the SDK with a memory: all that one subscription told, in the order it told it.

import assert from "node:assert/strict";

/** `sockets` and `frames` are the WebSockets it dialled and what came over them, where the platform's was replaced by `ws`. */
export function listening({ gateway, connect, WebSocket }, pattern, how = {}, options = {}) {
  const sockets = [];
  const frames = [];
  class Kept extends WebSocket {
    constructor(...address) {
      super(...address);
      sockets.push(this);
      this.addEventListener("message", ({ data }) => frames.push(JSON.parse(data)));
    }
  }
  const client = connect({ url: gateway.socket, getToken: () => gateway.token, WebSocket: Kept, ...options });
  const told = { order: [], events: [], gaps: [], errors: [], ready: 0, states: [] };
  client.onState((state) => told.states.push(state.is));
  const undo = client.subscribe(pattern, hearing(told), how);
  return { client, told, undo, sockets, frames, ids: () => told.events.map(({ event }) => event.id) };
}

function hearing(told) {
  return {
    event: (message) => told.order.push(message) && told.events.push(message),
    gap: (gap) => told.order.push(gap) && told.gaps.push(gap),
    error: (error) => told.errors.push(error),
    ready: () => (told.ready += 1),
  };
}

/** Offsets rise by one when the pattern is the whole stream and nothing is missed. */
export function assertWhole(told) {
  const offsets = told.events.map(({ offset }) => offset);
  for (let at = 1; at < offsets.length; at += 1) assert.equal(offsets[at], offsets[at - 1] + 1, `offset after ${offsets[at - 1]}`);
}

/** Each event once; where an offset is missing, a gap was told between its neighbours, and covers it or knows no bound. */
export function assertWholeOrTold(told) {
  let last = null;
  let gaps = [];
  for (const entry of told.order) {
    if ("reason" in entry) {
      gaps.push(entry);
      continue;
    }
    const isCovered = (offset) => gaps.some(({ from, to }) => (from === null || from <= offset) && (to === null || offset <= to));
    const isNewEpoch = gaps.some(({ reason }) => reason === "epoch");
    if (last !== null && !isNewEpoch) {
      assert.ok(entry.offset > last, `${entry.offset} after ${last}`);
      for (let missing = last + 1; missing < entry.offset; missing += 1) assert.ok(isCovered(missing), `${missing} is missing and no gap tells of it`);
    }
    last = entry.offset;
    gaps = [];
  }
  const ids = told.events.map(({ event }) => event.id);
  assert.equal(new Set(ids).size, ids.length, "an event came twice");
}
