/** `test` with servers, the harness, the network, and an eye on what the page says. */
import { test as base, expect } from "@playwright/test";
import { Harness, harnessOrigin, rewriteSigned } from "./harness.js";
import { Network } from "./network.js";
import { FaultyProxy } from "./proxy.js";
import { DevServer, type Env, type ServerOptions } from "./server.js";

export { type OpenOptions, openHarness, rewriteSigned } from "./harness.js";
export type { DevServer } from "./server.js";
export { expect, harnessOrigin };

export const METHODS = ["POST", "PUT"] as const;
export type Method = (typeof METHODS)[number];

/** The settings under which the harness's pages may talk to a server. */
export const settings = (method: Method, env: Env = {}): Env => ({
  S3_UPLOAD_METHOD: method.toLowerCase(),
  CORS_ORIGINS: harnessOrigin(),
  ...env,
});

interface WorkerFixtures {
  /** A server with these settings, shared by all tests of the worker that ask for the same. */
  serverWith: (method: Method, env?: Env) => Promise<DevServer>;
}

interface Fixtures {
  /** A server for one test alone, which may break it; stopped when the test ends. */
  ownServer: (options?: ServerOptions) => Promise<DevServer>;
  network: Network;
  /** What stands before this address and spoils what passes. */
  proxyBefore: (target: string) => Promise<FaultyProxy>;
  /** A server to whose bucket this page's uploads go through a proxy. */
  serverBehindProxy: (method: Method, env?: Env) => Promise<[DevServer, FaultyProxy]>;
  harness: Harness;
  /** What the page's own scripts wrote to the console, and errors that nobody caught. */
  said: string[];
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  serverWith: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern
    async ({}, use) => {
      const servers = new Map<string, Promise<DevServer>>();
      await use((method, env) => {
        const key = JSON.stringify(settings(method, env));
        const server = servers.get(key) ?? DevServer.start({ env: settings(method, env) });
        servers.set(key, server);
        return server;
      });
      await Promise.all([...servers.values()].map(async (server) => (await server).stop()));
    },
    { scope: "worker", timeout: 120_000 },
  ],
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern
  ownServer: async ({}, use) => {
    const servers: DevServer[] = [];
    await use(async (options) => {
      const server = await DevServer.start(options);
      servers.push(server);
      return server;
    });
    await Promise.all(servers.map((server) => server.stop()));
  },
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern
  proxyBefore: async ({}, use) => {
    const proxies: FaultyProxy[] = [];
    await use(async (target) => {
      const proxy = await FaultyProxy.before(target);
      proxies.push(proxy);
      return proxy;
    });
    await Promise.all(proxies.map((proxy) => proxy.stop()));
  },
  serverBehindProxy: async ({ page, serverWith, proxyBefore }, use) =>
    use(async (method, env) => {
      const server = await serverWith(method, env);
      const bucket = await proxyBefore(server.endpoint);
      await rewriteSigned(page, server.endpoint, bucket.url);
      return [server, bucket];
    }),
  network: async ({ page }, use) => use(await Network.of(page)),
  harness: async ({ page }, use) => use(new Harness(page)),
  said: [
    async ({ page }, use) => {
      const said: string[] = [];
      page.on("pageerror", (error) => said.push(`uncaught: ${error.stack ?? error.message}`));
      page.on("console", (message) => {
        // What the browser itself says of a request that failed has no arguments.
        if (message.args().length > 0) said.push(`${message.type()}: ${message.text()}`);
      });
      await use(said);
      expect(said, "the page writes nothing to the console, and no error is uncaught").toEqual([]);
    },
    { auto: true },
  ],
});
