// Sign, send the file straight to the bucket, complete, show: the client workflow on one page.

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
  const data = await answer.json();
  if (!answer.ok) throw new Error(data.detail.message);
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
  const state = (text) => { $(".state", item).textContent = text; };
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
    state("Inspecting…");
    show(await post("/uploads/complete", { objectKey: signed.objectKey }), item);
  } catch (error) {
    item.className = "failed";
    state(error.message);
  }
  $("progress", item).hidden = true;
}

function show(done, item) {
  item.className = "done";
  $(".state", item).textContent =
    `Sealed: ${size(done.contentLength)} as ${done.contentType}. The link lives ${done.expiresIn} s.`;
  $(".link", item).href = done.url;
  $(".actions", item).hidden = false;
  if (done.contentType.startsWith("image/")) {
    const preview = $(".preview", item);
    preview.href = done.url;
    $("img", preview).src = done.url;
    $("img", preview).alt = `The sealed picture ${done.filename ?? ""}`;
    preview.hidden = false;
  }
  $(".delete", item).onclick = async () => {
    try {
      await call(`/uploads?objectKey=${encodeURIComponent(done.objectKey)}`, { method: "DELETE" });
      item.remove();
    } catch (error) {
      item.className = "failed";
      $(".state", item).textContent = error.message;
    }
  };
}

const size = (bytes) =>
  bytes < 1024 ? `${bytes} bytes`
    : bytes < 1048576 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1048576).toFixed(1)} MiB`;

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
