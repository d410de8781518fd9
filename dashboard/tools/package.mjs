// Builds the npm package `hookcast` into `sdk/dist`: plain ES modules and their types.

import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const root = new URL("../", import.meta.url).pathname;
const dist = join(root, "sdk/dist");

rmSync(dist, { recursive: true, force: true });
execFileSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", join(root, "tsconfig.sdk.json")], { stdio: "inherit" });
// The compiler rewrites the modules' imports, but neither those of the types nor a worker's address.
for (const file of readdirSync(dist)) {
  const text = readFileSync(join(dist, file), "utf8");
  writeFileSync(join(dist, file), text.replace(/((?:from |URL\()"\.\/[\w-]+)\.ts"/g, '$1.js"'));
}
