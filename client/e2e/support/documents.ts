/** The examples of the documents, put together as modules, checked and built. */
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import react from "@vitejs/plugin-react";
import { build, type Rolldown } from "vite";
import { BIN } from "./server.js";

const CLIENT = join(import.meta.dirname, "../..");
const FOLDER = join(CLIENT, "e2e/harness/.examples");

/** The documents are taken apart where those of Python are. */
const READ = `
import json
from tests.docs.documents import chain, chains
found = [[str(block), [[p.given, p.text, p.then] for p in chain(block)]] for block in chains("tsx")]
print(json.dumps(found))`;

type Read = [name: string, parts: [given: string, text: string, then: string][]][];

export interface Example {
  /** Document and line, such as `docs/browser-client.md:40`. */
  name: string;
  /** The name of its module, without an ending. */
  file: string;
  source: string;
}

const PREAMBLE =
  'import { API, TOKEN, assert, choose, picture, render, table, until } from "../example.js";\n';

/** A module for each chain of examples: what it goes on from, and the checks after each. */
export function readExamples(): Example[] {
  const read = execFileSync(join(BIN, "python"), ["-c", READ], { cwd: join(CLIENT, "..") });
  return (JSON.parse(read.toString()) as Read).map(([name, parts], index) => {
    const body = parts.map(([given, text, then]) => `${given}\n${text}\n{ ${then} }\n`);
    return { name, file: `example-${index}`, source: PREAMBLE + body.join("\n") };
  });
}

/** Throw what the compiler finds. */
export function checkExamples(): void {
  try {
    execFileSync("npx", ["tsc", "-p", join(FOLDER, "tsconfig.json")], { cwd: CLIENT });
  } catch (error) {
    throw new Error(String((error as { stdout: Buffer }).stdout));
  }
}

const TSCONFIG = {
  extends: "../../../tsconfig.json",
  compilerOptions: { noUnusedLocals: false },
  include: ["*.tsx"],
};

/** Write the modules, and return what is built of them by name. `@gridboss/assets` is `dist`. */
export async function buildExamples(): Promise<Map<string, string>> {
  const examples = readExamples();
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER);
  writeFileSync(join(FOLDER, "tsconfig.json"), JSON.stringify(TSCONFIG));
  for (const { file, source } of examples) writeFileSync(join(FOLDER, `${file}.tsx`), source);
  const built = (await build({
    root: FOLDER,
    base: "/examples/",
    configFile: false,
    logLevel: "warn",
    plugins: [react()],
    build: {
      write: false,
      target: "es2022",
      chunkSizeWarningLimit: 2000,
      rolldownOptions: {
        input: examples.map(({ file }) => join(FOLDER, `${file}.tsx`)),
        output: { entryFileNames: "[name].js", chunkFileNames: "[name].js" },
      },
    },
  })) as Rolldown.RolldownOutput;
  return new Map([
    ["examples/page.html", PAGE],
    ...built.output.map((file): [string, string] => [
      `examples/${file.fileName}`,
      file.type === "chunk" ? file.code : String(file.source),
    ]),
  ]);
}

const PAGE = `<!doctype html><html lang="en"><title>Example</title><link rel="icon" href="data:,">
<script type="module">
  const file = new URLSearchParams(location.search).get("file");
  import("/examples/" + file + ".js").then(
    () => { window.outcome = "passed"; },
    (error) => { window.outcome = String(error.stack ?? error); },
  );
</script></html>`;
