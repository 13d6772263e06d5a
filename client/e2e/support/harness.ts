/** The harness page, driven from a test: choose files, upload them, see what is reported. */

import type { UploadedAsset } from "@gridboss/assets";
import { expect, type Page } from "@playwright/test";
import type { Outcome, Run } from "../harness/core.js";
import type { HarnessOptions } from "../harness/options.js";
import type { DevServer } from "./server.js";

type Failed = Extract<Outcome, { error: unknown }>["error"];

export const harnessOrigin = (): string => process.env.HARNESS_ORIGIN as string;

/** Open one of the harness's pages, at its own origin, with `server` as its service. */
export async function openHarness(
  page: Page,
  server: Pick<DevServer, "url">,
  { name = "core", csp, query = {}, ...options }: OpenOptions = {},
): Promise<void> {
  const parameters = new URLSearchParams({
    ...query,
    ...(csp && { csp }),
    options: JSON.stringify({ baseUrl: server.url, ...options }),
  });
  await page.goto(`${harnessOrigin()}/${name}.html?${parameters}`);
}

/**
 * Change a text in every answer to `sign`, before the page is opened. Playwright's own interception
 * would answer the preflights of all requests by itself.
 */
export async function rewriteSigned(page: Page, from: string, to: string): Promise<void> {
  await page.addInitScript(
    ([from, to]) => {
      const real = window.fetch;
      window.fetch = async (...request) => {
        const answer = await real(...request);
        if (!String(request[0]).endsWith("/uploads/sign")) return answer;
        return new Response((await answer.text()).replaceAll(from, to), answer);
      };
    },
    [from, to] as const,
  );
}

export interface OpenOptions extends Partial<HarnessOptions> {
  name?: "core" | "react" | "uppy";
  /** The page's Content-Security-Policy. */
  csp?: string;
  query?: Record<string, string>;
}

export class Harness {
  constructor(readonly page: Page) {}

  async choose(...paths: string[]): Promise<void> {
    await this.page.getByLabel("File").setInputFiles(paths);
  }

  /** Begin to upload the chosen file, without waiting for the end. */
  async start(kind: "avatar" | "export", index = 0): Promise<StartedUpload> {
    const id = await this.page.evaluate(([kind, index]) => window.harness.start(kind, index), [
      kind,
      index,
    ] as const);
    return new StartedUpload(this.page, id);
  }

  async upload(kind: "avatar" | "export", ...paths: string[]): Promise<StartedUpload> {
    await this.choose(...paths);
    return this.start(kind);
  }
}

export class StartedUpload {
  constructor(
    private readonly page: Page,
    private readonly id: number,
  ) {}

  outcome(): Promise<Outcome> {
    return this.page.evaluate((id) => (window.harness.runs[id] as Run).outcome, this.id);
  }

  /** The asset, once it is sealed. */
  async asset(): Promise<Omit<UploadedAsset, "link">> {
    const outcome = await this.outcome();
    expect(outcome, "the upload should succeed").toHaveProperty("asset");
    return (outcome as Extract<Outcome, { asset: unknown }>).asset;
  }

  /** The error that it fails with. */
  async error(): Promise<Failed> {
    const outcome = await this.outcome();
    expect(outcome, "the upload should fail").toHaveProperty("error");
    return (outcome as { error: Failed }).error;
  }

  steps(): Promise<string[]> {
    return this.page.evaluate((id) => (window.harness.runs[id] as Run).steps, this.id);
  }

  /** The fractions that were reported, one list for each time that the file was sent. */
  sends(): Promise<number[][]> {
    return this.page.evaluate((id) => (window.harness.runs[id] as Run).sends, this.id);
  }

  async reached(step: string): Promise<void> {
    await this.page.waitForFunction(
      ([id, step]) => (window.harness.runs[id as number] as Run).steps.includes(step as string),
      [this.id, step],
    );
  }

  /** Wait until a part of the file is sent, and not all of it. */
  async halfway(): Promise<void> {
    await this.page.waitForFunction(
      (id) => window.harness.runs[id]?.sends.at(-1)?.some((sent) => sent > 0 && sent < 1),
      this.id,
    );
  }

  /** How many ms it takes until the upload rejects. */
  abort(): Promise<number> {
    return this.page.evaluate((id) => (window.harness.runs[id] as Run).abort(), this.id);
  }
}
