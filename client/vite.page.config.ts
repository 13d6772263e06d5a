/** The page of `gridboss-assets dev`, built into the Python package, which serves it without Node. */
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  root: "page",
  base: "/page/",
  plugins: [react()],
  resolve: { tsconfigPaths: true },
  build: {
    target: "es2022",
    outDir: "../../src/gridboss_assets/dev/page/static",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    license: { fileName: "licenses.md" }, // MIT asks for its notice in every copy
    chunkSizeWarningLimit: 1000,
    rolldownOptions: { output: { comments: { legal: false } } }, // they stand in licenses.md
  },
});
