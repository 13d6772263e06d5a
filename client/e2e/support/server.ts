/** `gridboss-assets dev` as a child process: the API and its bucket, in a folder of their own. */
import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

export const BIN = join(import.meta.dirname, "../../../.venv/bin");
const READY = /^ready: (\S+) {2}\(S3 at (\S+), bucket (\S+)\)$/m;
const READY_MS = 60_000;
const STOP_MS = 15_000;

export type Env = Record<string, string>;

export interface ServerOptions {
  /** Settings, such as `S3_UPLOAD_METHOD`. */
  env?: Env;
  /** How many seconds the service's clock is ahead of the bucket's. */
  clock?: number;
}

/** The command line with another clock. The bucket, another process, keeps the right one. */
const withClock = (seconds: number) => `
import time
real = time.time
time.time = lambda: real() + ${seconds}
from gridboss_assets.cli.main import main
main()`;

export class DevServer {
  private constructor(
    readonly url: string,
    readonly endpoint: string,
    readonly bucket: string,
    private readonly data: string,
    private readonly env: Env,
    private readonly child: ChildProcess,
  ) {}

  static async start({ env = {}, clock }: ServerOptions = {}): Promise<DevServer> {
    const folder = await mkdtemp(join(tmpdir(), "gridboss-e2e-"));
    const data = join(folder, "data");
    const [program, ...first] =
      clock === undefined
        ? [join(BIN, "gridboss-assets")]
        : [join(BIN, "python"), "-c", withClock(clock)];
    const child = spawn(
      program as string,
      [...first, "dev", "--no-browser", "--port", "0", "--data", data],
      // A group of its own, so that nothing which it starts can outlive the tests. Its folder has
      // no `.env`.
      {
        cwd: folder,
        env: { ...ownEnv(), ...env },
        detached: true,
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    try {
      const [, url, endpoint, bucket] = await ready(child);
      return new DevServer(url as string, endpoint as string, bucket as string, data, env, child);
    } catch (error) {
      await end(child);
      await remove(folder);
      throw error;
    }
  }

  /** The bucket's keys; nobody else may see the secret one. */
  get keys(): { access_key: string; secret_key: string } {
    return JSON.parse(readFileSync(join(this.data, "server.json"), "utf8"));
  }

  /** Give the bucket other CORS rules, which let in these origins alone. */
  async setCors(origins: string[]): Promise<void> {
    const rule = {
      AllowedOrigins: origins,
      AllowedMethods: ["GET", "POST", "PUT"],
      AllowedHeaders: ["*"],
    };
    await this.#s3("put_bucket_cors", { CORSConfiguration: { CORSRules: [rule] } });
  }

  /** The keys of all objects, those of pending uploads among them. */
  async objectKeys(): Promise<string[]> {
    const [found] = await this.#s3<{ Contents?: { Key: string }[] }>("list_objects_v2", {});
    return (found?.Contents ?? []).map(({ Key }) => Key);
  }

  /** Copy an object to each of these keys. */
  async copyObject(objectKey: string, keys: string[]): Promise<void> {
    const CopySource = `${this.bucket}/${objectKey}`;
    await this.#s3("copy_object", ...keys.map((Key) => ({ CopySource, Key })));
  }

  /** Make a file in the folder that the server runs in. */
  async touch(name: string): Promise<void> {
    await writeFile(join(this.data, "..", name), "");
  }

  /** An access token; needs `JWT_SECRET` in the settings. */
  token(sub: string): string {
    const env = { ...ownEnv(), ...this.env };
    return execFileSync(join(BIN, "gridboss-assets"), ["token", "--sub", sub], {
      cwd: join(this.data, ".."),
      env,
      encoding: "utf8",
    }).trim();
  }

  async stop(): Promise<void> {
    await end(this.child);
    await remove(join(this.data, ".."));
  }

  /** Make one call for each of the parameters, in order. */
  async #s3<T>(call: string, ...parameters: object[]): Promise<T[]> {
    const work = promisify(execFile)(join(BIN, "python"), ["-c", S3_CALL]);
    const { access_key, secret_key } = this.keys;
    const each = parameters.map((given) => ({ Bucket: this.bucket, ...given }));
    work.child.stdin?.end(JSON.stringify([this.endpoint, access_key, secret_key, call, each]));
    return JSON.parse((await work).stdout);
  }
}

/** From standard input, because everybody may read the arguments of a process. */
const S3_CALL = `
import json, sys
from gridboss_assets.dev.bucket import connect
endpoint, access_key, secret_key, call, each = json.load(sys.stdin)
work = getattr(connect(endpoint, access_key, secret_key), call)
found = [work(**parameters) for parameters in each]
print(json.dumps(found, default=str))`;

/** The developer's own settings and cloud have no part in the tests. */
function ownEnv(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) =>
      !/^(AMQP|AWS|CDN|CORS|EXPORT|INSPECTION|JWT|PUBLIC|REDIS|REPORT|S3)_|^(APP_ENV|CLAMD_ADDRESS)$/.test(
        name,
      ),
  );
  return { ...Object.fromEntries(kept), LOG_LEVEL: "WARNING" };
}

/** The bucket may be about to end, and still write. */
const remove = (folder: string): Promise<void> =>
  rm(folder, { recursive: true, force: true, maxRetries: 10 });

function ready(child: ChildProcess): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    let said = "";
    const fail = (why: string) => reject(new Error(`The development server ${why}.\n${said}`));
    const timer = setTimeout(fail, READY_MS, "is not ready in time");
    const hear = (chunk: Buffer) => {
      said += chunk;
      const found = READY.exec(said);
      if (!found) return;
      clearTimeout(timer);
      resolve(found);
    };
    child.stdout?.on("data", hear);
    child.stderr?.on("data", hear);
    child.on("error", (error) => fail(`could not be started: ${error.message}`));
    child.on("exit", (code) => fail(`ended with ${code}`));
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  // On Linux the bucket dies with its parent. Elsewhere it has to be told, which takes a while.
  child.kill(process.platform === "linux" ? "SIGKILL" : "SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
  await gone;
  clearTimeout(timer);
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // The whole group has ended, as it should.
  }
}
