/** A server on loopback whose every answer a test decides, and which keeps what it was sent. */
import {
  createServer,
  type IncomingHttpHeaders,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";

export interface Received {
  method: string;
  /** With its query. */
  url: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** Resolves when the connection has closed before there was an answer. */
  left: Promise<void>;
}

export type Answer = (response: ServerResponse, request: Received) => void;

type Headers = Record<string, string>;

export const text =
  (status: number, body = "", headers: Headers = {}): Answer =>
  (response) =>
    response.writeHead(status, headers).end(body);

export const json = (body: unknown, status = 200, headers: Headers = {}): Answer =>
  text(status, JSON.stringify(body), { "Content-Type": "application/json", ...headers });

/** What the service refuses with. */
export const refused = (status: number, error: string, headers: Headers = {}): Answer =>
  json({ detail: { error, message: `The message of ${error}.` } }, status, headers);

/** What a bucket refuses with. */
export const xml = (status: number, code: string, message: string): Answer =>
  text(
    status,
    `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}` +
      "</Message><Resource>/bucket/</Resource><RequestId>1A2B</RequestId></Error>",
    { "Content-Type": "application/xml" },
  );

/** The connection breaks. */
export const drop: Answer = (response) => response.destroy();

/** The headers come, and then the connection breaks. */
export const cut: Answer = (response) => {
  response.writeHead(200, { "Content-Length": "100" });
  response.write("{");
  setImmediate(() => response.destroy());
};

/** No answer ever comes. */
export const stall: Answer = () => {};

/** An answer that comes when the test lets it. */
export function held(answer: Answer): { answer: Answer; release: () => void } {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  return { answer: (...to) => void released.then(() => answer(...to)), release };
}

export class Loopback {
  /** Every request but preflights, in the order in which their last bytes came. */
  readonly received: Received[] = [];
  /** `preflight`: sending is allowed, reading the answer is not. */
  cors: boolean | "preflight" = true;
  /** Break every connection, as a network does that is gone. */
  down = false;
  readonly #scripts = new Map<string, Answer[]>();
  readonly #watchers = new Set<() => void>();
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      if (this.down) return void response.destroy();
      if (this.cors === true || (this.cors && request.method === "OPTIONS")) {
        response.setHeader("Access-Control-Allow-Origin", "*");
        response.setHeader("Access-Control-Allow-Headers", "*");
        response.setHeader("Access-Control-Allow-Methods", "*");
      }
      if (request.method === "OPTIONS") {
        return void response.writeHead(this.cors ? 204 : 403).end();
      }
      const { method = "", url = "", headers } = request;
      const left = new Promise<void>((resolve) => {
        response.on("close", () => {
          if (!response.writableEnded) resolve();
        });
      });
      const chunks: Buffer[] = [];
      request.on("error", () => {});
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const received = { method, url, headers, body: Buffer.concat(chunks), left };
        this.received.push(received);
        this.#next(`${method} ${url.replace(/\?.*/, "")}`)(response, received);
        for (const watch of this.#watchers) watch();
      });
    });
  }

  static async listen(): Promise<Loopback> {
    const loopback = new Loopback();
    await new Promise<void>((resolve) => loopback.#server.listen(0, "127.0.0.1", resolve));
    return loopback;
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** What requests like `GET /uploads/kinds` are answered with, in turn; the last one stays. */
  answer(route: string, ...answers: Answer[]): void {
    this.#scripts.set(route, answers);
  }

  /** The requests of a route so far. */
  of(route: string): Received[] {
    return this.received.filter(
      ({ method, url }) => `${method} ${url.replace(/\?.*/, "")}` === route,
    );
  }

  /** The `count`th request of a route, when it has come. */
  arrival(route: string, count = 1): Promise<Received> {
    return new Promise((resolve) => {
      const watch = () => {
        const found = this.of(route)[count - 1];
        if (!found) return;
        this.#watchers.delete(watch);
        resolve(found);
      };
      this.#watchers.add(watch);
      watch();
    });
  }

  #next(route: string): Answer {
    const answers = this.#scripts.get(route) ?? [];
    // S3 says this of everything that nobody may see, and it is what a probe gets.
    return (answers.length > 1 ? answers.shift() : answers[0]) ?? text(403, "AccessDenied");
  }
}
