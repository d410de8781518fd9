// What goes wrong in the world: killed nodes, ended tokens, lost disks, slow readers. Nothing is missing without a gap, nothing comes twice.

import assert from "node:assert/strict";
import { until } from "../support/runner.mjs";
import { assertWhole, assertWholeOrTold, listening } from "./listening.mjs";

const LARGE_BYTES = 128 * 1024;

export const hard = {
  async "a killed node: what came before, between and after is whole, and nothing twice"(context) {
    const { gateway } = context;
    const { client, told, ids } = listening(context, "donations/**");
    await until("ready", () => told.ready === 1);
    for (const round of [1, 2]) {
      const before = await gateway.donate(`before ${round}`);
      await gateway.kill();
      await until("lost", () => client.state.is !== "live");
      await gateway.restart();
      const after = await gateway.donate(`after ${round}`);
      await until(`what came before and after, round ${round}`, () => ids().includes(before) && ids().includes(after));
    }
    assertWholeOrTold(told);
    assert.deepEqual(told.gaps, []);
    client.close();
  },

  async "an ended token: the gateway closes with 4000, the client comes back with the next one"(context) {
    const { gateway } = context;
    const tokens = [];
    // The second is never given for a refresh: the first must end.
    const getToken = (why) => (why === "refresh" ? null : (tokens.push(tokens.length === 0 ? gateway.tokenFor(3) : gateway.tokenFor(60)), tokens.at(-1)));
    const { client, told, ids, sockets } = listening(context, "donations/**", {}, { getToken });
    const causes = [];
    client.onState((state) => state.cause && causes.push(state.cause.closeCode));
    await until("ready", () => told.ready === 1);
    await until("ready again", () => told.ready === 2);
    const id = await gateway.donate("with the second token");
    await until("the event", () => ids().includes(id));
    assert.deepEqual([causes, sockets.length, tokens.length], [[4000], 2, 2]);
    assertWhole(told);
    client.close();
  },

  async "a token is renewed before it ends, on the same socket"(context) {
    const { gateway } = context;
    const why = [];
    const getToken = (reason) => (why.push(reason), gateway.tokenFor(why.length > 1 ? 60 : 4));
    const { client, told, ids, sockets, frames } = listening(context, "donations/**", {}, { getToken });
    const welcomes = () => frames.filter(({ type }) => type === "welcome");
    await until("a second welcome", () => welcomes().length === 2);
    const first = Date.parse(welcomes()[0].expires);
    await until("the first token ended", () => client.now() > first + 1_000);
    const id = await gateway.donate("after the first token's end");
    await until("the event", () => ids().includes(id));
    assert.deepEqual([why, sockets.length, told.ready], [["connect", "refresh"], 1, 1]);
    client.close();
  },

  async "a renewed token with narrower grants ends what it does not cover, and the other goes on"(context) {
    const { gateway } = context;
    const narrow = { hookcast: { subscribe: ["donations/**"] } };
    const getToken = (why) => (why === "connect" ? gateway.tokenFor(3) : gateway.tokenFor(60, narrow));
    const { client, told, ids } = listening(context, "donations/**", {}, { getToken });
    const ended = [];
    client.subscribe("github/**", { event: () => undefined, error: ({ code }) => ended.push(code) });
    await until("ended", () => ended.length);
    assert.deepEqual(ended, ["forbidden"]);
    const id = await gateway.donate("still heard");
    await until("the event", () => ids().includes(id));
    assert.equal(told.errors.length, 0);
    client.close();
  },

  async "a rotated key: closed after one socket, resumed by open() with a token of the new one"(context) {
    const { gateway } = context;
    const tokens = [gateway.tokenFor(60), gateway.tokenFor(60, {}, "a key that is no longer ours"), gateway.tokenFor(60)];
    const { client, told, ids, sockets } = listening(context, "donations/**", {}, { getToken: () => tokens.shift() ?? null });
    await until("ready", () => told.ready === 1);
    sockets[0].terminate();
    await until("closed", () => client.state.is === "closed");
    assert.equal(client.state.cause.closeCode, 4501);
    assert.equal(sockets.length, 2);
    const id = await gateway.donate("while signed out");
    client.open();
    await until("what came meanwhile", () => ids().includes(id));
    assert.equal(sockets.length, 3);
    assertWhole(told);
    client.close();
  },

  async "getToken that throws UnauthorizedError stops the client before any socket"(context) {
    const { client, sockets } = listening(context, "donations/**", {}, { getToken: () => Promise.reject(new context.UnauthorizedError("signed out")) });
    await until("closed", () => client.state.is === "closed");
    assert.deepEqual([client.state.cause.code, sockets.length], ["token", 0]);
    client.close();
  },

  async "a lost disk is a new epoch: told as a gap, then it goes on"(context) {
    const { gateway } = context;
    const { client, told, ids } = listening(context, "donations/**");
    await until("ready", () => told.ready === 1);
    const before = await gateway.donate("before");
    await until("the event", () => ids().includes(before));
    const [epoch] = client.positions().donations.split(":");
    await gateway.kill();
    gateway.forget();
    await gateway.restart();
    await until("the gap", () => told.gaps.length);
    assert.equal(told.gaps[0].reason, "epoch");
    await until("ready again", () => told.ready >= 2);
    const after = await gateway.donate("after");
    await until("the event after", () => ids().includes(after));
    assert.notEqual(client.positions().donations.split(":")[0], epoch);
    assertWholeOrTold(told);
    client.close();
  },

  async "a slow reader is told the gap, gets the rest, and is live again by itself"(context) {
    const { gateway } = context;
    const { client, told, ids, sockets } = listening(context, "donations/**");
    await until("ready", () => told.ready === 1);
    sockets[0].pause();
    // More than what the kernel's buffers and the stream's window hold.
    for (let sent = 0; sent < 240; sent += 8) await Promise.all(Array.from({ length: 8 }, () => gateway.donate("large", LARGE_BYTES)));
    sockets[0].resume();
    const id = await gateway.donate("after");
    await until("what came after", () => ids().includes(id));
    assertWholeOrTold(told);
    assert.deepEqual([[...new Set(told.gaps.map(({ reason }) => reason))], sockets.length], [["slow"], 1]);
    client.close();
  },

  async "fifty subscriptions on one connection each hear their own, once, across a loss"(context) {
    const { gateway } = context;
    const { client, told, sockets } = listening(context, "donations/**");
    const patterns = ["donations/*", "donations/donation.success", "donations/**"];
    const others = Array.from({ length: 49 }, (_, at) => {
      const heard = [];
      client.subscribe(patterns[at % patterns.length], { event: ({ event }) => heard.push(event.id) });
      return heard;
    });
    await until("all live", () => client.state.is === "live" && client.state.catchingUp === 0);
    const sent = [await gateway.donate("one")];
    sockets[0].terminate();
    sent.push(await gateway.donate("two"));
    await until("live again", () => told.ready === 2 && client.state.is === "live" && client.state.catchingUp === 0);
    sent.push(await gateway.donate("three"));
    await until("all heard it", () => others.every((heard) => heard.includes(sent[2])));
    for (const heard of others) assert.deepEqual(sent.map((id) => heard.filter((each) => each === id).length), [1, 1, 1]);
    assertWhole(told);
    client.close();
  },
};
