/** What the bucket refuses, told apart: by the code for a program, by the message for a person. */
import { photo } from "./support/files.js";
import { expect, METHODS, openHarness, rewriteSigned, settings, test } from "./support/test.js";

const HOUR = 3600;

for (const method of METHODS) {
  test.describe(method, () => {
    test("a service whose clock is two hours slow is told to set it", async ({
      page,
      harness,
      ownServer,
    }) => {
      const server = await ownServer({ env: settings(method), clock: -2 * HOUR });
      await openHarness(page, server);
      const error = await (await harness.upload("avatar", photo())).error();

      expect(error).toMatchObject({ code: "clock_skew", status: 403, retryable: false });
      expect(error.message).toContain("NTP");
    });

    test("a wrong secret key is named as the reason", async ({
      page,
      harness,
      serverWith,
      ownServer,
    }) => {
      const right = await serverWith(method);
      const wrong = await ownServer({
        env: settings(method, {
          S3_ENABLED: "true",
          S3_REGION: "us-east-1",
          S3_BUCKET: right.bucket,
          S3_ENDPOINT: right.endpoint,
          S3_ACCESS_KEY: right.keys.access_key,
          S3_SECRET_KEY: "not-the-key-of-this-bucket",
          JWT_SECRET: "a secret of at least thirty-two bytes",
        }),
      });
      await openHarness(page, wrong, { token: wrong.token("driver-7") });
      const error = await (await harness.upload("avatar", photo())).error();

      expect(error).toMatchObject({ code: "storage_refused", status: 403, retryable: false });
      expect(error.message).toContain("S3_SECRET_KEY");
    });
  });
}

test("a form that was altered is refused by its policy", async ({ page, harness, serverWith }) => {
  await rewriteSigned(page, '"Content-Type":"image/jpeg"', '"Content-Type":"image/png"');
  await openHarness(page, await serverWith("POST"));
  const upload = await harness.upload("avatar", photo());

  expect(await upload.error()).toMatchObject({
    code: "policy_refused",
    message: "The upload differs from what was signed. Choose the file again.",
    status: 403,
    retryable: false,
  });
  expect(await upload.sends()).toHaveLength(1);
});

test("a PUT whose headers were altered is refused by its signature", async ({
  page,
  harness,
  serverWith,
}) => {
  await rewriteSigned(page, '"content-type":"image/jpeg"', '"content-type":"image/png"');
  await openHarness(page, await serverWith("PUT"));
  const upload = await harness.upload("avatar", photo());

  expect(await upload.error()).toMatchObject({ code: "storage_refused", status: 403 });
});
