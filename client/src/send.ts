/** Send one file to the bucket, the way it was signed. */
import { AssetsError } from "./errors.js";
import { changed, isReadable } from "./file.js";
import { storageRefusal } from "./storage.js";
import type { SignedUpload } from "./types.js";
import { unreachable } from "./unreachable.js";
import { stoppable } from "./waiting.js";

/** Longer than a connection that still lives keeps silent, and than a bucket takes to answer. */
const SILENCE_MS = 60_000;

/** A send that failed; `stored`: the bucket may have the file even so. */
export interface Failure {
  error: AssetsError;
  stored: boolean;
}

/** Resolves to what went wrong, or to nothing when the bucket has the file. Rejects when stopped. */
export async function send(
  signed: SignedUpload,
  file: Blob,
  onProgress: (fraction: number) => void,
  signal: AbortSignal | undefined,
): Promise<Failure | undefined> {
  let sent = 0;
  const progress = (fraction: number) => {
    sent = fraction;
    onProgress(fraction);
  };
  progress(0);
  const answer = await transfer(signed, file, progress, signal);
  if (answer === "silence") return { error: broken(), stored: sent === 1 };
  // 412: an earlier try of this very PUT arrived, and only its answer got lost.
  if (answer && (answer.status < 300 || answer.status === 412)) {
    if (sent < 1) progress(1);
    return undefined;
  }
  if (answer) return { error: storageRefusal(answer.status, answer.text), stored: false };
  if (!(await isReadable(file))) return { error: changed(), stored: false };
  const error = await unreachable(
    signed.url,
    "the CORS rules of the bucket, with POST and PUT, and see that S3_REGION is right",
    signal,
  );
  // Bytes on their way mean that the browser was allowed to send; then the connection broke.
  if (error.code === "cors" && sent > 0 && sent < 1) {
    return { error: broken(), stored: false };
  }
  return { error, stored: sent === 1 };
}

const broken = (): AssetsError =>
  new AssetsError("network", "The connection to the bucket broke. Try again.", { retryable: true });

interface Answer {
  status: number;
  text: string;
}

/** XMLHttpRequest, because fetch reports no progress of what it sends. `null`: it failed. */
function transfer(
  signed: SignedUpload,
  file: Blob,
  onProgress: (fraction: number) => void,
  signal: AbortSignal | undefined,
): Promise<Answer | "silence" | null> {
  return stoppable(signal, (resolve) => {
    const request = new XMLHttpRequest();
    let silence: ReturnType<typeof setTimeout>;
    const lives = () => {
      clearTimeout(silence);
      silence = setTimeout(resolve, SILENCE_MS, "silence");
    };
    request.upload.onprogress = ({ loaded, total }) => {
      lives();
      if (total > 0) onProgress(loaded / total);
    };
    // Read at once: abort() wipes the status out, also afterwards ("The abort() method" of the standard).
    request.onload = () => resolve({ status: request.status, text: request.responseText });
    request.onerror = request.onabort = () => resolve(null);
    request.open(signed.method, signed.url);
    for (const [name, value] of Object.entries(signed.headers)) {
      request.setRequestHeader(name, value);
    }
    request.send(signed.method === "POST" ? form(signed.fields, file) : file);
    lives();
    return () => {
      clearTimeout(silence);
      request.abort();
    };
  });
}

/** The file comes last: S3 ignores every field after it (S3 API Reference, "POST Object"). */
function form(fields: Record<string, string>, file: Blob): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.append(name, value);
  data.append("file", file);
  return data;
}
