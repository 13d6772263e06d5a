/** Events are read right however the network cuts them (WHATWG HTML §9.2.6). */
import { expect, test } from "vitest";
import { events } from "../../src/events.js";

const bytes = (text: string) => new TextEncoder().encode(text);

function answer(chunks: Uint8Array[], onCancel = () => {}): Response {
  const left = [...chunks];
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const next = left.shift();
        if (next) controller.enqueue(next);
        else controller.close();
      },
      cancel: onCancel,
    },
    { highWaterMark: 0 },
  );
  return new Response(body);
}

async function read(chunks: Uint8Array[]) {
  const found: string[] = [];
  let heard = 0;
  for await (const { event, data, id } of events(answer(chunks), () => heard++)) {
    found.push(`${event}|${id}|${data}`);
  }
  return { found, heard };
}

const TEXT = [
  ": a comment\n\n",
  "retry: 1000\n\n",
  'id: 1\nevent: progress\ndata: {"name":"Zürich 🏁 東京"}\n\n',
  "id: 2\r\nevent: progress\r\ndata: one\r\ndata:two\r\ndata: \r\n\r\n",
  "event: done\rdata: at last\r\r",
].join("");
const EXPECTED = [
  'progress|1|{"name":"Zürich 🏁 東京"}',
  "progress|2|one\ntwo\n",
  "done|undefined|at last",
];

test("cut at any one place, also inside a character or a line's end", async () => {
  const whole = bytes(TEXT);
  for (let at = 0; at <= whole.length; at++) {
    const { found } = await read([whole.subarray(0, at), whole.subarray(at)]);
    expect(found, `cut at ${at}`).toEqual(EXPECTED);
  }
});

test("cut into pieces of any size", async () => {
  const whole = bytes(TEXT);
  for (let size = 1; size < 40; size++) {
    const chunks: Uint8Array[] = [];
    for (let at = 0; at < whole.length; at += size) chunks.push(whole.subarray(at, at + size));
    const { found } = await read(chunks);
    expect(found, `size ${size}`).toEqual(EXPECTED);
  }
});

test("a byte order mark is left out", async () => {
  const { found } = await read([bytes("\uFEFFdata: x\n\n")]);
  expect(found).toEqual(["undefined|undefined|x"]);
});

test("an event that is cut off is none", async () => {
  const { found } = await read([bytes("data: whole\n\ndata: half\n")]);
  expect(found).toEqual(["undefined|undefined|whole"]);
});

test("a comment is no event, and heard", async () => {
  const { found, heard } = await read([bytes(": still here\n\n"), bytes(": still here\n\n")]);
  expect([found, heard]).toEqual([[], 2]);
});

test("who reads no further closes the connection", async () => {
  let cancelled = false;
  const endless = answer([bytes("data: x\n\n"), bytes("data: y\n\n")], () => {
    cancelled = true;
  });
  for await (const { data } of events(endless, () => {})) {
    expect(data).toBe("x");
    break;
  }
  expect(cancelled).toBe(true);
});
