// Builds the page into `gateway/assets/`, where the binary takes it from. Vitest reads this file too.
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { readFileSync } from "node:fs";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

/** An icon's file is written for people: without its line ends and its class each takes half the room. */
const icons: Plugin = {
  name: "icons",
  enforce: "pre",
  load(id) {
    if (!/lucide-static.*\.svg\?raw$/.test(id)) return null;
    const text = readFileSync(id.slice(0, id.indexOf("?")), "utf8").replace(/\s*class="[^"]*"/, "").replace(/\s+/g, " ");
    return { code: `export default ${JSON.stringify(text.replace(/> </g, "><").trim())}`, moduleType: "js" };
  },
};

export default defineConfig({
  root: "app",
  publicDir: "public",
  // Styles go to files, as the page's policy `default-src 'self'` wants; no preprocessor, for Svelte reads types away itself. The class that
  // keeps a component's styles its own stands in each of its elements: its usual thirteen letters, which no packer shortens, were 1 KB of the page.
  plugins: [icons, svelte({ configFile: false, compilerOptions: { css: "external", runes: true, cssHash: ({ hash, css }) => `s${hash(css).slice(0, 5)}` } })],
  build: {
    outDir: "../../gateway/assets",
    emptyOutDir: true,
    target: "es2022",
    // For the same policy nothing may become a data: address.
    assetsInlineLimit: 0,
    // A lazy screen names the styles it needs beforehand, not each script: the names of those, a hash each, would weigh on the first page.
    modulePreload: { polyfill: false, resolveDependencies: (_, files, { hostType }) => (hostType === "js" ? files.filter((file) => file.endsWith(".css")) : files) },
    reportCompressedSize: false,
    // What every board folds with stays one part: cut into a dozen it packs worse.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: "fold", test: /dashboard\/fold\/(?!edit|reel|report|search|layout)/ }] } } },
  },
  test: { root: ".", include: ["tests/unit/**/*.test.ts"] },
});
