// Builds the page into `gateway/assets/`, where the binary takes it from. Vitest reads this file too.
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { readFileSync } from "node:fs";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

/** An icon's file is written for people. What stands in all of them alike, their licence too, is said once: see drawIcon. */
const icons: Plugin = {
  name: "icons",
  enforce: "pre",
  load(id) {
    if (!/lucide-static.*\.svg\?raw$/.test(id)) return null;
    const own = /^<!-- @license lucide-static [^>]*ISC -->\s*<svg\s[^>]*viewBox="0 0 24 24"[^>]*>(.*)<\/svg>\s*$/s.exec(readFileSync(id.slice(0, id.indexOf("?")), "utf8"))?.[1];
    if (own === undefined) throw new Error(`${id} is not as lucide's icons were: see drawIcon`);
    return { code: `export default ${JSON.stringify(own.replace(/\s+/g, " ").replace(/ ?(\/?>) ?/g, "$1").trim())}`, moduleType: "js" };
  },
};

/** Parts of several screens, each too small to be worth a request and a list of imports of its own. */
const PARTS = /dashboard\/(app\/(screens\/parts|live\/(asked|boards|fields|pattern)|shell\/(Copyable|ScreenHeader|TestButton|icons-later))|fold\/report-text)|lucide-static\/icons\/(arrow-left|pencil|plus|trash-2|x)\.svg/;
/** What most boards have, and what it takes from the first page. */
const WIDGETS = /dashboard\/app\/widgets\/(Bar|Feed|Gauge|Heatmap|Number|Status|Table)Widget/;

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
    rolldownOptions: {
      output: {
        // A name stands in each file that imports it, and a hash packs not at all: six of its letters tell builds apart.
        entryFileNames: "assets/[name]-[hash:6].js",
        chunkFileNames: "assets/[name]-[hash:6].js",
        assetFileNames: "assets/[name]-[hash:6][extname]",
        // Cut into a part for each, they pack worse: together they are 6 KB less, and one request where there were seven.
        codeSplitting: {
          includeDependenciesRecursively: false,
          groups: [
            { name: "fold", test: /dashboard\/fold\/(?!edit|reel|report|search|layout)/ },
            { name: "parts", test: PARTS },
            { name: "widgets", test: WIDGETS },
          ],
        },
      },
    },
  },
  test: { root: ".", include: ["tests/unit/**/*.test.ts"] },
});
