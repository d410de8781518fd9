// Other ways than every event over a WebSocket: the same promises over SSE, and the newest only.

import assert from "node:assert/strict";
import { until } from "../support/runner.mjs";
import { assertWhole, assertWholeOrTold, listening } from "./listening.mjs";

const sse = { transport: "sse" };

export const ways = {
  async "SSE: live, replayed, across a kill: whole, in order, nothing twice"(context) {
    const { gateway } = context;
    await gateway.donate("before");
    const { client, told, ids, sockets } = listening(context, "donations/**", { since: { last: 1 } }, sse);
    await until("live", () => client.state.is === "live" && client.state.catchingUp === 0);
    assert.deepEqual([client.state.via, sockets.length, told.events[0].replayed], ["sse", 0, true]);
    const live = await gateway.donate("live");
    await until("a live event", () => ids().includes(live));
    assert.equal(told.events.find(({ event }) => event.id === live).replayed, false);
    await gateway.kill();
    await until("lost", () => client.state.is !== "live");
    await gateway.restart();
    const after = await gateway.donate("after");
    await until("what came meanwhile", () => ids().includes(after));
    assertWhole(told);
    assertWholeOrTold(told);
    assert.deepEqual(told.gaps, []);
    client.close();
  },

  async "SSE: what is subscribed and left later changes nothing for the others, beyond ten patterns too"(context) {
    const { gateway } = context;
    const { client, told, ids } = listening(context, "donations/**", {}, sse);
    await until("live", () => client.state.is === "live" && client.state.catchingUp === 0);
    const sent = [await gateway.donate("one")];
    const others = Array.from({ length: 24 }, (_, at) => {
      const heard = [];
      const undo = client.subscribe(at % 2 ? "donations/*" : "donations/**", { event: ({ event }) => heard.push(event.id) });
      return { heard, undo };
    });
    sent.push(await gateway.donate("two"));
    await until("all live", () => client.state.is === "live" && client.state.catchingUp === 0);
    sent.push(await gateway.donate("three"));
    await until("all hear it", () => others.every(({ heard }) => heard.includes(sent[2])));
    for (const { undo } of others.splice(0, 20)) undo();
    sent.push(await gateway.donate("four"));
    await until("the rest hear it", () => ids().includes(sent[3]) && others.every(({ heard }) => heard.includes(sent[3])));
    for (const { heard } of others) assert.equal(new Set(heard).size, heard.length);
    for (const id of sent) assert.equal(ids().filter((each) => each === id).length, 1);
    assertWhole(told);
    client.close();
  },

  async "SSE: what may not be heard is told to its subscription, and a bad token closes"(context) {
    const { gateway } = context;
    const only = { getToken: () => gateway.tokenFor(60, { hookcast: { subscribe: ["donations/**"] } }) };
    const { client, told, ids } = listening(context, "donations/**", {}, { ...sse, ...only });
    const refused = [];
    client.subscribe("github/**", { event: () => undefined, error: ({ code }) => refused.push(code) });
    client.subscribe("donations/**", { event: () => undefined, error: ({ code }) => refused.push(code) }, { since: { position: "nosuchep:99999999" } });
    await until("refused", () => refused.includes("forbidden"));
    await until("live", () => client.state.is === "live" && client.state.catchingUp === 0);
    const id = await gateway.donate("heard");
    await until("the event", () => ids().includes(id));
    assert.deepEqual(told.errors, []);
    client.close();
    const bad = listening(context, "donations/**", {}, { ...sse, getToken: () => "not.a.token" });
    await until("closed", () => bad.client.state.is === "closed");
    assert.equal(bad.client.state.cause.closeCode, 4501);
  },

  async "SSE: a token is renewed before it ends, and one that ended is replaced"(context) {
    const { gateway } = context;
    const why = [];
    const getToken = (reason) => (why.push(reason), gateway.tokenFor(why.length > 1 ? 60 : 4));
    const { client, told, ids } = listening(context, "donations/**", {}, { ...sse, getToken });
    await until("renewed", () => why.includes("refresh"));
    const ended = client.now() + 3_000;
    await until("the first token ended", () => client.now() > ended);
    const id = await gateway.donate("after the first token's end");
    await until("the event", () => ids().includes(id));
    assert.deepEqual(why, ["connect", "refresh"]);
    assertWhole(told);
    client.close();
  },

  async "latestMs: the newest of each topic, skipped adds up, nobody else skips"(context) {
    const { gateway } = context;
    for (const options of [{}, sse]) {
      const { client, told, ids } = listening(context, "donations/**", {}, options);
      const newest = [];
      client.subscribe("donations/**", { event: (message) => newest.push(message) }, { latestMs: 500 });
      await until("live", () => client.state.is === "live" && client.state.catchingUp === 0 && told.ready);
      const begun = told.events.length;
      let last = "";
      for (let sent = 0; sent < 40; sent += 4) [last] = await Promise.all(Array.from({ length: 4 }, () => gateway.donate("many")));
      await until("all of them", () => ids().includes(last) && told.events.length - begun >= 40);
      await until("the newest", () => newest.at(-1)?.offset >= told.events.at(-1).offset);
      const heard = told.events.filter(({ offset }) => offset <= newest.at(-1).offset && offset >= (newest[0].skipped === null ? newest[0].offset : 0)).length;
      const counted = newest.reduce((sum, { skipped }) => sum + 1 + (skipped ?? 0), 0);
      assert.ok(newest.length < 40, `${newest.length} of 40`);
      assert.ok(newest.every(({ offset }, at) => at === 0 || offset > newest[at - 1].offset));
      assert.equal(counted, heard, `${counted} counted, ${heard} heard`);
      assertWhole(told);
      client.close();
    }
  },
};
