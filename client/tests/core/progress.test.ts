import { expect, vi } from "vitest";
import { drop, text } from "./server.js";
import { METHODS, picture, play, reportSent, SEND, test } from "./support.js";

test.for(METHODS)(
  "%s: progress begins at nothing and ends with everything",
  async (method, { service, bucket, client }) => {
    play(method, service, bucket);
    const onProgress = vi.fn();
    await client().upload(picture("PIXEL"), { kind: "avatar", onProgress });
    expect(onProgress.mock.calls).toEqual([
      [0, { loaded: 0, total: 5 }],
      [1, { loaded: 5, total: 5 }],
    ]);
  },
);

test.for(METHODS)(
  "%s: progress is told in fractions and in bytes of the file",
  async (method, { service, bucket, client }) => {
    play(method, service, bucket);
    reportSent([25, 50, 100]);
    const onProgress = vi.fn();
    await client().upload(picture("12345678"), { kind: "avatar", onProgress });
    expect(onProgress.mock.calls).toEqual([
      [0, { loaded: 0, total: 8 }],
      [0.25, { loaded: 2, total: 8 }],
      [0.5, { loaded: 4, total: 8 }],
      [1, { loaded: 8, total: 8 }],
    ]);
  },
);

test("progress falls back when the file has to be sent again", async ({
  service,
  bucket,
  client,
}) => {
  play("POST", service, bucket);
  bucket.answer(SEND.POST, drop, text(204));
  reportSent([50], [25, 100]);
  const seen: number[] = [];
  await client().upload(picture(), { kind: "avatar", onProgress: (part) => seen.push(part) });
  expect(seen).toEqual([0, 0.5, 0, 0.25, 1]);
});

test("progress of which the browser does not know the end is left out", async ({
  service,
  bucket,
  client,
}) => {
  play("POST", service, bucket);
  vi.stubGlobal(
    "XMLHttpRequest",
    class extends XMLHttpRequest {
      override send(body: XMLHttpRequestBodyInit): void {
        super.send(body);
        this.upload.dispatchEvent(new ProgressEvent("progress", { loaded: 3, total: 0 }));
      }
    },
  );
  const seen: number[] = [];
  await client().upload(picture(), { kind: "avatar", onProgress: (part) => seen.push(part) });
  expect(seen).toEqual([0, 1]);
});
