// Builds the SDK as the one file that `GET /sdk.js` serves to pages without a bundler.
import { defineConfig } from "vite";

export default defineConfig({
  build: {
    outDir: "../gateway/assets",
    emptyOutDir: false,
    target: "es2022",
    reportCompressedSize: false,
    lib: { entry: "sdk/index.ts", formats: ["es"], fileName: () => "sdk.js" },
    minify: true,
  },
});
