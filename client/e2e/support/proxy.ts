/**
 * Stands before the API or the bucket and spoils what passes: connections that break, answers that
 * get lost. Chromium's own emulation can't do that: its "offline" lets a running upload through,
 * and requests that Playwright intercepts have no real preflight.
 */
import {
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

export type Fault =
  /** Break the connection, without passing anything on. */
  | "cut"
  /** Pass it on, and break the connection instead of answering. */
  | "lose the answer"
  /** Answer without the headers that let the page read it. */
  | "hide the answer"
  /** Pass it on so many ms later. */
  | number
  | undefined;

export class FaultyProxy {
  /** Decides about every request but preflights. */
  fault: (request: { method: string; path: string }) => Fault | Promise<Fault> = () => undefined;
  /** Whether preflights are passed on. A bucket without CORS rules answers them with 403. */
  preflights = true;
  readonly #server: Server;
  #down = false;

  private constructor(private readonly target: URL) {
    this.#server = createServer((incoming, outgoing) => void this.#handle(incoming, outgoing));
    this.#server.on("connection", (socket) => this.#down && socket.destroy());
  }

  static async before(target: string): Promise<FaultyProxy> {
    const proxy = new FaultyProxy(new URL(target));
    await new Promise<void>((up) => proxy.#server.listen(0, "127.0.0.1", up));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Break every connection, and each new one. */
  goDown(): void {
    this.#down = true;
    this.#server.closeAllConnections();
  }

  comeBack(): void {
    this.#down = false;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = "GET", url: path = "/", headers } = incoming;
    incoming.on("error", () => {}); // the browser may break off as well
    if (method === "OPTIONS" && !this.preflights) return void outgoing.writeHead(403).end();
    const fault = method === "OPTIONS" ? undefined : await this.fault({ method, path });
    if (fault === "cut") return void incoming.socket.destroy();
    if (typeof fault === "number") await pause(fault);
    const onward = request(
      // A signature names the host that it was made for.
      { ...address(this.target), method, path, headers: { ...headers, host: this.target.host } },
      (answer) => {
        if (fault === "lose the answer") {
          answer.resume().on("end", () => incoming.socket.destroy());
          return;
        }
        const shown = Object.entries(answer.headers).filter(
          ([name]) => fault !== "hide the answer" || !name.startsWith("access-control-"),
        );
        outgoing.writeHead(answer.statusCode ?? 500, Object.fromEntries(shown));
        answer.pipe(outgoing);
      },
    );
    onward.on("error", () => incoming.socket.destroy());
    outgoing.on("close", () => onward.destroy());
    incoming.pipe(onward);
  }
}

const address = ({ hostname, port }: URL) => ({ hostname, port });
