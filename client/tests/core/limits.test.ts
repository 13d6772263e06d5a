/** What is refused before anything is sent: the table of kinds.py, as `GET /uploads/kinds` has it. */
import { expect } from "vitest";
import { failure, KINDS, kindsAnswer, play, SIGN, said, test } from "./support.js";

const UNKNOWN = ["", "application/octet-stream", "binary/octet-stream"];

const AVATAR = {
  name: "avatar",
  maxSize: 2_097_152,
  contentTypes: {
    "image/jpeg": [".jpg", ".jpeg", ".jfif"],
    "image/png": [".png"],
    "image/webp": [".webp"],
  },
  aliases: {
    "image/jpeg": [...UNKNOWN, "image/jpg", "image/pjpeg"],
    "image/png": [...UNKNOWN, "image/x-png"],
    "image/webp": UNKNOWN,
  },
};

const EXPORT = {
  name: "export",
  maxSize: 26_214_400,
  contentTypes: {
    "text/csv": [".csv"],
    "application/json": [".json"],
    "application/pdf": [".pdf"],
    "application/zip": [".zip"],
  },
  aliases: {
    "text/csv": [
      ...UNKNOWN,
      "application/csv",
      "application/vnd.ms-excel",
      "text/comma-separated-values",
      "text/plain",
      "text/x-csv",
    ],
    "application/json": [...UNKNOWN, "text/json", "text/plain"],
    "application/pdf": [...UNKNOWN, "application/x-pdf"],
    "application/zip": [
      ...UNKNOWN,
      "application/x-zip",
      "application/x-zip-compressed",
      "multipart/x-zip",
    ],
  },
};

const LIMITS = kindsAnswer("POST", [AVATAR, EXPORT]);

const NAMES = "jpg jpeg jfif png webp csv json pdf zip exe".split(" ").map((each) => `a.${each}`);
const ANY = NAMES.join(" ");

/** Which of these names each kind takes with each type: what `Kind.content_type` answers. */
const TAKEN: [kind: string, type: string, names: string][] = [
  ["avatar", "image/jpeg", ANY],
  ["avatar", "image/png", ANY],
  ["avatar", "image/webp", ANY],
  ["avatar", "", "a.jpg a.jpeg a.jfif a.png a.webp"],
  ["avatar", "application/octet-stream", "a.jpg a.jpeg a.jfif a.png a.webp"],
  ["avatar", "binary/octet-stream", "a.jpg a.jpeg a.jfif a.png a.webp"],
  ["avatar", "image/jpg", "a.jpg a.jpeg a.jfif"],
  ["avatar", "image/pjpeg", "a.jpg a.jpeg a.jfif"],
  ["avatar", "image/x-png", "a.png"],
  ["avatar", "image/gif", ""],
  ["avatar", "text/csv", ""],
  ["avatar", "constructor", ""],
  ["export", "text/csv", ANY],
  ["export", "application/json", ANY],
  ["export", "application/pdf", ANY],
  ["export", "application/zip", ANY],
  ["export", "", "a.csv a.json a.pdf a.zip"],
  ["export", "application/octet-stream", "a.csv a.json a.pdf a.zip"],
  ["export", "binary/octet-stream", "a.csv a.json a.pdf a.zip"],
  ["export", "application/csv", "a.csv"],
  ["export", "application/vnd.ms-excel", "a.csv"],
  ["export", "text/comma-separated-values", "a.csv"],
  ["export", "text/x-csv", "a.csv"],
  ["export", "text/plain", "a.csv a.json"],
  ["export", "text/json", "a.json"],
  ["export", "application/x-pdf", "a.pdf"],
  ["export", "application/x-zip", "a.zip"],
  ["export", "application/x-zip-compressed", "a.zip"],
  ["export", "multipart/x-zip", "a.zip"],
  ["export", "text/html", ""],
  ["export", "image/png", ""],
];

test.for(TAKEN)("%s takes %j for: %s", async ([kind, type, names], { service, client }) => {
  service.answer(KINDS, LIMITS);
  const assets = client();
  const taken: string[] = [];
  for (const name of NAMES) {
    const done = assets.check(new File(["x"], name, { type }), { kind });
    await done.then(
      () => taken.push(name),
      ({ code }) => expect(code).toBe("unsupported_content_type"),
    );
  }
  expect(taken.join(" ")).toBe(names);
});

