// What a sender or a board's author may do to a wall: everything stays text, bounded, and quick.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseMarkdown, type Part } from "../../app/widgets/markdown.ts";
import { parseBoard, type Widget } from "../../fold/board.ts";
import { EMPTY, fold, levelsAt, type WidgetState } from "../../fold/fold.ts";
import { Keyed, withRoom } from "../../fold/keyed.ts";
import { fill, readNumber, readText } from "../../fold/pointer.ts";
import { safeLink } from "../../fold/rows.ts";
import { extentOf, plot, ranked, total } from "../../fold/series.ts";
import { shownRows } from "../../fold/table.ts";
import { listed } from "../../fold/trail.ts";

const START = Date.UTC(2026, 0, 2, 3, 4, 0);
const RANGE_MS = 900_000;
const value = { op: "sum", of: "/data/amount" };
const BOARD = [
  { type: "number", value, compare: true, levels: [{ above: 5, for: "1m" }] },
  { type: "number", value: { op: "distinct", of: "/data/name" } },
  { type: "gauge", value: { op: "p95", of: "/data/amount" } },
  { type: "line", value, split: { by: "/data/name", top: 3 }, stack: true },
  { type: "bar", value: { op: "p50", of: "/data/amount" }, split: { by: "/data/name" } },
  { type: "heatmap", value, by: "/data/name" },
  { type: "feed", text: "{/data/name} {/data}", note: "{}", link: "/data/name", rows: 20 },
  { type: "table", by: "/data/name", columns: ["/data/amount", "{/data/name}"], sort: "-amount" },
  { type: "status", by: "/data/name", text: "{/data}" },
  { type: "alert", text: "{/data/name}" },
].map((table, index) => ({ id: `w${index}`, from: "s/**", ...table }));
const WIDGETS = parseBoard({ widget: BOARD }).widgets;

function folded(payloads: unknown[], of: Widget, from: WidgetState = EMPTY): WidgetState {
  return payloads.reduce<WidgetState>((state, data, index) => {
    const event = { id: `i${index}`, source: "s", time: new Date(START + index).toISOString(), data };
    return fold(state, { is: "event", seen: { stream: "s", offset: index, topic: "s/t", event, replayed: false }, now: START + index }, of, RANGE_MS);
  }, from);
}

/** Everything that a widget would put on the page, as one text. */
function everything(state: WidgetState, of: Widget): string {
  const extent = extentOf(of, RANGE_MS);
  const now = START + 20_000;
  const keys = ranked(state.series, of, extent, now).slice(0, 40).map(({ key, value }) => `${key.slice(0, 240)} ${value}`);
  const lines = of.type === "line" ? plot(state.series, of, extent, now).lines.map(({ key }) => key.slice(0, 240)) : [];
  return JSON.stringify([keys, lines, total(state.series.byKey.get(""), of, extent, now), levelsAt(state, of, RANGE_MS, now), listed(state.rows, 20), shownRows(state.table, of).slice(0, 20), state.cells.values().slice(0, 20), state.scenes.queue]);
}

it("has a widget of each kind under attack", () => expect(WIDGETS).toHaveLength(BOARD.length));

describe.each(WIDGETS)("$type $id", (of) => {
  it("takes any JSON whatever", () => {
    fc.assert(fc.property(fc.array(fc.jsonValue(), { maxLength: 20 }), (payloads) => void expect(typeof everything(folded(payloads, of), of)).toBe("string")), { numRuns: 40 });
  });

  it("shows nothing longer than a line, be it a megabyte or ten thousand keys", () => {
    const wide = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`key ${index}`, index]));
    const long = { name: "x".repeat(1_000_000), amount: 1, wide };
    expect(everything(folded([long, long, long], of), of).length).toBeLessThan(20_000);
  });

  it("survives an object nested ten thousand deep", () => {
    const deep: unknown = JSON.parse(`${'{"a":['.repeat(10_000)}1${"]}".repeat(10_000)}`);
    expect(everything(folded([deep, { name: deep, amount: deep }], of), of).length).toBeLessThan(5_000);
  });

  it("holds a thousand keys of five thousand", () => {
    const state = folded(Array.from({ length: 5_000 }, (_, index) => ({ name: `n${index}`, amount: index })), of);
    expect([state.series.byKey.size <= 1_001, state.table.size <= 1_000, state.cells.size <= 1_000, state.scenes.ids.size <= 1_024, listed(state.rows, 1e6).length < 40]).toEqual([true, true, true, true, true]);
  });

  it("counts with numbers at the ends of what there is", () => {
    const state = folded([1e308, 1e308, -1e308, 5e-324, 0, -0, "1e308", "NaN", "Infinity", "0x10", " 7 ", null].map((amount) => ({ name: "n", amount })), of);
    expect(everything(state, of)).not.toMatch(/ NaN/);
  });
});

