// A payload as a tree, and a delivery as a line for a shell: whatever a stranger put into it.

import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { read } from "../../fold/pointer.ts";
import { jsonMistake, MEMBERS_STEP, parseJson, prettyJson, treeRows, TREE_ROWS_MAX, type Json } from "../../fold/report-json.ts";
import { madeBy, parseReplayed, tally } from "../../fold/report-replay.ts";
import { curlOf, formOf, parseWhole, type Request } from "../../fold/report-request.ts";
import { refused } from "./reports.ts";

const open = { isOpen: () => true, shown: () => MEMBERS_STEP };

/** What JSON.parse would say, without its losses on numbers. */
function plain(json: Json): unknown {
  switch (json.is) {
    case "object":
      return Object.fromEntries(json.entries.map(([key, value]) => [key, plain(value)]));
    case "array":
      return json.items.map(plain);
    case "string":
      return json.text;
    default:
      return JSON.parse(json.text);
  }
}

describe("JSON", () => {
  it("is read as JSON.parse reads it", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), (text) => {
        const found = parseJson(text);
        expect(found && plain(found)).toEqual(JSON.parse(text));
      }),
    );
  });

  it("keeps numbers, keys and repeats as they were spelt", () => {
    const found = parseJson('{"id":820982911946001046,"price":1.10,"__proto__":{"x":1},"id":2}');
    expect(found?.is === "object" && found.entries.map(([key, value]) => [key, value.is === "number" ? value.text : value.is])).toEqual([
      ["id", "820982911946001046"],
      ["price", "1.10"],
      ["__proto__", "object"],
      ["id", "2"],
    ]);
  });

  it("is written for an editor without changing a number", () => {
    expect(prettyJson('{"id":820982911946001046,"a":[],"b":[1.10,{"c":"\\n"}]}')).toBe('{\n  "id": 820982911946001046,\n  "a": [],\n  "b": [\n    1.10,\n    {\n      "c": "\\n"\n    }\n  ]\n}');
    expect(prettyJson("{")).toBeNull();
  });

  it("says where it ends to be JSON", () => {
    expect(jsonMistake('{"a":1}')).toBeNull();
    expect(jsonMistake('{"a":1,\n  "b" 2}')).toMatchObject({ line: 2, column: 7, says: 'expected a colon, found "2"' });
    expect(jsonMistake('{"a":')).toMatchObject({ says: "expected a value, found the end" });
    expect(jsonMistake("")).toMatchObject({ line: 1, column: 1 });
    expect(parseJson("[".repeat(100_000))).toBeNull();
    for (const long of ["x", '\\"', "\\u0041"]) expect(parseJson(`["${long.repeat(1_000_000)}"]`)?.is).toBe("array");
    expect(parseJson("{}x")).toBeNull();
    expect(parseJson('"\u0001"')).toBeNull();
  });
});

describe("a tree", () => {
  it("has a pointer for each row that finds its value", () => {
    const text = '{"a/b":{"c~d":[1,{"":true}]},"":null}';
    const json = parseJson(text);
    if (!json) throw new Error("no JSON");
    const rows = treeRows(json, open);
    expect(rows.map(({ pointer }) => pointer)).toEqual(["", "/a~1b", "/a~1b/c~0d", "/a~1b/c~0d/0", "/a~1b/c~0d/1", "/a~1b/c~0d/1/", "/"]);
    for (const { pointer, value } of rows) expect(read(JSON.parse(text), pointer)).toEqual(plain(value));
  });

  it("is bounded: 10,000 keys are a hundred and an offer", () => {
    const json = parseJson(JSON.stringify(Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`k${index}`, { v: index }]))));
    if (!json) throw new Error("no JSON");
    const rows = treeRows(json, { isOpen: (_, depth) => depth === 0, shown: () => MEMBERS_STEP });
    expect(rows.length).toBe(1 + MEMBERS_STEP + 1);
    expect(rows.at(-1)).toMatchObject({ hidden: 9_900, pointer: "" });
    expect(treeRows(json, { isOpen: () => true, shown: () => Infinity }).length).toBeLessThanOrEqual(TREE_ROWS_MAX + 2);
  });
});

describe("a request", () => {
  const whole = (changes: object) => {
    const { request } = parseWhole({ node: "x", report: refused(), request: { method: "POST", query: null, headers: [], body: "{}", body_bytes: 2, cut: false, masked: [], ...changes } });
    if (!request) throw new Error("no request");
    return request;
  };
  const words = (request: Request) => {
    const line = curlOf(request, "http://x/hooks/shop") ?? "";
    // The shell itself says what it makes of the line; nothing is dialled.
    return execFileSync("bash", ["-c", `curl() { printf '%s\\0' "$@"; }; X_TOKEN=mine; ${line}`], { encoding: "utf8" }).split("\0").slice(0, -1);
  };

  it("is a line that a shell reads as it was meant, whatever is in it", () => {
    const evil = `'; touch /tmp/owned; echo '$(id)\`id\`\n"\\!`;
    const request = whole({ query: "a=1&b=$(id)", headers: [["x-evil", evil], ["host", "y"], ["x-token", "…"], ["content-type", "text/plain"]], masked: ["x-token"], body: evil });
    expect(words(request)).toEqual(["http://x/hooks/shop?a=1&b=$(id)", "-H", `x-evil: ${evil}`, "-H", "x-token: mine", "-H", "content-type: text/plain", "--data-raw", evil]);
  });

  it("has no line where only a part is kept", () => {
    expect(curlOf(whole({ cut: true }), "http://x")).toBeNull();
  });

  it("of a form has fields", () => {
    expect(formOf(whole({ headers: [["content-type", "application/x-www-form-urlencoded; charset=utf-8"]], body: "a=1&__proto__=%3Cb%3E" }))).toEqual([["a", "1"], ["__proto__", "<b>"]]);
    expect(formOf(whole({}))).toBeNull();
  });

  it("may be missing", () => {
    expect(parseWhole(null)).toEqual({ report: null, request: null, isUnproven: null });
    expect(parseWhole({ report: refused(), request: null }).request).toBeNull();
  });
});

describe("an answer to a replay", () => {
  it("is one, or many", () => {
    const one = parseReplayed({ as: "received", status: 202, says: "the log has it already", answer: { id: "0a7509c9", outcome: "duplicate" } });
    expect(one).toEqual({ as: "received", says: "the log has it already", answers: [{ status: 202, outcome: "duplicate", delivery: null, detail: null }] });
    const many = parseReplayed({ as: "signed", says: "", answers: [{ status: 202, answer: { outcome: "accepted" } }, { status: 202, answer: { outcome: "accepted" } }, { status: 401, answer: { detail: "no" } }] });
    expect(tally(many.answers)).toEqual([{ word: "202 accepted", count: 2, isTaken: true }, { word: "401", count: 1, isTaken: false }]);
  });

  it("names what it made, unless that was only counted or is no id", () => {
    const answer = (delivery: unknown) => ({ status: 202, delivery, answer: { outcome: "accepted" } });
    const replayed = parseReplayed({ answers: ["j4thwc59-aaaaaaaa", null, "../../x", "j4thwc59-bbbbbbbb", "j4thwc59-cccccccc"].map(answer) });
    expect(madeBy(replayed, 2)).toEqual(["j4thwc59-aaaaaaaa", "j4thwc59-bbbbbbbb"]);
  });
});
