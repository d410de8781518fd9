// The list of boards: home first, and each board once.

import { describe, expect, it } from "vitest";
import { parseBoards } from "../../app/live/boards.ts";

const entry = (name: string, from: string, revision: string, title = "Launch day") => ({ name, from, revision, title });
const names = (...boards: unknown[]) => parseBoards({ boards }).map(({ name }) => name);

describe("boards", () => {
  it("begin with home, and name a built-in board that is home once", () => {
    expect(names(entry("conference", "built-in", "a"), entry("demo", "built-in", "b"), entry("home", "built-in", "b"))).toEqual(["home", "conference"]);
  });

  it("that only began as home's are listed beside it", () => {
    expect(names(entry("demo", "built-in", "b"), entry("home", "store", "c"))).toEqual(["home", "demo"]);
    expect(names(entry("copy", "file", "b"), entry("home", "built-in", "b"))).toEqual(["home", "copy"]);
    expect(names(entry("demo", "built-in", ""), entry("home", "generated", ""))).toEqual(["home", "demo"]);
  });

  it("without a title are called by their name, and an answer of another kind lists none", () => {
    expect(parseBoards({ boards: [{ name: "wall" }, { title: "nameless" }, null, 7] })).toEqual([{ name: "wall", title: "wall", from: "" }]);
    expect([null, 7, { boards: "x" }].map(parseBoards)).toEqual([[], [], []]);
  });
});
