// Builds the npm package `hookcast` into `sdk/dist`: plain ES modules and their types.

import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const root = new URL("../", import.meta.url).pathname;
const dist = join(root, "sdk/dist");

rmSync(dist, { recursive: true, force: true });
execFileSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", join(root, "tsconfig.sdk.json")], { stdio: "inherit" });
// The compiler rewrites the modules' imports but not those of the types.
for (const file of readdirSync(dist).filter((name) => name.endsWith(".d.ts"))) {
  const text = readFileSync(join(dist, file), "utf8");
  writeFileSync(join(dist, file), text.replace(/(from "\.\/[\w-]+)\.ts"/g, '$1.js"'));
}
