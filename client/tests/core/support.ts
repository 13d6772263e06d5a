/** The two servers of an upload, played on loopback, and a client between them. */
import { inspect } from "node:util";
import { type Assets, AssetsError, type AssetsOptions, createAssets } from "@gridboss/assets";
import { afterEach, test as base, expect, vi } from "vitest";
import { json, Loopback, type Received, text } from "./server.js";

export const METHODS = ["POST", "PUT"] as const;
export type Method = (typeof METHODS)[number];

export const KINDS = "GET /uploads/kinds";
export const SIGN = "POST /uploads/sign";
export const COMPLETE = "POST /uploads/complete";
export const DOWNLOAD = "POST /uploads/download";
export const REMOVE = "DELETE /uploads";
/** Where files are sent to. */
export const SEND = { POST: "POST /bucket/", PUT: "PUT /bucket/pending/1.png" } as const;

/** Whatever has this in it must not be shown or logged. */
export const SECRET = "S3CRET";
export const TOKEN = `${SECRET}-token`;

export const LIFE = 3600; // seconds

export const KIND = {
  name: "avatar",
  maxSize: 2 * 1024 * 1024,
  contentTypes: { "image/jpeg": [".jpg", ".jpeg"], "image/png": [".png"] },
  aliases: { "image/jpeg": ["", "image/pjpeg"], "image/png": ["", "image/x-png"] },
};

export const kindsAnswer = (method: Method | null = "POST", kinds: unknown[] = [KIND]) =>
  json({ method, kinds, expiresIn: LIFE });

export const FIELDS = {
  "Content-Type": "image/png",
  key: "pending/1.png",
  policy: `${SECRET}-policy`,
  "x-amz-signature": `${SECRET}-signature`,
};

export const HEADERS = { "Content-Type": "image/png", "If-None-Match": "*" };

export function signed(method: Method, bucket: Loopback, number = 1) {
  const query = `?X-Amz-Expires=3600&X-Amz-Signature=${SECRET}-signature`;
  return {
    method,
    url: `${bucket.url}/bucket/${method === "PUT" ? `pending/1.png${query}` : ""}`,
    fields: method === "POST" ? FIELDS : {},
    headers: method === "PUT" ? HEADERS : {},
    objectKey: `avatars/driver-7/${number}.png`,
    bucket: "bucket",
    maxSize: KIND.maxSize,
    contentType: "image/png",
    expiresIn: LIFE,
  };
}

export const completed = (objectKey: string) => ({
  objectKey,
  contentType: "image/png",
  contentLength: 5,
  sha256: "00",
  filename: "driver.png",
  warnings: [],
  url: `https://bucket.example/${objectKey}?X-Amz-Signature=${SECRET}-link`,
  expiresIn: LIFE,
});

/** What a request said in JSON. */
export const said = (request: Received | undefined) => JSON.parse(String(request?.body));

/** Let every upload go through; each signature is for a key with the next number. */
export function play(method: Method, service: Loopback, bucket: Loopback): void {
  service.answer(KINDS, kindsAnswer(method));
  service.answer(SIGN, (response, request) => {
    json(signed(method, bucket, service.of(SIGN).length))(response, request);
  });
  bucket.answer(SEND[method], text(method === "POST" ? 204 : 200));
  service.answer(COMPLETE, (response, request) => {
    json(completed(said(request).objectKey))(response, request);
  });
}

interface Fixtures {
  service: Loopback;
  bucket: Loopback;
  /** A client that waits for nothing longer than 20 ms, unless it is told to. */
  client: (options?: Partial<AssetsOptions>) => Assets;
}

async function loopback(use: (loopback: Loopback) => Promise<void>): Promise<void> {
  const server = await Loopback.listen();
  await use(server);
  await server.close();
}

export const test = base.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: Vitest reads the names of fixtures from it.
  service: ({}, use) => loopback(use),
  // biome-ignore lint/correctness/noEmptyPattern: as above.
  bucket: ({}, use) => loopback(use),
  client: async ({ service }, use) => {
    await use((options) =>
      createAssets({ baseUrl: service.url, getToken: () => TOKEN, maxWait: 20, ...options }),
    );
  },
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

export const picture = (content: BlobPart = "PIXEL", name = "driver.png") =>
  new File([content], name, { type: "image/png" });

export interface Part {
  name: string;
  filename: string | undefined;
  type: string | undefined;
  content: Buffer;
}

/** The parts of a form in their order (RFC 7578). */
export function parts({ headers, body }: Received): Part[] {
  const boundary = /boundary=(.+)$/.exec(headers["content-type"] ?? "")?.[1];
  return body
    .toString("latin1")
    .split(`--${boundary}`)
    .slice(1, -1)
    .map((part) => {
      const [head = "", ...content] = part.slice(2, -2).split("\r\n\r\n");
      return {
        name: / name="([^"]*)"/.exec(head)?.[1] ?? "",
        filename: / filename="([^"]*)"/.exec(head)?.[1],
        type: /Content-Type: (.*)/.exec(head)?.[1],
        content: Buffer.from(content.join("\r\n\r\n"), "latin1"),
      };
    });
}

/** The error that a call rejects with. Every one of them is looked through for secrets. */
export async function failure(call: Promise<unknown>): Promise<AssetsError> {
  const error = await call.then(
    (value) => expect.fail(`It resolved to ${inspect(value)}`),
    (reason: unknown) => reason,
  );
  if (!(error instanceof AssetsError)) throw error;
  expectNoSecret(error);
  return error;
}

export function expectNoSecret(error: Error): void {
  const shown = [inspect(error, { depth: null, showHidden: true }), JSON.stringify(error)];
  shown.push(String(error), error.stack ?? "");
  expect(shown.join("\n")).not.toMatch(/S3CRET|X-Amz-|policy"/);
}

/** Let everything happen until something is so, without a timer. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

/** Let the stopped time pass until something is so. */
export async function pass(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await vi.advanceTimersByTimeAsync(10);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Stop the clock and the timers of the page; `AbortSignal.timeout` goes by them as well. */
export function stopTime(): void {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
  vi.spyOn(AbortSignal, "timeout").mockImplementation((ms) => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(new DOMException("Too long", "TimeoutError")), ms);
    return controller.signal;
  });
}

/** With the time stopped: let links go that wait for others to be asked for with them. */
export const gather = () => vi.advanceTimersByTimeAsync(0);

export const offline = () => vi.spyOn(navigator, "onLine", "get").mockReturnValue(false);

/**
 * How much of the body each try reports as sent, in turn: jsdom reports nothing before the answer.
 */
export function reportSent(...tries: number[][]): void {
  vi.stubGlobal(
    "XMLHttpRequest",
    class extends XMLHttpRequest {
      override send(body: XMLHttpRequestBodyInit): void {
        super.send(body);
        for (const loaded of tries.shift() ?? []) {
          const event = { lengthComputable: true, loaded, total: 100 };
          this.upload.dispatchEvent(new ProgressEvent("progress", event));
        }
      }
    },
  );
}

// jsdom's Blob can't be read by itself.
Blob.prototype.arrayBuffer ??= function (this: Blob) {
  return new Promise<ArrayBuffer>((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result as ArrayBuffer);
    reader.onerror = () => reject(reader.error);
    reader.readAsArrayBuffer(this);
  });
};
