/** Once before all tests: build the package, build the harness on top of it, and serve that. */
import { execFileSync } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import react from "@vitejs/plugin-react";
import { build, type Rolldown } from "vite";
import { buildExamples } from "./documents.js";

const CLIENT = join(import.meta.dirname, "../..");
const HARNESS = join(CLIENT, "e2e/harness");
const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
};

/** Give the harness an origin of its own, as `HARNESS_ORIGIN`; returns what stops it. */
export default async function setUp(): Promise<() => Promise<void>> {
  execFileSync("npm", ["run", "build"], { cwd: CLIENT, stdio: ["ignore", "ignore", "inherit"] });
  const files = new Map([...(await bundle()), ...(await buildExamples())]);
  const server = createServer(({ url = "/" }, response) => {
    const { pathname, searchParams } = new URL(url, "http://harness");
    const name = pathname === "/" ? "core.html" : pathname.slice(1);
    const body = files.get(name);
    const policy = searchParams.get("csp");
    response.writeHead(body === undefined ? 404 : 200, {
      "Content-Type": TYPES[extname(name)] ?? "application/octet-stream",
      "Cache-Control": "no-store",
      ...(policy && { "Content-Security-Policy": policy }),
    });
    response.end(body);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  process.env.HARNESS_ORIGIN = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return () =>
    new Promise((closed) => {
      server.close(() => closed());
      server.closeAllConnections();
    });
}

/** The files of the harness by name. `@gridboss/assets` is found as everybody finds it, in dist. */
async function bundle(): Promise<Map<string, string | Uint8Array>> {
  const built = (await build({
    root: HARNESS,
    configFile: false,
    logLevel: "warn",
    plugins: [react()],
    build: {
      write: false,
      chunkSizeWarningLimit: 2000,
      rolldownOptions: {
        input: ["core", "react", "uppy"].map((name) => join(HARNESS, `${name}.html`)),
      },
    },
  })) as Rolldown.RolldownOutput;
  return new Map(
    built.output.map((file) => [file.fileName, file.type === "chunk" ? file.code : file.source]),
  );
}
