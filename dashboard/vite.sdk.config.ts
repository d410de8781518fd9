// Builds the SDK as `GET /sdk.js` serves it to pages without a bundler; what is loaded only when needed lies beside it.
import { defineConfig } from "vite";

export default defineConfig({
  build: {
    outDir: "../gateway/assets",
    emptyOutDir: false,
    target: "es2022",
    reportCompressedSize: false,
    lib: { entry: "sdk/index.ts", formats: ["es"], fileName: () => "sdk.js" },
    rolldownOptions: { preserveEntrySignatures: "allow-extension", output: { chunkFileNames: "sdk-[name].js", minify: true, comments: false } },
    minify: true,
  },
  worker: { format: "es", rolldownOptions: { output: { entryFileNames: "sdk-[name].js", minify: true, comments: false } } },
});
