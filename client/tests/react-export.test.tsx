/** `useExport`: one job, as a page shows it. */

import { AssetsProvider, useExport } from "@gridboss/assets/react";
import { act, renderHook, waitFor } from "@testing-library/react";
import { type ReactNode, StrictMode } from "react";
import { expect, vi } from "vitest";
import { held, json, refused } from "./core/server.js";
import {
  BEGIN,
  test as base,
  CANCEL,
  CREATE,
  done,
  EVENTS,
  event,
  job,
  open,
  running,
  stream,
} from "./exports/support.js";

const REQUEST = { report: "standings", format: "csv" } as const;

const test = base.extend<{ mount: (options?: Parameters<typeof useExport>[0]) => Mounted }>({
  mount: async ({ client }, use) => {
    const assets = client();
    const wrapper = ({ children }: { children: ReactNode }) => (
      <StrictMode>
        <AssetsProvider assets={assets}>{children}</AssetsProvider>
      </StrictMode>
    );
    await use((options) => renderHook(() => useExport(options), { wrapper }));
  },
});

type Mounted = ReturnType<typeof renderHook<ReturnType<typeof useExport>, unknown>>;

test("a job is shown from the question to the file", async ({ service, mount }) => {
  const asked = held(json(job(), 202));
  const live = open();
  service.answer(CREATE, asked.answer);
  service.answer(EVENTS, live.answer);
  const onDone = vi.fn();
  const { result } = mount({ onDone });
  expect(result.current).toMatchObject({ state: "idle", progress: undefined });
  act(() => void result.current.start(REQUEST));
  expect(result.current.state).toBe("asking");
  asked.release();
  await waitFor(() => expect(result.current.state).toBe("queued"));
  const response = await live.response;
  response.write(event(running(7, 9)));
  await waitFor(() => expect(result.current.progress).toEqual({ rows: 7, total: 9 }));
  expect(result.current.state).toBe("running");
  response.end(event(done));
  await waitFor(() => expect(result.current.state).toBe("done"));
  expect(result.current.result).toMatchObject({ objectKey: done.objectKey });
  expect(onDone).toHaveBeenCalledExactlyOnceWith(result.current.result);
});

test("what is refused is shown as failed", async ({ service, mount }) => {
  service.answer(CREATE, refused(403, "forbidden"));
  const onError = vi.fn();
  const { result } = mount({ onError });
  await act(async () => expect(await result.current.start(REQUEST)).toBeUndefined());
  expect(result.current).toMatchObject({ state: "failed", error: { code: "forbidden" } });
  expect(onError).toHaveBeenCalledExactlyOnceWith(result.current.error);
});

test("a cancelled job is no failure", async ({ service, mount }) => {
  const live = open(BEGIN + event(running(1)));
  service.answer(CREATE, json(job(), 202));
  service.answer(EVENTS, live.answer);
  service.answer(CANCEL, json(job({ state: "cancelled" })));
  const onError = vi.fn();
  const { result } = mount({ onError });
  act(() => void result.current.start(REQUEST));
  await waitFor(() => expect(result.current.state).toBe("running"));
  await act(async () => expect(await result.current.cancel()).toBe(true));
  (await live.response).end(event(job({ state: "cancelled" })));
  await waitFor(() => expect(result.current.state).toBe("cancelled"));
  expect(result.current.error).toBeUndefined();
  expect(onError).not.toHaveBeenCalled();
});

test("a job that is cancelled before its answer came is cancelled then", async ({
  service,
  mount,
}) => {
  const asked = held(json(job(), 202));
  service.answer(CREATE, asked.answer);
  service.answer(CANCEL, json(job({ state: "cancelled" })));
  service.answer(EVENTS, stream(BEGIN, event(job({ state: "cancelled" }))));
  const { result } = mount();
  act(() => void result.current.start(REQUEST));
  await act(async () => expect(await result.current.cancel()).toBe(true));
  asked.release();
  await waitFor(() => expect(result.current.state).toBe("cancelled"));
  expect(service.of(CANCEL)).toHaveLength(1);
});

test("unmounting stops the watching, and not the job", async ({ service, mount }) => {
  const live = open(BEGIN + event(running(1)));
  service.answer(CREATE, json(job(), 202));
  service.answer(EVENTS, live.answer);
  const { result, unmount } = mount();
  let ended: unknown = "not yet";
  act(() => {
    result.current.start(REQUEST).then((value) => {
      ended = value;
    });
  });
  await waitFor(() => expect(result.current.state).toBe("running"));
  unmount();
  await (service.of(EVENTS)[0] as { left: Promise<void> }).left;
  await waitFor(() => expect(ended).toBeUndefined());
  expect(service.of(CANCEL)).toEqual([]);
});

test("another export takes the place of the one before", async ({ service, mount }) => {
  const live = open(BEGIN + event(running(1)));
  service.answer(CREATE, json(job(), 202));
  service.answer(EVENTS, live.answer, stream(BEGIN, event(done)));
  const { result } = mount();
  let first: unknown = "not yet";
  act(() => {
    result.current.start(REQUEST).then((value) => {
      first = value;
    });
  });
  await waitFor(() => expect(result.current.state).toBe("running"));
  await act(async () => {
    expect(await result.current.start(REQUEST)).toMatchObject({ state: "done" });
  });
  expect(first).toBeUndefined();
  act(() => result.current.reset());
  expect(result.current.state).toBe("idle");
});
