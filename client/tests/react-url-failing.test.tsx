import { act, cleanup } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DUE, failure, mountUrl as mount, pass } from "./react-standin.js";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

test("a failure shows the error, and tries again after longer and longer pauses", async () => {
  const { result, rerender, download } = mount(null);
  const error = failure();
  download.mockRejectedValue(error);
  rerender("avatar/1");
  await pass();
  expect(result.current).toMatchObject({ url: undefined, error });
  for (const [index, pause] of [5, 10, 20, 40, 60, 60].entries()) {
    await pass(pause * 1000 - 1);
    expect(download).toHaveBeenCalledTimes(index + 1);
    await pass(1);
    expect(download).toHaveBeenCalledTimes(index + 2);
  }
});

test("a failure takes the error away once it works", async () => {
  const { result, rerender, download } = mount(null);
  download.mockRejectedValueOnce(failure());
  rerender("avatar/1");
  await pass(5000);
  expect(result.current).toMatchObject({ url: "avatar/1#1", error: undefined });
});

test("a failure after a success has the shortest pause again", async () => {
  const { result, rerender, download, sign } = mount(null);
  download.mockRejectedValueOnce(failure()).mockRejectedValueOnce(failure());
  rerender("avatar/1");
  await pass(15_000);
  expect(result.current.url).toBe("avatar/1#1");
  sign.mockRejectedValueOnce(failure());
  await pass(DUE + 4999);
  expect(result.current.url).toBe("avatar/1#1");
  await pass(1);
  expect(result.current.url).toBe("avatar/1#2");
});

test("a failure waits for as long as the server asked", async () => {
  const { rerender, download } = mount(null);
  download.mockRejectedValueOnce(failure("too_many_requests", { retryAfter: 30 }));
  rerender("avatar/1");
  await pass(29_999);
  expect(download).toHaveBeenCalledTimes(1);
  await pass(1);
  expect(download).toHaveBeenCalledTimes(2);
});

test("a failure tries again when the browser is online", async () => {
  const { result, rerender, download } = mount(null);
  download.mockRejectedValueOnce(failure());
  rerender("avatar/1");
  await pass();
  window.dispatchEvent(new Event("online"));
  await pass();
  expect(result.current.url).toBe("avatar/1#1");
});

test("a failure for good makes no further request until refresh()", async () => {
  const { result, rerender, download } = mount(null);
  download.mockRejectedValueOnce(failure("forbidden", { retryable: false }));
  rerender("avatar/1");
  await pass(10 * DUE);
  window.dispatchEvent(new Event("online"));
  await pass();
  expect(download).toHaveBeenCalledTimes(1);
  act(() => result.current.refresh());
  await pass();
  expect(result.current).toMatchObject({ url: "avatar/1#1", error: undefined });
});

test("a failure to refresh is silent while the old URL works, and shows once it doesn't", async () => {
  const { result, sign } = mount();
  await pass();
  const error = failure();
  sign.mockRejectedValue(error);
  await pass(DUE + 30_000);
  expect(sign.mock.calls.length).toBeGreaterThan(2);
  expect(result.current).toMatchObject({ url: "avatar/1#1", error: undefined });
  await pass(DUE);
  expect(result.current).toMatchObject({ url: "avatar/1#1", error });
});

test("a failure to refresh for good shows at once", async () => {
  const { result, sign } = mount();
  await pass();
  const error = failure("forbidden", { retryable: false });
  sign.mockRejectedValue(error);
  await pass(DUE);
  expect(result.current).toMatchObject({ url: "avatar/1#1", error });
});

test("a failure after unmounting is not tried again", async () => {
  const { rerender, download, unmount } = mount(null);
  let fail = (_error: unknown) => {};
  download.mockImplementationOnce(
    () =>
      new Promise((_resolve, reject) => {
        fail = reject;
      }),
  );
  rerender("avatar/1");
  unmount();
  await pass();
  fail(failure());
  await pass(10 * DUE);
  expect(download).toHaveBeenCalledTimes(1);
});
