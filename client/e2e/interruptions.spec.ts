/** A network that goes away and comes back, and answers that get lost on their way. */
import { photo, table } from "./support/files.js";
import type { Fault } from "./support/proxy.js";
import { expect, METHODS, openHarness, test } from "./support/test.js";

/** A fault that meets only the first request to a path. */
function once(path: string, fault: () => Fault | Promise<Fault>) {
  let met = false;
  return (request: { path: string }): Fault | Promise<Fault> => {
    if (met || request.path !== path) return undefined;
    met = true;
    return fault();
  };
}

for (const method of METHODS) {
  test.describe(method, () => {
    for (const says of ["offline", "online"] as const) {
      test(`the connection breaks while the file is sent, and the browser says it is ${says}`, async ({
        page,
        harness,
        network,
        serverBehindProxy,
      }, info) => {
        const [server, bucket] = await serverBehindProxy(method);
        await openHarness(page, server, { tries: 10 });
        await network.slow(200_000);
        const upload = await harness.upload("export", table(info, "laps.csv", 1_000_000));
        await upload.halfway();

        if (says === "offline") await network.offline();
        bucket.goDown();
        await upload.reached("waiting");
        await network.fast();
        bucket.comeBack();
        if (says === "offline") await network.online();

        expect((await upload.asset()).contentLength).toBe(1_000_000);
        const sends = await upload.sends();
        expect(sends.length).toBeGreaterThan(1);
        expect(Math.max(...(sends[0] ?? []))).toBeLessThan(1);
        expect(sends.at(-1)?.at(-1)).toBe(1);
      });
    }

    for (const [fault, what] of [
      ["lose the answer", "is lost"],
      ["hide the answer", "may not be read by the page"],
    ] as const) {
      test(`the bucket has the file, and its answer ${what}`, async ({
        page,
        harness,
        serverBehindProxy,
      }) => {
        const [server, bucket] = await serverBehindProxy(method);
        bucket.fault = ({ method }) => (method === "GET" ? undefined : fault);
        await openHarness(page, server);
        const upload = await harness.upload("avatar", photo());

        expect((await upload.asset()).filename).toBe("flower.jpg");
        expect(await upload.steps()).toEqual(["checking", "signing", "sending", "completing"]);
      });
    }
  });
}

for (const [step, path] of [
  ["checking", "/uploads/kinds"],
  ["signing", "/uploads/sign"],
  ["completing", "/uploads/complete"],
] as const) {
  test(`the network goes away while ${step}, and comes back`, async ({
    page,
    harness,
    network,
    serverWith,
    proxyBefore,
  }) => {
    const api = await proxyBefore((await serverWith("POST")).url);
    await openHarness(page, api);
    api.fault = once(path, async () => {
      await network.offline();
      api.goDown(); // also what Chromium sends again by itself, on a connection that it had kept
      return "cut" as const;
    });
    const upload = await harness.upload("avatar", photo());
    await upload.reached("waiting");
    api.comeBack();
    await network.online();

    expect((await upload.asset()).filename).toBe("flower.jpg");
    const steps = await upload.steps();
    const at = steps.indexOf("waiting");
    expect([steps[at - 1], steps[at + 1]]).toEqual([step, step]);
    expect(await upload.sends()).toHaveLength(1);
  });
}

test("the answer to complete is lost, and asking again gives the same object", async ({
  page,
  harness,
  serverWith,
  proxyBefore,
}) => {
  const server = await serverWith("POST");
  const api = await proxyBefore(server.url);
  await openHarness(page, api);
  let lost = 0;
  // Twice, because Chromium itself repeats a request on a connection that it had kept.
  api.fault = ({ path }) =>
    path === "/uploads/complete" && lost++ < 2 ? "lose the answer" : undefined;
  const upload = await harness.upload("avatar", photo());

  const { objectKey } = await upload.asset();
  expect(lost).toBeGreaterThan(1);
  expect(await upload.sends()).toHaveLength(1);
  expect(await server.objectKeys()).toContain(objectKey);
});