const NAMED: [type: string, name: string, taken: boolean][] = [
  ["text/plain", "TABLE.CSV", true],
  ["", "Driver Data.Json", true],
  ["", "a.b.csv", true],
  ["", "csv", true], // as rpartition(".")[2] has it
  ["", "table", false],
  ["", ".csv", true],
  ["", "table.", false],
  ["", "table.csv.exe", false],
  ["text/csv", "table", true],
  ["text/csv; charset=utf-8", "table", true],
  ["TEXT/CSV ; header=present", "table", true],
  ["text/plain;charset=utf-8", "table.csv", true],
  ["text/plain;charset=utf-8", "table.zip", false],
];

test.for(NAMED)("%j of the name %j: %s", async ([type, name, taken], { service, client }) => {
  service.answer(KINDS, LIMITS);
  const done = client().check(new File(["x"], name, { type }), { kind: "export" });
  if (taken) await expect(done).resolves.toBeUndefined();
  else expect((await failure(done)).code).toBe("unsupported_content_type");
});

test("a refused type is told with the endings of those that are taken", async ({
  service,
  client,
}) => {
  service.answer(KINDS, LIMITS);
  const page = new File(["x"], "page.html", { type: "text/html" });
  const error = await failure(client().check(page, { kind: "avatar" }));
  expect(error).toMatchObject({ code: "unsupported_content_type", retryable: false });
  expect(error.message).toBe(
    "This type of file is not accepted. Choose one of: .jpg, .jpeg, .jfif, .png, .webp.",
  );
});

const limited = (maxSize: number) => kindsAnswer("POST", [{ ...AVATAR, maxSize }]);
const sized = (size: number) =>
  new File([new Uint8Array(size)], "driver.png", { type: "image/png" });

test("a file of exactly the limit is taken", async ({ service, client }) => {
  service.answer(KINDS, LIMITS);
  const done = client().check(sized(AVATAR.maxSize), { kind: "avatar" });
  await expect(done).resolves.toBeUndefined();
});

test("a file of one byte is taken", async ({ service, client }) => {
  service.answer(KINDS, LIMITS);
  await expect(client().check(sized(1), { kind: "avatar" })).resolves.toBeUndefined();
});

const TOO_LARGE: [size: number, limit: number, message: string][] = [
  [2_097_153, 2_097_152, "The file has 2.01 MiB; at most 2 MiB are accepted."],
  [5_242_880, 2_097_152, "The file has 5 MiB; at most 2 MiB are accepted."],
  [2049, 2048, "The file has 2.01 KiB; at most 2 KiB are accepted."],
  [11, 10, "The file has 11 bytes; at most 10 bytes are accepted."],
];

test.for(TOO_LARGE)(
  "a file of %i bytes is over a limit of %i",
  async ([size, limit, message], { service, client }) => {
    service.answer(KINDS, limited(limit));
    const error = await failure(client().check(sized(size), { kind: "avatar" }));
    expect(error).toMatchObject({ code: "object_too_large", retryable: false });
    expect(error.message).toBe(`${message} Choose a smaller one.`);
  },
);

test("an empty file is refused", async ({ service, client }) => {
  service.answer(KINDS, LIMITS);
  const error = await failure(client().check(sized(0), { kind: "avatar" }));
  expect(error).toMatchObject({ code: "empty_object", retryable: false });
  expect(error.message).toMatch(/is empty/);
});

test("an upload refuses the same, and asks for no signature", async ({ service, client }) => {
  service.answer(KINDS, limited(10));
  const error = await failure(client().upload(sized(11), { kind: "avatar" }));
  expect(error.code).toBe("object_too_large");
  expect(service.of(SIGN)).toHaveLength(0);
});

test("`filename` decides over the name of the file", async ({ service, client }) => {
  service.answer(KINDS, LIMITS);
  const file = new File(["x"], "upload.tmp");
  await expect(
    client().check(file, { kind: "export", filename: "table.csv" }),
  ).resolves.toBeUndefined();
});

const BLOBS: [type: string, kind: string, name: string][] = [
  ["image/jpeg", "avatar", "upload.jpg"],
  ["image/webp", "avatar", "upload.webp"],
  ["application/zip", "export", "upload.zip"],
];

test.for(BLOBS)(
  "a Blob of %s has a name that its kind takes",
  async ([type, kind, filename], { service, bucket, client }) => {
    play("POST", service, bucket);
    service.answer(KINDS, LIMITS);
    bucket.answer("POST /bucket/", (response) => response.writeHead(204).end());
    await client().upload(new Blob(["x"], { type }), { kind });
    expect(said(service.of(SIGN)[0])).toMatchObject({ filename, contentType: type });
  },
);

test("a Blob without a type is refused, for nothing says what it is", async ({
  service,
  client,
}) => {
  service.answer(KINDS, LIMITS);
  const error = await failure(client().check(new Blob(["x"]), { kind: "export" }));
  expect(error.code).toBe("unsupported_content_type");
});
