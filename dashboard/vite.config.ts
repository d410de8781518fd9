// Builds the page into `gateway/assets/`, where the binary takes it from. Vitest reads this file too.
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

export default defineConfig({
  root: "app",
  publicDir: "public",
  // Styles go to files, as the page's policy `default-src 'self'` wants; no preprocessor, for Svelte reads types away itself.
  plugins: [svelte({ configFile: false, compilerOptions: { css: "external", runes: true } })],
  build: {
    outDir: "../../gateway/assets",
    emptyOutDir: true,
    target: "es2022",
    // For the same policy nothing may become a data: address.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  test: { root: ".", include: ["tests/unit/**/*.test.ts"] },
});
