// What the documentation says of boards, against the code that reads them: every example is whole, and no key is left untold.

import { readdirSync, readFileSync } from "node:fs";
import { parse } from "smol-toml";
import { describe, expect, it } from "vitest";
import { LEVELS } from "../../fold/level.ts";
import { parseBoard, WIDGET_KEYS, WIDGET_TYPES } from "../../fold/board.ts";
import { SOUNDS } from "../../fold/sounds.ts";
import { OPS } from "../../fold/window.ts";

const root = new URL("../../../", import.meta.url);
const page = readFileSync(new URL("docs/boards.md", root), "utf8");
const examples = [...page.matchAll(/```toml\n([\s\S]*?)```/g)].map((found) => found[1] ?? "");

describe("docs/boards.md", () => {
  it.each(examples.map((text, index) => [index + 1, text]))("example %i is read without a mistake", (_, text) => {
    const board = parseBoard(parse(String(text)));
    expect(board.mistakes).toEqual([]);
    expect(board.widgets.length).toBeGreaterThan(0);
  });

  it("has a row for each type, with its own keys", () => {
    for (const type of WIDGET_TYPES) {
      const row = page.split("\n").find((line) => line.startsWith(`| \`${type}\` |`));
      expect(row, `a row for ${type}`).toBeDefined();
      const everywhere = ["id", "type", "title", "at", "from", "where", "stale"];
      for (const key of WIDGET_KEYS[type].filter((each) => !everywhere.includes(each))) expect(row, `${type}: ${key}`).toContain(`\`${key}\``);
    }
  });

  it("names every op, level and sound", () => {
    for (const word of [...OPS, ...LEVELS, ...SOUNDS]) expect(page).toContain(`\`${word}\``);
  });
});

describe("dashboard/boards", () => {
  const folder = new URL("dashboard/boards/", root);
  it.each(readdirSync(folder))("%s is read without a mistake", (file) => {
    expect(parseBoard(parse(readFileSync(new URL(file, folder), "utf8"))).mistakes).toEqual([]);
  });
});
