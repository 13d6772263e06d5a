import type { Assets } from "@gridboss/assets";
import { AssetsProvider, useAssets, useAssetUrl, useUpload } from "@gridboss/assets/react";
import { act, cleanup, renderHook } from "@testing-library/react";
import type { ReactNode } from "react";
import { renderToString } from "react-dom/server";
import { afterEach, expect, test, vi } from "vitest";
import { standIn } from "./react-standin.js";

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const under =
  (assets: Assets) =>
  ({ children }: { children: ReactNode }) => (
    <AssetsProvider assets={assets}>{children}</AssetsProvider>
  );

function Page() {
  const { state, progress } = useUpload("avatar");
  const { url = "no URL" } = useAssetUrl("avatar/1");
  return <p>{`${state}, ${progress}, ${url}`}</p>;
}

test("useAssets gives what the provider was handed", () => {
  const { assets } = standIn();
  const { result } = renderHook(useAssets, { wrapper: under(assets) });
  expect(result.current).toBe(assets);
});

test.each<[string, () => unknown]>([
  ["useAssets", () => useAssets()],
  ["useUpload", () => useUpload("avatar")],
  ["useAssetUrl of a key", () => useAssetUrl("avatar/1")],
])("%s outside of a provider says what to do", (_name, hook) => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  expect(() => renderHook(hook)).toThrow(/Wrap the page in <AssetsProvider/);
});

test("useUpload needs no provider when it is given its assets", () => {
  const { assets, uploads } = standIn();
  const { result } = renderHook(() => useUpload("avatar", { assets }));
  act(() => void result.current.upload(new Blob(["x"])));
  expect(uploads).toHaveLength(1);
});

test("useAssetUrl takes the assets of its options before those of the provider", () => {
  const [outer, own] = [standIn(), standIn()];
  renderHook(() => useAssetUrl("avatar/1", { assets: own.assets }), {
    wrapper: under(outer.assets),
  });
  expect(own.download).toHaveBeenCalledTimes(1);
  expect(outer.download).not.toHaveBeenCalled();
});

test("useUpload takes the assets of its options before those of the provider", () => {
  const [outer, own] = [standIn(), standIn()];
  const { result } = renderHook(() => useUpload("avatar", { assets: own.assets }), {
    wrapper: under(outer.assets),
  });
  act(() => void result.current.upload(new Blob(["x"])));
  expect(own.uploads).toHaveLength(1);
  expect(outer.uploads).toHaveLength(0);
});

test("useAssetUrl without a source needs no provider", () => {
  const { result } = renderHook(() => useAssetUrl(null));
  expect(result.current).toMatchObject({ url: undefined, error: undefined });
});

test("a server renders the hooks, idle and without a request", () => {
  vi.stubGlobal("window", undefined);
  vi.stubGlobal("document", undefined);
  const { assets, download } = standIn();
  const html = renderToString(
    <AssetsProvider assets={assets}>
      <Page />
    </AssetsProvider>,
  );
  expect(html).toBe("<p>idle, 0, no URL</p>");
  expect(download).not.toHaveBeenCalled();
});
