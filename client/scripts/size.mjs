/** The core has to stay under 6 KB, minified and gzipped, as it is published. */
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const LIMIT = 6000; // bytes

const size = gzipSync(readFileSync(new URL("../dist/index.js", import.meta.url)), {
  level: 9,
}).length;
console.log(`dist/index.js: ${size} bytes minified and gzipped, of at most ${LIMIT}`);
if (size >= LIMIT) process.exit(1);
