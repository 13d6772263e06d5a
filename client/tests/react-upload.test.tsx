import { type UseUploadOptions, useUpload } from "@gridboss/assets/react";
import { act, cleanup, renderHook } from "@testing-library/react";
import { StrictMode, useEffect, useRef } from "react";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { asset, failure, file, pass, standIn } from "./react-standin.js";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

function mount(options: Omit<UseUploadOptions, "assets"> = {}) {
  const server = standIn();
  const renders = vi.fn();
  const hook = renderHook(
    (props: UseUploadOptions) => {
      renders();
      return useUpload("avatar", { assets: server.assets, ...props });
    },
    { initialProps: options },
  );
  const start = (what: Blob = file()) => {
    let answer: ReturnType<typeof hook.result.current.upload> = Promise.resolve(undefined);
    act(() => {
      answer = hook.result.current.upload(what);
    });
    return answer;
  };
  return { ...server, ...hook, renders, start };
}

describe("an upload that works", () => {
  test("starts idle, at 0", () => {
    const { result } = mount();
    expect(result.current).toMatchObject({
      state: "idle",
      progress: 0,
      error: undefined,
      result: undefined,
    });
  });

  test("hands on the file, its kind and its name", () => {
    const { start, call } = mount({ filename: "me.png" });
    const avatar = file();
    void start(avatar);
    expect(call(0).file).toBe(avatar);
    expect(call(0).options).toMatchObject({ kind: "avatar", filename: "me.png" });
  });

  test("shows each step", () => {
    const { result, start, call } = mount();
    void start();
    expect(result.current.state).toBe("checking");
    for (const step of ["signing", "sending", "waiting", "completing"] as const) {
      act(() => call(0).options.onStep?.(step));
      expect(result.current.state).toBe(step);
    }
  });

  test("resolves to the asset, shows it and calls onDone", async () => {
    const onDone = vi.fn();
    const { result, start, call } = mount({ onDone });
    const answer = start();
    const uploaded = await asset();
    call(0).resolve(uploaded);
    await pass();
    expect(await answer).toBe(uploaded);
    expect(result.current).toMatchObject({ state: "done", progress: 1, result: uploaded });
    expect(onDone).toHaveBeenCalledExactlyOnceWith(uploaded);
  });

  test("calls the onDone of the latest render", async () => {
    const [before, after] = [vi.fn(), vi.fn()];
    const { start, call, rerender } = mount({ onDone: before });
    void start();
    rerender({ onDone: after });
    call(0).resolve(await asset());
    await pass();
    expect(before).not.toHaveBeenCalled();
    expect(after).toHaveBeenCalledTimes(1);
  });

  test("stays done when onDone throws, and the throw is reported as uncaught", async () => {
    const uncaught = vi.spyOn(globalThis, "queueMicrotask").mockImplementation(() => {});
    const { result, start, call } = mount({
      onDone: () => {
        throw new Error("a mistake of the page");
      },
    });
    const answer = start();
    const uploaded = await asset();
    call(0).resolve(uploaded);
    await pass();
    expect(await answer).toBe(uploaded);
    expect(result.current.state).toBe("done");
    const rethrow = uncaught.mock.calls.map(([task]) => task).at(-1);
    uncaught.mockRestore();
    expect(rethrow).toThrow("a mistake of the page");
  });

  test("leaves its functions the same in every render", async () => {
    const { result, start, call } = mount();
    const { upload, abort, retry, reset } = result.current;
    void start();
    call(0).resolve(await asset());
    await pass();
    expect(result.current).toMatchObject({ state: "done" });
    expect(result.current.upload).toBe(upload);
    expect(result.current.abort).toBe(abort);
    expect(result.current.retry).toBe(retry);
    expect(result.current.reset).toBe(reset);
  });
});

describe("progress", () => {
  test("renders once for each percent, not for each event", () => {
    const { start, call, renders } = mount();
    void start();
    renders.mockClear();
    for (let sent = 1; sent <= 1000; sent++) {
      act(() => call(0).options.onProgress?.(sent / 1000, { loaded: sent, total: 1000 }));
    }
    expect(renders).toHaveBeenCalledTimes(100);
  });

  test("is 1 only when everything is sent", () => {
    const { result, start, call } = mount();
    void start();
    act(() => call(0).options.onProgress?.(0.9999, { loaded: 9999, total: 10_000 }));
    expect(result.current.progress).toBeLessThan(1);
    act(() => call(0).options.onProgress?.(1, { loaded: 10_000, total: 10_000 }));
    expect(result.current.progress).toBe(1);
  });

  test("falls back when the file is sent again", () => {
    const { result, start, call } = mount();
    void start();
    act(() => call(0).options.onProgress?.(0.5, { loaded: 5, total: 10 }));
    act(() => call(0).options.onProgress?.(0, { loaded: 0, total: 10 }));
    expect(result.current.progress).toBe(0);
  });
});

