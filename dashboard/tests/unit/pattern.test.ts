// Patterns: `*` is one segment, a last `**` one or more.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { matches, streamOf } from "../../sdk/pattern.ts";

const CASES: [string, string, boolean][] = [
  ["github/acme/api/push", "github/acme/api/push", true],
  ["github/*/*/push", "github/acme/api/push", true],
  ["github/*/push", "github/acme/api/push", false],
  ["github/**", "github/acme/api/push", true],
  ["github/**", "github", false],
  ["github/acme/**", "github/acme", false],
  ["github/acme/**", "github/acmes/x", false],
  ["github/*", "github/a/b", false],
  ["github/**/push", "github/a/push", false],
  ["a/*/**", "a/b", false],
  ["a/*/**", "a/b/c/d", true],
];

describe("matches", () => {
  it.each(CASES)("%s and %s: %s", (pattern, topic, expected) => expect(matches(pattern, topic)).toBe(expected));

  const segment = fc.stringMatching(/^[a-z0-9%._-]{1,8}$/);
  const topic = fc.array(segment, { minLength: 2, maxLength: 8 });

  it("hears a topic by itself, with any segment starred, and by every prefix and **", () => {
    fc.assert(
      fc.property(topic, fc.nat(), (segments, at) => {
        const whole = segments.join("/");
        expect(matches(whole, whole)).toBe(true);
        expect(matches(segments.with(at % segments.length, "*").join("/"), whole)).toBe(true);
        const cut = 1 + (at % (segments.length - 1));
        expect(matches([...segments.slice(0, cut), "**"].join("/"), whole)).toBe(true);
        expect(matches([...segments, "**"].join("/"), whole)).toBe(false);
        expect(streamOf(whole)).toBe(segments[0]);
      }),
    );
  });
});
