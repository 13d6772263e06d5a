/** One upload: sign, send, complete, and again where that is safe. START HERE. */
import type { Api } from "./api.js";
import { AssetsError } from "./errors.js";
import { changed, hasGrown } from "./file.js";
import type { components } from "./schema.js";
import { type Failure, send } from "./send.js";
import type { SignedUpload, UploadOptions, UploadStep } from "./types.js";
import { Tries } from "./waiting.js";

type Completed = components["schemas"]["CompleteAnswer"];

/** A clock that is a little slow is no reason to doubt an answer. */
const CLOCK_TOLERANCE_MS = 5000;

export async function upload(
  api: Api,
  file: Blob,
  filename: string,
  { kind, onProgress, onStep, signal }: UploadOptions,
): Promise<Completed> {
  const during = (step: UploadStep) => (waiting: boolean) => onStep?.(waiting ? "waiting" : step);
  const tries = new Tries(api.patience, signal, (waiting) => waiting && onStep?.("waiting"));
  let signed: SignedUpload | undefined;
  let signedAt = 0;
  const { size } = file;
  const age = () => Date.now() - signedAt;

  for (;;) {
    if (!signed || age() > signed.expiresIn * 1000) {
      onStep?.("signing");
      signedAt = Date.now();
      signed = await api.request<SignedUpload>("POST", "/uploads/sign", {
        body: { kind, filename, contentType: file.type, size },
        signal,
        onWait: during("signing"),
        needs: ["url", "fields", "headers"],
      });
    }
    onStep?.("sending");
    const report = (fraction: number) =>
      onProgress?.(fraction, { loaded: Math.round(fraction * size), total: size });
    let failure: Failure | undefined = await send(signed, file, report, signal);

    if (!failure || failure.stored) {
      onStep?.("completing");
      try {
        return await api.request<Completed>("POST", "/uploads/complete", {
          body: { objectKey: signed.objectKey },
          signal,
          onWait: during("completing"),
          needs: ["url"],
        });
      } catch (error) {
        // The bucket has nothing. Where the file was sent, an earlier `complete` may have refused
        // it and its answer got lost: another upload brings out what it said.
        if (!isMissing(error)) throw error;
        failure ??= { error: again(error), stored: false };
        signed = failure.stored ? signed : undefined;
      }
    }
    let { error } = failure;
    // A signed PUT pins the length, so the bucket calls the signature of a file wrong that has grown.
    if (error.code === "storage_refused" && (await hasGrown(file, size))) error = changed();
    if (error.code === "expired") {
      const young = signed && age() + CLOCK_TOLERANCE_MS < signed.expiresIn * 1000;
      signed = undefined;
      await tries.again(error).catch((final: AssetsError) => {
        throw final.code === "expired" && young ? skewed(final) : final;
      });
    } else {
      await tries.again(error);
    }
  }
}

const isMissing = (error: unknown): error is AssetsError =>
  (error as AssetsError).code === "object_not_found";

const again = ({ code, message, status, requestId }: AssetsError): AssetsError =>
  new AssetsError(code, message, { status, requestId, retryable: true });

/** "Expired", of what was signed a moment ago: no page can mend that by being quicker. */
const skewed = ({ status }: AssetsError): AssetsError =>
  new AssetsError(
    "clock_skew",
    "The bucket takes a new signature for an old one. Set the clock of the service right (NTP).",
    { status },
  );
