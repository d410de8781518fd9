// What the screens make of the gateway's answers: patterns judged as the gateway does, a verdict that is never green by default, a tree that
// stays bounded. Answers of another kind blank nothing.

import { describe, expect, it } from "vitest";
import { Fields } from "../../app/live/fields.ts";
import { parseHealth, verdictOn } from "../../app/live/health.ts";
import { Matched, MATCHES_MAX } from "../../app/live/matched.ts";
import { grantMistake, patternMistake } from "../../app/live/pattern.ts";
import { proofOf, wrongsOf } from "../../app/live/proof.ts";
import { parseProviders, senderOf, shelves } from "../../app/live/providers.ts";
import { arranged, lagOf, nameOf, parseLinks, parseSessions } from "../../app/live/sessions.ts";
import { freeName, isOfThisMachine, moodOf, nameMistake, parseSources, ratePerMinute, refusedShare, shareWords } from "../../app/live/sources.ts";
import { codeFor, NODES_MAX, TopicTree } from "../../app/live/topics.ts";

describe("a pattern", () => {
  const good = ["github/**", "github/*/api/push", "a/*/*/*/*/**", "shop/orders/créé", "s/%20", `s/${"x".repeat(128)}`];
  const bad = ["", "*", "**", "*/push", "github", "github/", "github//x", "github/**/push", "github/x*", "a/*/*/*/*/*", "a b/c", "a/b c", "a/\u0085", `s/${"x".repeat(129)}`, `s/${"x/".repeat(15)}x`, `s/${"ä".repeat(65)}`];
  it.each(good)("%s is one", (text) => expect(patternMistake(text)).toBeNull());
  it.each(bad)("%j is none, and says why", (text) => expect(patternMistake(text)).toMatch(/\w.*[.]$/));

  it("may stand alone as a grant", () => {
    expect(grantMistake("**")).toBeNull();
    expect(grantMistake("*/x")).not.toBeNull();
  });

  it("is quoted for a shell", () => {
    const [sdk, terminal, curl] = codeFor("shop/it's/**", "https://live.example");
    expect(sdk?.text).toContain('subscribe("shop/it\'s/**"');
    expect(sdk?.text).toContain("wss://live.example/ws");
    expect(terminal?.text).toContain(`'shop/it'\\''s/**'`);
    expect(curl?.text).toContain("pattern=shop%2Fit's%2F**".replaceAll("'", "'"));
  });
});

describe("an answer of another kind", () => {
  it.each([null, 7, "text", [], { sources: "x" }, { sources: [null, 3, { name: 4, beats: [[1], "x", [-1, "y"]], last_delivery: [] }] }])("%j blanks nothing", (json) => {
    for (const source of parseSources(json)) expect(source).toMatchObject({ lastDelivery: null, secrets: [], counts: null });
    expect(parseProviders(json)).toEqual([]);
    expect(parseSessions(json).sessions).toEqual([]);
    expect(verdictOn(parseHealth(json), 0).tone).not.toBe("ok");
  });

  it("reads no prototype", () => {
    const fields = new Fields(JSON.parse('{"__proto__":{"name":"x"},"constructor":1}'));
    expect(fields.text("name")).toBe("");
    expect(fields.get("toString")).toBeUndefined();
  });
});

