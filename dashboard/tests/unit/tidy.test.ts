// The habits that a machine can hold: who may import whom, no DOM in the SDK, no markup from payloads, files short enough to read.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const root = new URL("../..", import.meta.url).pathname;
const files = ["sdk", "fold", "app", "tests"].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true })
    .map((file) => join(folder, String(file)))
    .filter((file) => /\.(ts|svelte|mjs)$/.test(file) && !file.startsWith("sdk/dist/")),
);
const text = (file: string) => readFileSync(join(root, file), "utf8");
const sources = (folder: string) => files.filter((file) => file.startsWith(`${folder}/`));
const imports = (file: string) => [...text(file).matchAll(/from "([^"]+)"/g)].map((found) => found[1] ?? "");

describe("the folders", () => {
  it("opens each file with a sentence on what lives there", () => {
    expect(files.filter((file) => !/^(\/\/ |<!-- |\/\*)/.test(text(file)))).toEqual([]);
  });

  it("keeps every file below 400 lines", () => {
    expect(files.filter((file) => text(file).split("\n").length > 400)).toEqual([]);
  });

  it("gives the SDK no dependency and no page", () => {
    const frameworks = new Map([["sdk/react.ts", "react"], ["sdk/svelte.ts", "svelte/store"]]);
    const foreign = sources("sdk").flatMap((file) => imports(file).filter((from) => !from.startsWith("./") && from !== frameworks.get(file)));
    expect(foreign).toEqual([]);
    expect(sources("sdk").filter((file) => /\b(window|navigator|localStorage|querySelector)\b\./.test(text(file)))).toEqual([]);
  });

  it("keeps the folds pure: no import from outside, no clock, no page", () => {
    expect(sources("fold").flatMap(imports).filter((from) => !from.startsWith("./"))).toEqual([]);
    expect(sources("fold").filter((file) => /Date\.now|Math\.random|setTimeout|\b(document|window)\.(?!ts)\w/.test(text(file)))).toEqual([]);
  });

  it("lets the page know the SDK's front door only", () => {
    const deep = sources("app").flatMap(imports).filter((from) => from.includes("/sdk/") && !from.endsWith("/sdk/index.ts"));
    expect(deep).toEqual([]);
  });

  it("makes no markup of text", () => {
    expect(sources("app").filter((file) => /\{@html|\.innerHTML\s*=|insertAdjacentHTML|document\.write|eval\(/.test(text(file)))).toEqual([]);
  });

  it("writes no style attribute, which the page's policy would drop", () => {
    expect(sources("app").filter((file) => /<[a-z][^>]*\sstyle="/.test(text(file)))).toEqual([]);
  });

  it("narrows in wire.ts alone", () => {
    const casts = [...sources("sdk"), ...sources("fold"), ...sources("app")].filter((file) => !file.endsWith("sdk/wire.ts") && /\bas (?!const\b)[A-Z{]\w*|: any\b|<any>/.test(text(file).replace(/^\s*\/\/.*$|^import .*$|\{#each.*\}/gm, "")));
    expect(casts).toEqual([]);
  });
});
