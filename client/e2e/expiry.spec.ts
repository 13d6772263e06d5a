/** Uploads that take longer than their signature lives. */
import { photo } from "./support/files.js";
import { expect, METHODS, openHarness, test } from "./support/test.js";

/** In seconds. A signature's date has no fractions, so this may be one second less. */
const LIFE = "2";
const TOO_LONG_MS = 3200;

for (const method of METHODS) {
  test.describe(method, () => {
    test("a signature that expires on the way is replaced by a new one", async ({
      page,
      harness,
      serverBehindProxy,
    }) => {
      const [server, bucket] = await serverBehindProxy(method, { S3_PRESIGN_TTL: LIFE });
      let sent = 0;
      bucket.fault = () => (sent++ === 0 ? TOO_LONG_MS : undefined);
      await openHarness(page, server);
      const upload = await harness.upload("avatar", photo());

      expect((await upload.asset()).filename).toBe("flower.jpg");
      const steps = await upload.steps();
      expect(steps.filter((step) => step === "signing")).toHaveLength(2);
      expect(steps.filter((step) => step === "sending")).toHaveLength(2);
    });
  });
}

test("an upload that always takes longer than its signature lives fails as expired", async ({
  page,
  harness,
  serverBehindProxy,
}) => {
  const [server, bucket] = await serverBehindProxy("POST", { S3_PRESIGN_TTL: LIFE });
  bucket.fault = () => TOO_LONG_MS;
  await openHarness(page, server);
  const upload = await harness.upload("avatar", photo());

  expect(await upload.error()).toMatchObject({
    code: "expired",
    message: "The signature has expired. Start the upload again.",
    status: 403,
  });
  expect(await upload.sends()).toHaveLength(2);
});
