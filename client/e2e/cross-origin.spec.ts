/** Why the browser lets nothing through: the bucket's rules, the API's, the page's own, or nobody. */
import { photo } from "./support/files.js";
import { expect, harnessOrigin, METHODS, openHarness, settings, test } from "./support/test.js";

/** What a person reads when the bucket refuses pages of this origin. */
const refusal = (bucket: string) =>
  `${bucket} answers, but lets no page of ${harnessOrigin()} read it. Add ${harnessOrigin()} to ` +
  "the CORS rules of the bucket, with POST and PUT, and see that S3_REGION is right.";

test("CORS rules of the bucket for another origin are named, with this one", async ({
  page,
  harness,
  ownServer,
}) => {
  const server = await ownServer({ env: settings("POST") });
  await server.setCors(["https://elsewhere.example"]);
  await openHarness(page, server);
  const upload = await harness.upload("avatar", photo());

  expect(await upload.error()).toMatchObject({
    code: "cors",
    message: refusal(server.endpoint),
  });
  // A preflight that failed is tried once more. Progress stays at 0: Chromium reports none before.
  expect(await upload.sends()).toEqual([[0], [0]]);
  expect(await server.objectKeys()).toEqual([]);
});

for (const method of METHODS) {
  // SeaweedFS lets everybody in where a bucket has no rules. AWS lets nobody in.
  test(`CORS rules that the bucket does not have are named (${method})`, async ({
    page,
    harness,
    serverBehindProxy,
  }) => {
    const [server, bucket] = await serverBehindProxy(method);
    bucket.preflights = false;
    await openHarness(page, server);
    const upload = await harness.upload("avatar", photo());

    expect(await upload.error()).toMatchObject({ code: "cors", message: refusal(bucket.url) });
  });

  test(`the page's own policy that lacks the bucket is named (${method})`, async ({
    page,
    harness,
    serverWith,
  }) => {
    const server = await serverWith(method);
    await openHarness(page, server, { csp: `connect-src ${server.url}` });
    const upload = await harness.upload("avatar", photo());

    expect(await upload.error()).toMatchObject({
      code: "csp",
      message: `This page's Content-Security-Policy blocks ${server.endpoint}. Add it to connect-src.`,
      retryable: false,
    });
  });
}

test("the page's own policy that lacks the service is named", async ({
  page,
  harness,
  serverWith,
}) => {
  const server = await serverWith("POST");
  await openHarness(page, server, { csp: "connect-src 'self'" });
  const error = await (await harness.upload("avatar", photo())).error();

  expect(error.code).toBe("csp");
  expect(error.message).toContain(server.url);
});

test("a service that does not know the page's origin is named, with its setting", async ({
  page,
  harness,
  ownServer,
}) => {
  const server = await ownServer({ env: { CORS_ORIGINS: "https://elsewhere.example" } });
  await openHarness(page, server);
  const upload = await harness.upload("avatar", photo());

  expect(await upload.error()).toMatchObject({
    code: "cors",
    message:
      `${server.url} answers, but lets no page of ${harnessOrigin()} read it. ` +
      `Add ${harnessOrigin()} to CORS_ORIGINS of the service.`,
  });
});

test("a service that is down is no matter of CORS", async ({ page, harness, proxyBefore }) => {
  const gone = await proxyBefore("http://127.0.0.1:9");
  gone.goDown();
  await openHarness(page, gone, { tries: 2 });
  const upload = await harness.upload("avatar", photo());

  expect(await upload.error()).toMatchObject({
    code: "network",
    message: `The connection to ${gone.url} failed. Check the network and try again.`,
    retryable: true,
  });
  expect(await upload.steps()).toEqual(["checking", "waiting", "checking"]);
});