describe("an upload that fails", () => {
  test("resolves to undefined, shows the error and calls onError", async () => {
    const onError = vi.fn();
    const { result, start, call } = mount({ onError });
    const answer = start();
    const error = failure("object_too_large", { retryable: false });
    call(0).reject(error);
    await pass();
    expect(await answer).toBeUndefined();
    expect(result.current).toMatchObject({ state: "failed", error });
    expect(onError).toHaveBeenCalledExactlyOnceWith(error);
  });

  test("is done once retry sent the same file", async () => {
    const { result, start, call } = mount();
    const avatar = file();
    void start(avatar);
    call(0).reject(failure());
    await pass();
    let again: Promise<unknown> = Promise.resolve();
    act(() => {
      again = result.current.retry();
    });
    expect(result.current).toMatchObject({ state: "checking", error: undefined });
    expect(call(1).file).toBe(avatar);
    const uploaded = await asset();
    call(1).resolve(uploaded);
    await pass();
    expect(await again).toBe(uploaded);
  });

  test("can't be tried again where there was no file", async () => {
    const { result, uploads } = mount();
    expect(await result.current.retry()).toBeUndefined();
    expect(uploads).toHaveLength(0);
  });
});

describe("stopping", () => {
  test("abort stops the upload, which is neither an error nor done", async () => {
    const [onDone, onError] = [vi.fn(), vi.fn()];
    const { result, start, call } = mount({ onDone, onError });
    const answer = start();
    act(() => result.current.abort());
    expect(call(0).options.signal?.aborted).toBe(true);
    call(0).reject(failure("aborted"));
    await pass();
    expect(await answer).toBeUndefined();
    expect(result.current).toMatchObject({ state: "aborted", error: undefined });
    expect(onError).not.toHaveBeenCalled();
    expect(onDone).not.toHaveBeenCalled();
  });

  test("abort changes nothing when no upload runs", async () => {
    const { result, start, call } = mount();
    void start();
    call(0).resolve(await asset());
    await pass();
    act(() => result.current.abort());
    expect(result.current.state).toBe("done");
  });

  test("reset stops the upload and forgets its file", async () => {
    const { result, start, call, uploads } = mount();
    void start();
    act(() => result.current.reset());
    expect(call(0).options.signal?.aborted).toBe(true);
    expect(result.current.state).toBe("idle");
    await result.current.retry();
    expect(uploads).toHaveLength(1);
  });

  test("a new upload aborts the one before, whose late answers change nothing", async () => {
    const onDone = vi.fn();
    const { result, start, call } = mount({ onDone });
    const first = start(file("first.png"));
    void start(file("second.png"));
    expect(call(0).options.signal?.aborted).toBe(true);
    expect(call(1).options.signal?.aborted).toBe(false);
    act(() => call(0).options.onStep?.("completing"));
    act(() => call(0).options.onProgress?.(0.7, { loaded: 7, total: 10 }));
    call(0).resolve(await asset());
    await pass();
    expect(await first).toBeUndefined();
    expect(result.current).toMatchObject({ state: "checking", progress: 0, result: undefined });
    expect(onDone).not.toHaveBeenCalled();
  });

  test("a late failure of the upload before changes nothing", async () => {
    const { result, start, call } = mount();
    void start();
    void start();
    call(0).reject(failure("aborted"));
    await pass();
    expect(result.current).toMatchObject({ state: "checking", error: undefined });
  });
});

describe("mounting", () => {
  test("unmounting aborts, and calls nothing back", async () => {
    const [onDone, onError] = [vi.fn(), vi.fn()];
    const { start, call, unmount, renders } = mount({ onDone, onError });
    const answer = start();
    unmount();
    await pass();
    expect(call(0).options.signal?.aborted).toBe(true);
    renders.mockClear();
    call(0).resolve(await asset());
    expect(await answer).toBeUndefined();
    expect(renders).not.toHaveBeenCalled();
    expect(onDone).not.toHaveBeenCalled();
  });

  test("an upload that is called for after unmounting does not start", async () => {
    const { result, unmount, uploads } = mount();
    unmount();
    await pass();
    expect(await result.current.upload(file())).toBeUndefined();
    expect(uploads).toHaveLength(0);
  });

  test("strict mode does not abort an upload that an effect started once", async () => {
    const { assets, uploads, call } = standIn();
    const { result } = renderHook(
      () => {
        const upload = useUpload("avatar", { assets });
        const started = useRef(false);
        useEffect(() => {
          if (started.current) return;
          started.current = true;
          void upload.upload(file());
        }, [upload.upload]);
        return upload;
      },
      { wrapper: StrictMode },
    );
    await pass();
    expect(uploads).toHaveLength(1);
    expect(call(0).options.signal?.aborted).toBe(false);
    call(0).resolve(await asset());
    await pass();
    expect(result.current.state).toBe("done");
  });
});
