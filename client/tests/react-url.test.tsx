import type { Assets } from "@gridboss/assets";
import { useAssetUrl } from "@gridboss/assets/react";
import { act, cleanup, render, renderHook } from "@testing-library/react";
import { StrictMode } from "react";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { urlStore } from "../src/react/live-url.js";
import { DUE, LIFE, links, mountUrl as mount, pass, standIn } from "./react-standin.js";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

function Avatar({ assets }: { assets: Assets }) {
  return <img alt="" src={useAssetUrl("avatar/1", { assets }).url} />;
}

/** Time goes by while timers sleep, as they do with the machine. */
const sleep = (ms: number) => vi.setSystemTime(Date.now() + ms);

describe("a key", () => {
  test("has no URL at first, then one", async () => {
    const { result } = mount();
    expect(result.current.url).toBeUndefined();
    await pass();
    expect(result.current).toMatchObject({ url: "avatar/1#1", error: undefined });
  });

  test("tells until when its URL works", async () => {
    const { result } = mount();
    expect(result.current.expiresAt).toBeUndefined();
    const since = Date.now();
    await pass();
    expect(result.current.expiresAt).toBe(since + LIFE * 1000);
  });

  test.each([null, ""])("of %j makes no request", async (source) => {
    const { result, download } = mount(source);
    await pass();
    expect(result.current.url).toBeUndefined();
    expect(download).not.toHaveBeenCalled();
  });

  test("that changes never shows the URL of the former one", async () => {
    const { result, rerender, seen } = mount("avatar/1");
    await pass();
    rerender("avatar/2");
    expect(result.current.url).toBeUndefined();
    await pass();
    expect(result.current.url).toBe("avatar/2#1");
    expect(seen).not.toContainEqual(["avatar/2", "avatar/1#1"]);
  });

  test("whose answer is late does not show under the next one", async () => {
    const { result, rerender, download, seen } = mount(null);
    download.mockImplementationOnce(async () => {
      await new Promise((resolve) => setTimeout(resolve, 1000));
      return links().link("avatar/1");
    });
    rerender("avatar/1");
    rerender("avatar/2");
    await pass(2000);
    expect(result.current.url).toBe("avatar/2#1");
    expect(seen).not.toContainEqual(["avatar/2", "avatar/1#1"]);
  });

  test("gives refresh the same identity in every render", async () => {
    const { result } = mount();
    const { refresh } = result.current;
    await pass();
    expect(result.current.refresh).toBe(refresh);
  });
});

describe("sharing", () => {
  test("fifty images of one key make one request, also when it is refreshed", async () => {
    const { assets, sign, download } = standIn();
    const keys = Array.from({ length: 50 }, (_, index) => `${index}`);
    const { container } = render(keys.map((key) => <Avatar key={key} assets={assets} />));
    await pass();
    expect(download).toHaveBeenCalledTimes(1);
    await pass(DUE);
    expect(sign).toHaveBeenCalledTimes(2);
    expect(container.querySelectorAll('img[src="avatar/1#2"]')).toHaveLength(50);
  });

  test("a component that comes later has the URL in its first render", async () => {
    const { assets } = mount();
    await pass();
    const urls: unknown[] = [];
    renderHook(() => urls.push(useAssetUrl("avatar/1", { assets }).url));
    expect(urls[0]).toBe("avatar/1#1");
  });

  test("the last one to unmount drops the link and ends the refreshing", async () => {
    const { assets, sign, download, unmount } = mount();
    const other = renderHook(() => useAssetUrl("avatar/1", { assets }));
    await pass();
    unmount();
    await pass(DUE);
    expect(sign).toHaveBeenCalledTimes(2);
    other.unmount();
    await pass(10 * DUE);
    expect(sign).toHaveBeenCalledTimes(2);
    renderHook(() => useAssetUrl("avatar/1", { assets }));
    expect(download).toHaveBeenCalledTimes(2);
  });

  test("unmounting aborts the request for the link", async () => {
    const { download, unmount } = mount();
    unmount();
    await pass();
    expect(download.mock.calls[0]?.[1]?.signal?.aborted).toBe(true);
  });

  test("an answer after unmounting is not kept fresh", async () => {
    const { rerender, download, unmount } = mount(null);
    const { sign, link } = links();
    download.mockImplementationOnce(async () => {
      await new Promise((resolve) => setTimeout(resolve, 1000));
      return link("avatar/1");
    });
    rerender("avatar/1");
    unmount();
    await pass(10 * DUE);
    expect(sign).toHaveBeenCalledTimes(1);
  });

  test("one who comes between the last two to go is not cut off from the next", async () => {
    const { assets, download } = standIn();
    const store = urlStore("avatar/1", assets);
    const [first, last] = [store.subscribe(() => {}), store.subscribe(() => {})];
    first();
    queueMicrotask(() => store.subscribe(() => {}));
    last();
    await pass();
    store.subscribe(() => {});
    await pass();
    expect(download).toHaveBeenCalledTimes(2);
  });

  test("strict mode makes one request, and it is not aborted", async () => {
    const { assets, download } = standIn();
    const { result } = renderHook(() => useAssetUrl("avatar/1", { assets }), {
      wrapper: StrictMode,
    });
    await pass();
    expect(download).toHaveBeenCalledTimes(1);
    expect(result.current.url).toBe("avatar/1#1");
  });
});

