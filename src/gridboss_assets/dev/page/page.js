// Sign, send the file straight to the bucket, complete, show: the client workflow on one page.

import { hasPosition } from "./metadata.js";

const $ = (selector, root = document) => root.querySelector(selector);

async function call(path, options = {}) {
  const headers = { ...(options.body && { "Content-Type": "application/json" }) };
  const token = $("#token").value.trim();
  if (token) headers.Authorization = `Bearer ${token}`;
  let answer;
  try {
    answer = await fetch(path, { ...options, headers });
  } catch {
    throw new Error("The API can't be reached. Is `gridboss-assets dev` still running?");
  }
  const data = await answer.json().catch(() => null);
  if (!answer.ok || data === null) {
    throw new Error(data?.detail?.message ?? `The API answered with status ${answer.status}.`);
  }
  return data;
}

const post = (path, body) => call(path, { method: "POST", body: JSON.stringify(body) });

// XMLHttpRequest, because fetch reports no progress of what it sends.
function send(signed, file, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(signed.method, signed.url);
    let body = file;
    if (signed.method === "POST") {
      body = new FormData();
      for (const [name, value] of Object.entries(signed.fields)) body.append(name, value);
      body.append("file", file); // S3 ignores every field that comes after the file
    }
    for (const [name, value] of Object.entries(signed.headers)) {
      request.setRequestHeader(name, value);
    }
    request.upload.onprogress = (event) => onProgress(event.loaded / event.total);
    request.onload = () => (request.status < 300 ? resolve() : reject(new Error(refusal(request))));
    request.onerror = () => reject(new Error("The bucket can't be reached, or its CORS rules do not allow this page."));
    request.send(body);
  });
}

function refusal(request) {
  const answer = new DOMParser().parseFromString(request.responseText, "text/xml");
  const code = answer.querySelector("Code")?.textContent ?? request.status;
  if (code === "EntityTooLarge") return "The file is larger than allowed. Choose a smaller one.";
  return `The bucket refused the file (${code}). Try again.`;
}

async function upload(kind, file, item) {
  const times = []; // when each state began
  const state = (text) => { times.push(performance.now()); $(".state", item).textContent = text; };
  try {
    state("Signing…");
    const signed = await post("/uploads/sign", {
      kind, filename: file.name, contentType: file.type, size: file.size,
    });
    if (file.size > signed.maxSize) {
      throw new Error(`The file is larger than ${size(signed.maxSize)}. Choose a smaller one.`);
    }
    state("Sending to the bucket…");
    await send(signed, file, (part) => { $("progress", item).value = part; });
    state("Inspecting and sealing…");
    const done = await post("/uploads/complete", { objectKey: signed.objectKey });
    state("Sealed");
    await show(done, file, item);
    const [toSign, toSend, toSeal] = [1, 2, 3].map((end) => Math.round(times[end] - times[end - 1]));
    fact(item, "Took", `${toSign} ms to sign, ${toSend} ms to send, ${toSeal} ms to inspect and seal`);
  } catch (error) {
    fail(item, error);
  }
  $("progress", item).hidden = true;
}

function fail(item, error) {
  item.className = "failed";
  $(".state", item).textContent = error.message;
}

function fact(item, name, value) {
  const [term, description] = [document.createElement("dt"), document.createElement("dd")];
  term.textContent = name;
  description.textContent = value;
  $(".facts", item).append(term, description);
}

async function show(done, file, item) {
  item.className = "done";
  $("progress", item).hidden = true;
  const picture = done.contentType.startsWith("image/");
  let [before, after] = ["", ""];
  if (picture) {
    // The very bytes that everybody gets: fetched through the link, shown, and looked into. Another
    // bucket's CORS rules may keep a page from reading them; they can be shown even so.
    const sealed = await fetch(done.url).then((answer) => answer.blob()).catch(() => null);
    const preview = $(".preview", item);
    preview.href = done.url;
    $("img", preview).src = sealed ? URL.createObjectURL(sealed) : done.url;
    $("img", preview).alt = `The sealed picture of ${file.name}`;
    preview.hidden = false;
    const said = (found) => (found ? ", with a GPS position" : ", without a GPS position");
    before = said(await hasPosition(file));
    if (sealed) after = said(await hasPosition(sealed));
  }
  fact(item, "Sent", size(file.size) + before);
  fact(item, "Got back", `${size(done.contentLength)}, ${done.contentType}${after}`);
  fact(item, "Key", done.objectKey);
  fact(item, "Link", `valid until ${new Date(Date.now() + done.expiresIn * 1000).toLocaleTimeString()}`);
  $(".link", item).href = done.url;
  $(".actions", item).hidden = false;
  $(".delete", item).onclick = async () => {
    try {
      await call(`/uploads?objectKey=${encodeURIComponent(done.objectKey)}`, { method: "DELETE" });
      item.remove();
    } catch (error) {
      fail(item, error);
    }
  };
}

const UNITS = [[1048576, "MiB"], [1024, "KiB"], [1, "bytes"]];

function size(bytes) {
  const [unit, name] = UNITS.find(([least]) => bytes >= least) ?? [1, "bytes"];
  return `${+(bytes / unit).toFixed(1)} ${name}`;
}

function accept(section, files) {
  for (const file of files) {
    const item = $("#result").content.firstElementChild.cloneNode(true);
    $(".name", item).textContent = file.name;
    $(".results", section).prepend(item);
    upload(section.dataset.kind, file, item);
  }
}

for (const section of document.querySelectorAll("section")) {
  const drop = $(".drop", section);
  const input = $(".file", section);
  input.onchange = () => { accept(section, input.files); input.value = ""; };
  drop.ondragover = (event) => { event.preventDefault(); drop.classList.add("over"); };
  drop.ondragleave = () => drop.classList.remove("over");
  drop.ondrop = (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    accept(section, event.dataTransfer.files);
  };
}

// A file that misses its place must not take the place of this page.
for (const name of ["dragover", "drop"]) {
  window.addEventListener(name, (event) => event.preventDefault());
}

try {
  const [{ kinds }, config] = await Promise.all([call("/uploads/kinds"), call("/page/config.json")]);
  $("#bucket").textContent = config.bucket;
  $("#anonymous").hidden = config.signIn;
  $("#sign-in").hidden = !config.signIn;
  for (const kind of kinds) {
    const section = $(`section[data-kind=${kind.name}]`);
    if (!section) continue;
    const endings = Object.values(kind.contentTypes).flat();
    $(".limits", section).textContent = `${endings.join(" ")} up to ${size(kind.maxSize)}`;
    $(".file", section).accept = [...Object.keys(kind.contentTypes), ...endings].join(",");
  }
} catch (error) {
  $("#trouble").textContent = error.message;
  $("#trouble").hidden = false;
}
