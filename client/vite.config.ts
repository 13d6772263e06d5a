/** The package: one minified ES module for each entry, which import each other by name. */
import { defineConfig } from "vitest/config";

export default defineConfig({
  logLevel: "warn",
  build: {
    target: "es2022",
    license: { fileName: "licenses.md" }, // of the parser of events, which is built in
    lib: {
      entry: {
        index: "src/index.ts",
        exports: "src/exports.ts",
        react: "src/react.tsx",
        uppy: "src/uppy.ts",
      },
      formats: ["es"],
    },
    minify: "oxc",
    sourcemap: true,
    rolldownOptions: {
      external: [/^@gridboss\/assets/, /^@uppy\//, /^react/],
      output: { minify: true },
      checks: { moduleLevelDirective: false }, // "use client" does stay
    },
  },
  resolve: { tsconfigPaths: true },
  test: {
    include: ["tests/**/*.test.{ts,tsx}"],
    environment: "jsdom",
  },
});