describe("a source", () => {
  const source = (more: object) => {
    const [first] = parseSources({ sources: [{ name: "a", ...more }] });
    if (!first) throw new Error("no source");
    return first;
  };

  it("has a pace over five minutes and a share over the hour", () => {
    const busy = source({ beats: [[90, 10], ...Array.from({ length: 5 }, () => [12, 0])] });
    expect(ratePerMinute(busy)).toBe(12);
    expect(ratePerMinute(source({ beats: [...Array.from({ length: 57 }, () => [0, 0]), [9, 0], [6, 1], [8, 0]] }))).toBe(8);
    expect(ratePerMinute(source({ beats: Array.from({ length: 60 }, () => [0, 0]) }))).toBe(0);
    expect(refusedShare(busy)).toBeCloseTo(10 / 160);
    expect(ratePerMinute(source({}))).toBeNull();
    expect(refusedShare(source({ beats: [[0, 0]] }))).toBeNull();
  });

  it("says a small share as small, not as none", () => {
    expect([null, 0, 0.0004, 0.004, 0.25].map(shareWords)).toEqual(["–", "0 %", "< 0.1 %", "0.4 %", "25 %"]);
  });

  it("is out of reach for others on an address of this machine", () => {
    for (const here of ["http://127.0.0.1:8080/hooks/a", "http://localhost/hooks/a", "https://x.localhost:1/", "http://[::1]:8080/hooks/a", "http://0.0.0.0:80/"]) expect(isOfThisMachine(here), here).toBe(true);
    for (const there of ["https://localhost.example/hooks/a", "https://hooks.example/127.0.0.1", "http://192.168.0.7/hooks/a", "/hooks/a"]) expect(isOfThisMachine(there), there).toBe(false);
  });

  it("is silent before it is anything else", () => {
    const at = "2026-01-01T00:00:00Z";
    expect(moodOf(source({ silent_since: at })).word).toBe("silent");
    expect(moodOf(source({})).word).toBe("nothing yet");
    expect(moodOf(source({ last_delivery: { time: at, outcome: "refused" } })).word).toBe("refused");
    expect(moodOf(source({ last_delivery: { time: at, outcome: "refused" }, last_event: at })).word).toBe("hearing");
    expect(moodOf(source({ last_delivery: { time: at, outcome: "accepted" }, unproven: true })).word).toBe("unproven");
  });

  it("is spoken of by what proves it", () => {
    expect([["a token"], ["token"], ["a token", "a token"], ["nothing"], ["a signed token"], ["a token", "a signature over {body}"], []].map(proofOf)).toEqual(["token", "token", "token", "nothing", "signature", "signature", "signature"]);
  });

  it("is tested wrongly only in what its deliveries have", () => {
    expect(wrongsOf(["a token"])).toEqual(["signature", "repeat"]);
    expect(wrongsOf(["a signature over {body}"])).toEqual(["signature", "repeat"]);
    expect(wrongsOf(["a signature over {header:webhook-id}.{ts}.{body}"])).toEqual(["signature", "time", "repeat"]);
    expect(wrongsOf(["a signature over {json:signature.timestamp}{json:signature.token}"])).toContain("time");
    expect(wrongsOf(["a signature over {header:x-timestamp}{body}"])).not.toContain("time");
    expect(wrongsOf(["a signature as only this provider makes it"])).toContain("time");
    expect(wrongsOf(["a signed token"])).toEqual(["signature", "repeat"]);
    expect(wrongsOf(["nothing"])).toEqual(["repeat"]);
    expect(wrongsOf(["a signature by a key that the provider publishes"])).toEqual(["repeat"]);
  });

  it("gets a name that fits a URL and is free", () => {
    expect(freeName("github", ["github", "github-2"])).toBe("github-3");
    expect(nameMistake("github-3", ["github"])).toBeNull();
    for (const bad of ["", "a/b", "ä", "x".repeat(65), "hookcast", "github"]) expect(nameMistake(bad, ["github"])).not.toBeNull();
  });
});

describe("the providers", () => {
  const all = parseProviders({ providers: [["hmac", "generic"], ["zoom", "video"], ["github", "code"], ["gitlab", "code"], ["stripe", "payments"]].map(([name, field]) => ({ name, title: name, field })) });

  it("stand with the popular first and the ones for anybody last", () => {
    const headings = shelves(all, "").map(({ heading }) => heading);
    expect(headings[0]).toBe("Popular");
    expect(headings.at(-1)).toBe("Any other sender");
  });

  it("say who thinks the secret up, whatever else they leave out", () => {
    const by = (more: object) => parseProviders({ providers: [{ name: "a", ...more }] })[0]?.secretBy;
    expect([{ secret_by: "vendor" }, { secret_by: "nobody" }, { secret_by: "vendor", captures: true }, {}].map(by)).toEqual(["vendor", "nobody", "itself", "operator"]);
  });

  it("are found by a few letters, what begins so first", () => {
    expect(shelves(all, "git")[0]?.providers.map(({ name }) => name)).toEqual(["github", "gitlab"]);
    expect(shelves(all, "payments")[0]?.providers.map(({ name }) => name)).toEqual(["stripe"]);
    expect(shelves(all, "nobody")).toEqual([]);
  });

  it("offer what fits any sender first to whoever looks for a custom one", () => {
    const named = parseProviders({ providers: [["customer-io", "Customer.io"], ["hmac", "Any sender that signs with HMAC"]].map(([name, title]) => ({ name, title })) });
    expect(shelves(named, "custom")[0]?.providers.map(({ name }) => name)).toEqual(["hmac", "customer-io"]);
    expect(["Any sender that signs with HMAC", "A sender that proves nothing", "GitHub", "Meta (Facebook, Instagram)"].map(senderOf)).toEqual(["the sender", "the sender", "GitHub", "Meta"]);
  });
});

