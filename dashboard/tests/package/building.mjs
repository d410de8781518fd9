// A stranger's project in the folder where the package is installed, built as Vite builds it.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { build } from "vite";

/** The addresses and the token that the documentation shows, as they are here. */
export const addressed = (text, { gateway }) =>
  text.replaceAll("http://127.0.0.1:8080", gateway.origin).replaceAll("https://live.example.com", gateway.origin).replaceAll("eyJ…", gateway.token);

export async function built({ folder }, name, files) {
  const root = join(folder, name);
  mkdirSync(root, { recursive: true });
  for (const [file, text] of Object.entries(files)) writeFileSync(join(root, file), text);
  const plugins = name.endsWith("svelte") ? [svelte({ configFile: false })] : [];
  await build({ root, configFile: false, logLevel: "error", plugins, oxc: { jsx: { runtime: "automatic" } } });
  return join(root, "dist");
}