describe("refreshing", () => {
  test("happens before the link expires, and again before the next one does", async () => {
    const { result } = mount();
    await pass(DUE - 1);
    expect(result.current.url).toBe("avatar/1#1");
    await pass(1);
    expect(result.current.url).toBe("avatar/1#2");
    await pass(DUE);
    expect(result.current.url).toBe("avatar/1#3");
  });

  test("keeps the old URL until the new one is there", async () => {
    const { result, sign } = mount();
    await pass();
    sign.mockImplementationOnce(async () => {
      await new Promise((resolve) => setTimeout(resolve, 3000));
      return { url: "avatar/1#2", expiresIn: LIFE };
    });
    await pass(DUE + 2999);
    expect(sign).toHaveBeenCalledTimes(2);
    expect(result.current.url).toBe("avatar/1#1");
    await pass(1);
    expect(result.current.url).toBe("avatar/1#2");
  });

  test.each([
    ["the page becomes visible", () => document.dispatchEvent(new Event("visibilitychange"))],
    ["the page is shown from the cache", () => window.dispatchEvent(new Event("pageshow"))],
    ["the browser is online", () => window.dispatchEvent(new Event("online"))],
  ])("happens when %s after the timers slept", async (_name, event) => {
    const { result } = mount();
    await pass();
    sleep(DUE);
    event();
    await pass();
    expect(result.current.url).toBe("avatar/1#2");
  });

  test("does not happen when the page is visible and online again and nothing is due", async () => {
    const { sign } = mount();
    await pass();
    document.dispatchEvent(new Event("visibilitychange"));
    window.dispatchEvent(new Event("online"));
    await pass();
    expect(sign).toHaveBeenCalledTimes(1);
  });

  test("happens at once on refresh()", async () => {
    const { result, sign } = mount();
    await pass();
    act(() => result.current.refresh());
    await pass();
    expect(result.current.url).toBe("avatar/1#2");
    await pass(DUE - 1);
    expect(sign).toHaveBeenCalledTimes(2);
  });

  test("does not happen twice at a time", async () => {
    const { result, download } = mount();
    act(() => result.current.refresh());
    document.dispatchEvent(new Event("visibilitychange"));
    await pass();
    expect(download).toHaveBeenCalledTimes(1);
  });

  test("waits for a life longer than a timer can", async () => {
    const thirtyDays = 30 * 24 * 3600;
    const { sign } = mount("avatar/1", thirtyDays);
    await pass();
    await pass(thirtyDays * 900 - 1);
    expect(sign).toHaveBeenCalledTimes(1);
    await pass(1);
    expect(sign).toHaveBeenCalledTimes(2);
  });

  test("of links without any life is no flood", async () => {
    const { sign } = mount("avatar/1", 0);
    await pass(10_000);
    expect(sign.mock.calls.length).toBeLessThan(25);
  });
});

describe("a link", () => {
  test("is shown without a request, and without a provider", async () => {
    const { sign, link } = links();
    const uploaded = await link("avatar/9");
    const { result } = renderHook(() => useAssetUrl(uploaded));
    await pass();
    expect(result.current.url).toBe("avatar/9#1");
    expect(sign).toHaveBeenCalledTimes(1);
  });

  test("is refreshed before it expires", async () => {
    const uploaded = await links().link("avatar/9");
    const { result } = renderHook(() => useAssetUrl(uploaded));
    await pass(DUE);
    expect(result.current.url).toBe("avatar/9#2");
  });

  test("that somebody else refreshed is shown without another request", async () => {
    const { sign, link } = links();
    const uploaded = await link("avatar/9");
    const { result } = renderHook(() => useAssetUrl(uploaded));
    await pass(DUE / 2);
    await uploaded.refresh();
    await pass(DUE / 2);
    expect(result.current.url).toBe("avatar/9#2");
    expect(sign).toHaveBeenCalledTimes(2);
  });

  test("that expired in a drawer is signed again first", async () => {
    const { link } = links();
    const uploaded = await link("avatar/9");
    sleep(2 * LIFE * 1000);
    const { result } = renderHook(() => useAssetUrl(uploaded));
    await pass();
    expect(result.current.url).toBe("avatar/9#2");
  });
});
