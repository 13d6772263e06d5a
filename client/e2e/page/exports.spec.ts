/** The list of exports on the demo page: progress, troubles, and links that open. */
import { readFileSync } from "node:fs";
import { expect, METHODS, test } from "../support/demo.js";
import { MIB, table } from "../support/files.js";

const csv = (name: string, text = "driver,points\nAda,25\n") => ({
  name,
  mimeType: "text/csv",
  buffer: Buffer.from(text),
});

for (const method of METHODS) {
  test(`two files at once are sealed, the newest on top, with ${method}`, async ({
    demo,
    serverWith,
  }) => {
    await demo.open((await serverWith(method)).url);
    await demo.chooseExports(csv("season.csv"), csv("teams.csv"));
    await demo.sealed("season.csv");
    await demo.sealed("teams.csv");
    await demo.chooseExports(csv("late.csv"));
    await demo.sealed("late.csv");
    await expect(demo.exports.getByRole("listitem").first()).toContainText("late.csv");
  });
}

test("a download has the file's own name, whatever its letters", async ({ demo, serverWith }) => {
  await demo.open((await serverWith("POST")).url);
  const name = "Gesamtwertung Österreich 🏁.csv";
  await demo.chooseExports(csv(name));
  await demo.sealed(name);
  const download = demo.page.waitForEvent("download");
  await demo.row(name).getByRole("link", { name: "Download" }).click();
  const saved = await download;
  expect(saved.suggestedFilename()).toBe(name);
  expect(readFileSync(await saved.path(), "utf8")).toBe("driver,points\nAda,25\n");
});

test("progress is seen, and the upload can be cancelled in the middle and tried again", async ({
  demo,
  network,
  serverWith,
}, info) => {
  await demo.open((await serverWith("POST")).url);
  await network.slow(200_000);
  await demo.chooseExports(table(info, "laps.csv", 600_000));
  const row = demo.row("laps.csv");
  const progress = row.getByRole("progressbar");
  await expect
    .poll(() => progress.evaluate((bar: HTMLProgressElement) => bar.value > 0 && bar.value < 1))
    .toBe(true);
  await expect(row).toContainText(/Sending to the bucket [1-9]\d? %/);

  await row.getByRole("button", { name: "Cancel" }).click();
  await expect(row).toContainText("Cancelled");
  await network.fast();
  await row.getByRole("button", { name: "Retry" }).click();
  await demo.sealed("laps.csv");
});

test("an upload waits for the network and goes on by itself", async ({
  demo,
  network,
  serverWith,
}) => {
  await demo.open((await serverWith("POST")).url);
  await network.offline();
  await demo.chooseExports(csv("season.csv"));
  await expect(demo.row("season.csv")).toContainText("Waiting for the network");
  await network.online();
  await demo.sealed("season.csv");
});

test("a refused file says why and is dismissed; another one is accepted", async ({
  demo,
  serverWith,
}) => {
  await demo.open((await serverWith("POST")).url);
  await demo.chooseExports({ ...csv("season.json", "{nope"), mimeType: "application/json" });
  const row = demo.row("season.json");
  await expect(row).toContainText("not valid JSON");
  await expect(row.getByRole("button", { name: "Retry" })).toHaveCount(0);
  await expect(demo.page.getByTestId("announcer")).toContainText("season.json was not uploaded");
  await row.getByRole("button", { name: "Dismiss" }).click();
  await expect(row).toHaveCount(0);
  await demo.chooseExports(csv("season.csv"));
  await demo.sealed("season.csv");
});

test("25 MiB are accepted, and a byte more is refused before anything is sent", async ({
  demo,
  serverWith,
}, info) => {
  await demo.open((await serverWith("POST")).url);
  const asked: string[] = [];
  demo.page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await demo.chooseExports(table(info, "over.csv", 25 * MIB + 1));
  await expect(demo.row("over.csv")).toContainText("at most 25 MiB");
  expect(asked).not.toContain("/uploads/sign");
  await demo.chooseExports(table(info, "full.csv", 25 * MIB));
  await demo.sealed("full.csv");
});

test("CORS rules that leave the page out are named, with the page's origin", async ({
  demo,
  ownServer,
}) => {
  const server = await ownServer({});
  await server.setCors(["https://elsewhere.example"]);
  await demo.open(server.url);
  await demo.chooseExports(csv("season.csv"));
  const row = demo.row("season.csv");
  await expect(row).toContainText("CORS rules of the bucket");
  await expect(row).toContainText(server.url);

  await server.setCors([server.url]);
  await row.getByRole("button", { name: "Retry" }).click();
  await demo.sealed("season.csv");
});

test("an expired signature is replaced without anybody noticing", async ({
  demo,
  serverWith,
}, info) => {
  await demo.open((await serverWith("POST", { S3_PRESIGN_TTL: "2" })).url);
  let first = true;
  await demo.page.route("**/uploads/sign", async (route) => {
    const answer = await route.fetch();
    if (first) await new Promise((late) => setTimeout(late, 3000)); // it expires meanwhile
    first = false;
    await route.fulfill({ response: answer });
  });
  await demo.chooseExports(table(info, "season.csv", 2000));
  await demo.sealed("season.csv");
});

test("the list is there after a reload, and says what somebody else deleted", async ({
  demo,
  ownServer,
}) => {
  const server = await ownServer({});
  await demo.open(server.url);
  await demo.chooseExports(csv("kept.csv"));
  await demo.sealed("kept.csv");
  await demo.chooseExports(csv("gone.csv"));
  await demo.sealed("gone.csv");
  const link = await demo.row("gone.csv").getByRole("link").getAttribute("href");
  const key = new URL(link ?? "").pathname.split(`${server.bucket}/`)[1];
  await demo.page.request.delete(`${server.url}/uploads?objectKey=${key}`);

  await demo.open(server.url);
  await expect(demo.row("gone.csv")).toContainText("No longer in the bucket");
  await demo.row("gone.csv").getByRole("button", { name: "Take off the list" }).click();
  await expect(demo.row("gone.csv")).toHaveCount(0);
  await demo.row("kept.csv").getByRole("button", { name: "Delete" }).click();
  await expect(demo.row("kept.csv")).toHaveCount(0);
  expect(await server.objectKeys()).toEqual([]);
});
