// What is said once about a new source stays for whoever made it, in this tab, until it is of no use.

import { describe, expect, it } from "vitest";
import { madeIn } from "../../app/live/made.svelte.ts";
import { parseWritten } from "../../app/live/sources.ts";

const written = parseWritten({ written: true, secret: "s3cret", verify_token: "word", warning: "it is short; make a longer one", source: { hook: "/hooks/a" } });
const another = parseWritten({ written: true });

describe("what was made", () => {
  it("is remembered, by its name, for one session alone", () => {
    const [mine, theirs] = [{}, {}];
    madeIn(mine).keep("a", written);
    expect(madeIn(mine).of("a")).toMatchObject({ secret: "s3cret", warning: "It is short; make a longer one." });
    expect(madeIn(mine).of("b")).toBeNull();
    expect(madeIn(theirs).of("a")).toBeNull();
  });

  it("loses its secret when another one counts, and all when it is had", () => {
    const made = madeIn({});
    made.keep("a", written);
    made.replace("a", another);
    expect(made.of("a")).toMatchObject({ secret: null, verifyToken: "word", hook: "/hooks/a", warning: "" });
    made.replace("b", another);
    expect(made.of("b")).toBeNull();
    made.forget("a");
    expect(made.of("a")).toBeNull();
  });

  it("is awaited until a list names it, and gone where none does afterwards", () => {
    const made = madeIn({});
    expect(made.isAwaited("a")).toBe(false);
    made.keep("a", written);
    expect(made.isAwaited("a")).toBe(true);
    made.see("a");
    made.replace("a", another);
    expect(made.isAwaited("a")).toBe(false);
    made.keep("a", written);
    expect(made.isAwaited("a")).toBe(true);
  });
});