describe("a tree of topics", () => {
  it("counts each branch, rates it by the minute, and stays bounded", () => {
    const tree = new TopicTree("shop", 0);
    for (let at = 1; at <= 30; at += 1) tree.take(at % 3 === 0 ? "shop/orders/de" : "shop/orders/fr", "order", at, at * 1_000);
    const [root, orders] = tree.rows();
    expect([root?.node.seen, orders?.node.seen]).toEqual([30, 30]);
    expect(tree.perMinute(tree.root, 30_000)).toBe(60);
    expect(tree.perMinute(tree.root, 5_000)).toBeNull();
    expect(tree.perMinute(tree.root, 200_000)).toBe(0);
    for (let at = 0; at < NODES_MAX + 50; at += 1) tree.take(`shop/t${at}`, "t", 100 + at, 40_000);
    expect(tree.nodes).toBe(NODES_MAX);
    expect(tree.leftOut).toBeGreaterThan(0);
    expect(tree.root.seen).toBe(30 + NODES_MAX + 50);
  });

  it("takes no other stream, and a topic called like a prototype is a topic", () => {
    const tree = new TopicTree("shop", 0);
    tree.know("other/x", 1);
    tree.know("shop/__proto__/constructor", 4);
    expect(tree.nodes).toBe(3);
    expect(tree.rows("constructor").map(({ node }) => node.name)).toEqual(["shop", "__proto__", "constructor"]);
  });
});

describe("what a pattern caught", () => {
  it("keeps the newest and counts all", () => {
    const matched = new Matched(0);
    const data = { name: "x".repeat(10_000), list: [1, 2], deep: { a: 1 } };
    for (let offset = 1; offset <= 100; offset += 1) matched.take({ topic: "a/b", stream: "a", offset, event: { specversion: "1.0", id: "1", source: "/", type: "t", time: "", data }, replayed: false, skipped: null }, 10_000);
    expect([matched.count, matched.newest.length, matched.perSecond(10_000)]).toEqual([100, MATCHES_MAX, 10]);
    expect(matched.newest[0]?.preview).toMatch(/^name: "x+", list: \[2\], deep: \{…\}$/);
  });
});

describe("sessions", () => {
  const session = (id: string, more: object) => ({ id, node: "n1", grants: ["**"], subscriptions: [], ...more });
  const { sessions } = parseSessions({
    sessions: [session("a", { subject: "ann", subscriptions: [{ id: "1", pattern: "shop/**", mode: { latest_ms: 200 }, lag_events: 5, lag_ms: 9 }, { id: "2", pattern: "x/**", mode: "all", lag_events: null }] }), session("b", { anonymous: true })],
  });

  it("are found by any of their words and put in order by the slowest subscription", () => {
    expect(arranged(sessions, "shop", "since", false, null).map(({ id }) => id)).toEqual(["a"]);
    expect(arranged(sessions, "", "lag", false, null).map(({ id }) => id)).toEqual(["b", "a"]);
    expect(arranged(sessions, "", "lag", true, null).map(({ id }) => id)).toEqual(["a", "b"]);
    expect(sessions.map(lagOf)).toEqual([{ events: 5, ms: 9 }, null]);
    expect(sessions[0]?.subscriptions.map(({ mode }) => mode)).toEqual(["latest, 200 ms", "all"]);
  });

  it("of a viewers' link are called by its label, and found by it", () => {
    const links = parseLinks({ links: [{ id: "0a", label: "the hall", grants: [] }, { id: "0b", label: "", grants: [] }] });
    const viewers = parseSessions({ sessions: ["0a", "0b", "0c"].map((link) => session(link, { link })) }).sessions;
    expect(viewers.map((each) => nameOf(each, links))).toEqual(["the hall", "link 0b", "link 0c"]);
    expect(viewers.map((each) => nameOf(each, null))).toEqual(["link 0a", "link 0b", "link 0c"]);
    expect(arranged(viewers, "HALL", "since", false, links).map(({ id }) => id)).toEqual(["0a"]);
    expect(sessions.map((each) => nameOf(each, links))).toEqual(["ann", "anonymous"]);
  });
});

describe("the verdict", () => {
  const now = Date.parse("2026-01-01T00:10:00Z");
  const whole = { nodes: [{ id: "n1", answered: true }], broker: { kind: "redis", up: true, warnings: [] }, streams: [{ name: "a", agree: true, stale: false }], receive: { tried_at: "2026-01-01T00:09:59Z", ok: true, ms: 2 } };
  const on = (more: object) => verdictOn(parseHealth({ ...whole, ...more }), now);

  it("is green only if the way was tried lately and went through", () => {
    expect(on({}).tone).toBe("ok");
    expect(on({ receive: { tried_at: null } }).tone).toBe("warn");
    expect(on({ receive: { tried_at: "2026-01-01T00:01:00Z", ok: true } }).tone).toBe("warn");
    expect(on({ receive: { tried_at: "2026-01-01T00:09:59Z", ok: false, why: "the broker is away" } })).toMatchObject({ tone: "bad", says: "the broker is away" });
  });

  it("says the worst first and the rest beside it", () => {
    const verdict = on({ nodes: [{ id: "n1", answered: true }, { id: "n2", host: "box", answered: false }], streams: [{ name: "a", agree: false, stale: true }] });
    expect(verdict).toMatchObject({ tone: "bad", title: "Out of touch with the log" });
    expect(verdict.also.join()).toContain("box");
  });
});