describe("text", () => {
  it("cannot turn the words around it", () => {
    const turned = "\u202edesufer\u202c \u2066a\u2069";
    expect(readText({ a: turned }, "/a")).toBe("desufer a");
    expect(fill("{/a} gave {/b}", { a: `ok${turned}`, b: 5 })).toBe("okdesufer a gave 5");
  });

  it("keeps a name from the right apart from the numbers beside it", () => {
    expect(fill("{/a} 5", { a: "מרים" })).toBe("\u2068מרים\u2069 5");
    expect(readText({ a: "מרים" }, "/a")).toBe("מרים");
  });

  it("has no controls, no halves of characters, and one line", () => {
    expect(readText({ a: "a\u0000b\nc\u2028d\ud800e" }, "/a")).toBe("a b c d\ufffde");
    expect(readText({ a: `${"x".repeat(238)}😀😀` }, "/a").isWellFormed()).toBe(true);
  });

  it("reads own properties, be they called __proto__", () => {
    const event: unknown = JSON.parse('{"__proto__":{"polluted":1},"data":{"constructor":"c"}}');
    expect([readText(event, "/__proto__/polluted"), readText(event, "/data/constructor"), readText(event, "/data/toString"), readText(event, "/constructor")]).toEqual(["1", "c", "–", "–"]);
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
    expect(readNumber({ a: "9".repeat(1_000_000) }, "/a")).toBeNull();
  });

  it("leads to pages and mails only", () => {
    expect(["javascript:alert(1)", "JAVASCRIPT:alert(1)", " javascript:x", "data:text/html,x", "file:///etc", "//host", "/path", 5, null, "vbscript:x"].map(safeLink)).toEqual(Array(10).fill(null));
    expect(safeLink("https://example.com/a b")).toBe("https://example.com/a%20b");
  });
});

describe("Markdown", () => {
  const flat = (parts: readonly Part[]): string => parts.map((part) => (typeof part === "string" ? part : `<${part.tag}${part.href === null ? "" : ` ${part.href}`}>${flat(part.children)}</>`)).join("");

  it("is the elements it says", () => {
    expect(flat(parseMarkdown("# Hi *you*\n\ntext **b** `c` &amp; \\* [l](https://x.y/z) <me@x.y>\n\n- a\n- b\n  1. c\n\n> q\n\n```\n<b>\n```\n\n---"))).toBe(
      "<h3>Hi <em>you</></><p>text <strong>b</> <code>c</> & * <a https://x.y/z>l</> <a mailto:me@x.y>me@x.y</></><ul><li><p>a</></><li><p>b</><ol><li><p>c</></></></></><blockquote><p>q</></><pre><b></><hr></>",
    );
  });

  it("leaves HTML the text it is, and leads nowhere else", () => {
    const text = flat(parseMarkdown('<img src=x onerror=alert(1)> <script>x</script>\n\n[a](javascript:alert(1)) [b](data:text/html,x) ![c](https://x.y/z.png) [d][e]\n\n<div onclick="x">\n\n[e]: vbscript:x'));
    expect(text).toContain("<img src=x onerror=alert(1)>");
    expect(text).toContain('<div onclick="x">');
    expect(text).not.toMatch(/<a (?!null)/);
    expect(text).toContain("c");
  });

  it("walks whatever it is given", () => {
    const pieces = fc.array(fc.constantFrom("#", "*", "_", "`", "```", "\n", "- ", "1. ", "> ", "[", "](", ")", "<", ">", "&#x110000;", "&amp;", "\\", "a", "\u202e", "    ", "---", "!["), { maxLength: 60 });
    fc.assert(fc.property(pieces, (words) => Array.isArray(parseMarkdown(words.join("")))));
  });
});

describe("the map that keeps its versions", () => {
  it("is what a Map would be, in every version, however they branch", () => {
    const steps = fc.array(fc.record({ from: fc.nat(20), key: fc.constantFrom("a", "b", "c", "__proto__", "d"), value: fc.nat(9) }), { maxLength: 40 });
    fc.assert(
      fc.property(steps, (done) => {
        const versions: { keyed: Keyed<string, number>; map: Map<string, number> }[] = [{ keyed: Keyed.of(), map: new Map() }];
        for (const { from, key, value: to } of done) {
          const { keyed, map } = versions[from % versions.length] ?? { keyed: Keyed.of<string, number>(), map: new Map<string, number>() };
          versions.push({ keyed: keyed.set(key, to), map: new Map(map).set(key, to) });
        }
        for (const { keyed, map } of versions) expect([[...keyed], keyed.size, keyed.get("d"), keyed.has("a")]).toEqual([[...map], map.size, map.get("d"), map.has("a")]);
      }),
    );
  });

  it("lets go of those heard least recently", () => {
    let keyed = Keyed.of<string, { heard: number }>();
    for (let heard = 0; heard < 100; heard += 1) keyed = withRoom(keyed, 16).set(`k${heard}`, { heard });
    expect(keyed.size).toBeLessThanOrEqual(16);
    expect(keyed.has("k99") && keyed.has("k90")).toBe(true);
  });
});

describe("a hostile board", () => {
  it("is told in few words, and the others render", () => {
    const widgets = Array.from({ length: 1_000 }, (_, index) => ({ id: index % 2 ? "same" : `w${index}`, type: "number", from: "s/**", at: [0, 0, 3, 3] }));
    const board = parseBoard({ title: "<script>", widget: [...widgets.slice(0, 70), { type: "x".repeat(1_000_000) }] });
    expect(board.widgets).toHaveLength(33);
    expect(board.mistakes.length).toBeLessThanOrEqual(21);
    expect(Math.max(...board.mistakes.map((each) => each.length))).toBeLessThan(400);
  });

  it("tells a key that it does not know, and goes on", () => {
    const board = parseBoard({ widget: [{ id: "w", type: "clock", from: "s/**", zone: "Mars/Olympus" }, { id: "v", type: "feed", from: "s/**", txt: "x" }, JSON.parse('{"id":"p","type":"text","__proto__":{"text":"x"}}')] });
    expect(board.mistakes).toEqual([
      'widget "w": `zone` should be a time zone such as "Europe/Lisbon", or a list of them, not "Mars/Olympus"',
      'widget "w": `from` is no key of a clock',
      'widget "v": `txt` is no key of a feed',
      'widget "p": `__proto__` is no key of a text',
    ]);
    expect(board.widgets.map(({ id }) => id)).toEqual(["v", "p"]);
  });
});
