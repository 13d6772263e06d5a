/** The driver's avatar on the demo page: choose, crop, upload, see what came back. */
import { statSync } from "node:fs";
import { type DemoPage, expect, METHODS, phonePhoto, test } from "../support/demo.js";
import { MIB, photo, textAs } from "../support/files.js";

for (const method of METHODS) {
  test(`a photograph is cropped to a square, uploaded and shown, with ${method}`, async ({
    demo,
    serverWith,
  }) => {
    await demo.open((await serverWith(method)).url);
    await demo.uploadPicture(photo("portrait-gps-rotated"));
    const { width, height } = await demo.picture("portrait-gps-rotated.jpg");
    expect(width).toBe(height);
    await expect(demo.fact("Got back")).toContainText("image/jpeg, without a GPS position");
    await expect(demo.fact("Key")).toHaveText(/^avatars\/dev\/[0-9a-f]{32}\.jpg$/);
    await expect(demo.fact("Link")).toContainText("valid until");
  });
}

test("a photograph that nobody cropped comes back upright and without its position", async ({
  demo,
  serverWith,
}) => {
  await demo.open((await serverWith("POST")).url);
  await demo.choosePicture(photo("portrait-gps-rotated"));
  await demo.leaveEditor();
  await demo.upload();
  const { width, height } = await demo.picture();
  expect(height).toBeGreaterThan(width);
  await expect(demo.fact("Sent")).toContainText("with a GPS position");
  await expect(demo.fact("Got back")).toContainText("without a GPS position");
});

test("a phone's photograph of more than 2 MiB is made to fit by the editor", async ({
  demo,
  serverWith,
}, info) => {
  const path = phonePhoto(info);
  expect(statSync(path).size).toBeGreaterThan(2 * MIB);
  await demo.open((await serverWith("POST")).url);
  await demo.uploadPicture(path);
  const { width, height } = await demo.picture("phone.jpg");
  expect(width).toBe(height);
  expect(width).toBeGreaterThan(500); // it is no thumbnail
  expect(width).toBeLessThanOrEqual(1024);
});

test("a phone's photograph is made to fit even without the editor", async ({
  demo,
  serverWith,
}, info) => {
  await demo.open((await serverWith("POST")).url);
  await demo.choosePicture(phonePhoto(info));
  await demo.leaveEditor();
  await demo.upload();
  const { width, height } = await demo.picture();
  expect([Math.max(width, height), width < height]).toEqual([1024, true]);
});

test("a refused file says why, and another one takes its place", async ({
  demo,
  serverWith,
  said,
}, info) => {
  await demo.open((await serverWith("POST")).url);
  await demo.choosePicture(textAs(info, "me.png"));
  await demo.leaveEditor(); // there is nothing to crop
  await demo.upload();
  await expect(demo.avatar.getByText(/not (a|what)|is no/i).first()).toBeVisible();
  await expect(demo.page.getByTestId("announcer")).not.toBeEmpty();

  await demo.avatar.getByRole("button", { name: "Remove file" }).click();
  await demo.uploadPicture(photo("flower"));
  await demo.picture("flower.jpg");
  said.length = 0; // Uppy logs what it shows
});

test("a picture from the camera becomes the avatar", async ({ demo, serverWith }) => {
  await demo.open((await serverWith("POST")).url);
  await demo.avatar.getByRole("button", { name: "Camera" }).click();
  await demo.avatar.getByRole("button", { name: /take a picture/i }).click();
  await demo.avatar.getByRole("button", { name: /submit/i }).click();
  await demo.saveCrop();
  await demo.upload();
  await demo.picture();
});

test("a picture is taken when the camera has its first frame, however slow it is", async ({
  demo,
  serverWith,
}) => {
  await demo.page.addInitScript(() => {
    navigator.mediaDevices.getUserMedia = async () => {
      const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 480 });
      const stream = canvas.captureStream(0); // no frame but those that are asked for
      setTimeout(() => {
        canvas.getContext("2d")?.fillRect(0, 0, 320, 240);
        (stream.getVideoTracks()[0] as CanvasCaptureMediaStreamTrack).requestFrame();
      }, 1500);
      return stream;
    };
  });
  await demo.open((await serverWith("POST")).url);
  await demo.avatar.getByRole("button", { name: "Camera" }).click();
  await demo.avatar.getByRole("button", { name: /take a picture/i }).click();
  await demo.avatar.getByRole("button", { name: /submit/i }).click();
  await demo.saveCrop();
  await demo.upload();
  await demo.picture();
});

/** What a drop or the clipboard brings along. */
const transfer = ({ page }: DemoPage, name: string) =>
  page.evaluateHandle(async (name) => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 200, height: 200 });
    canvas.getContext("2d")?.fillRect(20, 20, 100, 100);
    const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done));
    const brought = new DataTransfer();
    brought.items.add(new File([blob as Blob], name, { type: "image/png" }));
    return brought;
  }, name);

test("a picture that is dropped becomes the avatar", async ({ demo, serverWith }) => {
  await demo.open((await serverWith("POST")).url);
  const dataTransfer = await transfer(demo, "dropped.png");
  await demo.avatar.locator(".uppy-Dashboard").dispatchEvent("drop", { dataTransfer });
  await demo.saveCrop();
  await demo.upload();
  await demo.picture("dropped.png");
});

test("a picture that is pasted becomes the avatar", async ({ demo, serverWith }) => {
  await demo.open((await serverWith("POST")).url);
  const clipboardData = await transfer(demo, "pasted.png");
  await demo.avatar
    .getByRole("button", { name: "My Device" })
    .evaluate(
      (button, clipboardData) =>
        button.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true })),
      clipboardData,
    );
  await demo.saveCrop();
  await demo.upload();
  await demo.picture();
});

test("the avatar is there after a reload, until it is removed", async ({ demo, serverWith }) => {
  const { url } = await serverWith("POST");
  await demo.open(url);
  await demo.uploadPicture(photo("flower"));
  await demo.picture("flower.jpg");
  await demo.open(url);
  await demo.picture("flower.jpg");

  const key = await demo.fact("Key").textContent();
  await demo.avatar.getByRole("button", { name: "Remove", exact: true }).click();
  await expect(demo.avatar.getByText("No picture yet")).toBeVisible();
  expect(await (await serverWith("POST")).objectKeys()).not.toContain(key);
});

test("an avatar that somebody else deleted is said to be gone, and can be forgotten", async ({
  demo,
  serverWith,
}) => {
  const { url } = await serverWith("POST");
  await demo.open(url);
  await demo.uploadPicture(photo("flower"));
  await demo.picture("flower.jpg");
  const key = (await demo.fact("Key").textContent()) ?? "";
  await demo.page.request.delete(`${url}/uploads?objectKey=${key}`);
  const session = await demo.page.context().newCDPSession(demo.page);
  await session.send("Network.clearBrowserCache");
  await demo.open(url);
  await expect(demo.avatar.getByText("no longer in the bucket")).toBeVisible();
  await demo.avatar.getByRole("button", { name: "Forget it" }).click();
  await expect(demo.avatar.getByText("No picture yet")).toBeVisible();
});
