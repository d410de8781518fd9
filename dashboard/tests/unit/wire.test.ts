// The wire's narrowing: what is known becomes a type, what is not is ignored, nothing throws.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { auth, parse, retryMs, subscribe, unsubscribe } from "../../sdk/wire.ts";

const event = { specversion: "1.0", id: "e1", source: "/hooks/github", type: "push", time: "2026-01-02T03:04:05Z", data: { a: 1 } };

describe("what the server says", () => {
  it("reads each message of hookcast.v1", () => {
    expect(parse('{"type":"welcome","heartbeat_ms":25000,"build":"0.1.0+abc","time":"2026-01-02T03:04:05Z"}')).toEqual({
      type: "welcome",
      heartbeatMs: 25_000,
      build: "0.1.0+abc",
      time: Date.UTC(2026, 0, 2, 3, 4, 5),
      expires: null,
    });
    expect(parse('{"type":"subscribed","id":"a","position":"k3f9:41"}')).toEqual({ type: "subscribed", id: "a", position: "k3f9:41" });
    expect(parse('{"type":"live","id":"a","position":"k3f9:97"}')).toEqual({ type: "live", id: "a", position: "k3f9:97" });
    expect(parse(JSON.stringify({ type: "events", events: [{ offset: 42, topic: "github/push", event }] }))).toEqual({
      type: "events",
      id: null,
      events: [{ offset: 42, topic: "github/push", event, skipped: null }],
    });
    expect(parse('{"type":"gap","stream":"github","id":"a","reason":"retention","from":17,"to":30,"position":"k3f9:30"}')).toEqual({
      type: "gap", stream: "github", id: "a", reason: "retention", from: 17, to: 30, position: "k3f9:30",
    });
    expect(parse('{"type":"positions","positions":{"github":"k3f9:97"},"time":"2026-01-02T03:04:05Z"}')).toEqual({
      type: "positions", positions: new Map([["github", "k3f9:97"]]), time: Date.UTC(2026, 0, 2, 3, 4, 5),
    });
    expect(parse('{"type":"unsubscribed","id":"a","code":"forbidden"}')).toEqual({ type: "unsubscribed", id: "a", code: "forbidden" });
    expect(parse('{"type":"error","id":"a","code":"bad_pattern","message":"no"}')).toEqual({ type: "error", id: "a", code: "bad_pattern", message: "no" });
    expect(parse('{"type":"pong"}')).toEqual({ type: "pong" });
  });

  it("ignores unknown types and fields", () => {
    expect(parse('{"type":"later"}')).toBeNull();
    expect(parse('{"type":"pong","more":[1]}')).toEqual({ type: "pong" });
  });

  it("tells a gap of a reason it does not know", () => {
    expect(parse('{"type":"gap","stream":"s","reason":"later","from":null,"to":null}')).toMatchObject({ type: "gap", reason: "later", from: null });
  });

  it("never throws, whatever comes", () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json(), fc.object().map((each) => JSON.stringify({ type: "events", events: [each], ...each }))), (text) => void parse(text)));
  });
});

describe("what the client says", () => {
  it("spells since as the wire does", () => {
    expect(JSON.parse(subscribe("a", "github/**", { ageMs: 900_000 }))).toEqual({ type: "subscribe", id: "a", pattern: "github/**", since: { age_ms: 900_000 } });
    expect(JSON.parse(subscribe("a", "s/**", { position: "k:4" }))).toMatchObject({ since: { position: "k:4" } });
    expect(JSON.parse(subscribe("a", "s/**", "snapshot"))).toMatchObject({ since: "snapshot" });
    expect(JSON.parse(auth("t"))).toEqual({ type: "auth", token: "t" });
    expect(JSON.parse(unsubscribe("a"))).toEqual({ type: "unsubscribe", id: "a" });
  });

  it("reads retry_ms from a close reason, and nothing from any other text", () => {
    expect(retryMs('{"retry_ms":900}')).toBe(900);
    fc.assert(fc.property(fc.string(), (reason) => retryMs(reason) >= 0));
  });
});
