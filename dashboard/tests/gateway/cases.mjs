// What a page without a framework may expect of the SDK.

import assert from "node:assert/strict";
import { until } from "../support/runner.mjs";
import { assertWhole, listening } from "./listening.mjs";

export const cases = {
  async "a test event arrives once, live"(context) {
    const { client, told, ids } = listening(context, "donations/**");
    await until("ready", () => told.ready);
    const { id, outcome } = await context.gateway.testSource("donations");
    assert.equal(outcome, "accepted");
    await until("the event", () => ids().includes(id));
    const [message] = told.events.filter(({ event }) => event.id === id);
    assert.equal(ids().filter((each) => each === id).length, 1);
    assert.equal(message.replayed, false);
    assert.equal(message.stream, "donations");
    assert.equal(message.event.specversion, "1.0");
    assertWhole(told);
    client.close();
  },

  async "a lost socket resumes where it stood: whole, in order, nothing twice"(context) {
    const { client, told, ids, sockets } = listening(context, "donations/**");
    await until("ready", () => told.ready === 1);
    const before = await context.gateway.testSource("donations");
    await until("the first event", () => ids().includes(before.id));
    for (let round = 2; round <= 4; round += 1) {
      sockets.at(-1).terminate();
      const { id } = await context.gateway.testSource("donations");
      await until(`ready again, round ${round}`, () => told.ready === round);
      await until(`the event sent while away, round ${round}`, () => ids().includes(id));
    }
    assertWhole(told);
    assert.equal(told.gaps.length, 0);
    assert.equal(new Set(ids()).size, ids().length);
    client.close();
  },

  async "what was closed stays closed, and open() catches up as replayed"(context) {
    const { client, told, ids, sockets } = listening(context, "donations/**");
    await until("ready", () => told.ready === 1);
    client.close();
    assert.equal(client.state.is, "closed");
    const { id } = await context.gateway.testSource("donations");
    const dialled = sockets.length;
    assert.equal(ids().includes(id), false);
    client.open();
    await until("the event", () => ids().includes(id));
    assert.equal(told.events.find(({ event }) => event.id === id).replayed, true);
    assert.equal(sockets.length, dialled + 1);
    assertWhole(told);
    client.close();
  },

  async "history by count and by age comes before live"(context) {
    await context.gateway.testSource("donations");
    const { id } = await context.gateway.testSource("donations");
    for (const since of [{ last: 2 }, { ageMs: 600_000 }]) {
      const { client, told, ids } = listening(context, "donations/**", { since });
      await until("ready", () => told.ready);
      assert.ok(ids().includes(id), JSON.stringify(since));
      // The demo's own donations come whenever they like: behind what was caught up with, never among it.
      const replayed = told.events.map((each) => each.replayed);
      assert.equal(told.events.find(({ event }) => event.id === id).replayed, true);
      assert.deepEqual(replayed, replayed.toSorted((one, other) => other - one));
      assertWhole(told);
      client.close();
    }
  },

  async "two patterns over one event each hear it once"(context) {
    const { client, told, ids } = listening(context, "donations/**");
    const second = [];
    client.subscribe("donations/donation.success", { event: ({ event }) => second.push(event.id) });
    await until("both live", () => client.state.is === "live" && client.state.catchingUp === 0 && told.ready);
    const { id } = await context.gateway.testSource("donations");
    await until("both hear it", () => ids().includes(id) && second.includes(id));
    assert.equal(ids().filter((each) => each === id).length, 1);
    assert.equal(second.filter((each) => each === id).length, 1);
    client.close();
  },

  async "an undone subscription hears no more, the other goes on"(context) {
    const { client, told, undo, ids } = listening(context, "donations/**");
    const other = [];
    client.subscribe("donations/*", { event: ({ event }) => other.push(event.id) });
    await until("live", () => client.state.is === "live" && client.state.catchingUp === 0);
    undo();
    const heard = told.events.length;
    const { id } = await context.gateway.testSource("donations");
    await until("the other hears it", () => other.includes(id));
    assert.equal(told.events.length, heard);
    assert.equal(ids().includes(id), false);
    client.close();
  },

  async "a pattern out of grammar is an error of that subscription alone"(context) {
    const { client, told } = listening(context, "**/push");
    const good = [];
    client.subscribe("donations/**", { event: ({ event }) => good.push(event.id) });
    await until("the error", () => told.errors.length);
    assert.equal(told.errors[0].code, "bad_pattern");
    await until("live", () => client.state.is === "live" && client.state.catchingUp === 0);
    const { id } = await context.gateway.testSource("donations");
    await until("the good one hears", () => good.includes(id));
    client.close();
  },

  async "a bad token ends in closed, not in a loop"(context) {
    const { client, sockets } = listening(context, "donations/**", {}, { getToken: () => "not.a.token" });
    await until("closed", () => client.state.is === "closed");
    assert.equal(client.state.cause.closeCode, 4501);
    assert.equal(sockets.length, 1);
  },

  async "the iterator gives events, and ends with its signal"(context) {
    const { connect, WebSocket, gateway } = context;
    const client = connect({ url: gateway.socket, getToken: () => gateway.token, WebSocket });
    const stop = new AbortController();
    const got = [];
    const reading = (async () => {
      for await (const entry of client.events("donations/**", { since: { last: 1 }, signal: stop.signal })) got.push(entry.event.id);
    })();
    await until("live", () => client.state.is === "live" && client.state.catchingUp === 0);
    const { id } = await gateway.testSource("donations");
    await until("the event", () => got.includes(id));
    stop.abort();
    await reading;
    client.close();
  },

  async "time is the gateway's, and positions are of its streams"(context) {
    const { client, told } = listening(context, "donations/**");
    await until("ready", () => told.ready);
    assert.ok(Math.abs(client.now() - Date.now()) < 2_000);
    assert.match(client.positions().donations, /^[a-z0-9]{8}:\d+$/);
    client.close();
  },
};
