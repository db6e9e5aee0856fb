// Sends a request of the page /api/docs in the reader's own session and shows what comes back.
"use strict";
const LONGEST = 20000;

function proof() {
  const kept = document.cookie.split("; ").find((each) => each.startsWith("_csrf_token="));
  return kept ? decodeURIComponent(kept.slice("_csrf_token=".length)) : "";
}

function read(form) {
  const query = new URLSearchParams();
  const headers = { "X-CSRFToken": proof() };
  let path = form.dataset.path;
  for (const field of form.querySelectorAll("input[data-in]")) {
    if (field.dataset.in === "path") path = path.replace(`{${field.name}}`, encodeURIComponent(field.value));
    else if (field.value && field.dataset.in === "query") query.set(field.name, field.value);
    else if (field.value) headers[field.name] = field.value;
  }
  const body = form.querySelector("textarea[name=body]");
  if (body) headers["Content-Type"] = "application/json";
  const address = query.size ? `${path}?${query}` : path;
  return [address, { method: form.dataset.method, headers, body: body ? body.value : undefined }];
}

function shown(text, kind) {
  const isJson = kind.includes("json") && text;
  const told = isJson ? JSON.stringify(JSON.parse(text), null, 2) : text;
  return told.length > LONGEST ? `${told.slice(0, LONGEST)}\n…` : told;
}

// A link to what is folded unfolds it.
function unfold() {
  const meant = window.location.hash && document.getElementById(decodeURIComponent(window.location.hash.slice(1)));
  if (meant && meant.matches("details")) {
    meant.open = true;
    meant.scrollIntoView();
  }
}
window.addEventListener("hashchange", unfold);
unfold();

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.dataset.path) return;
  event.preventDefault();
  const out = form.querySelector("pre");
  const [address, request] = read(form);
  out.hidden = false;
  out.textContent = "…";
  try {
    const came = await fetch(address, request);
    const kind = came.headers.get("Content-Type") || "";
    const tag = came.headers.get("ETag");
    const head = `${request.method} ${address}\n${came.status} ${kind}${tag ? `\nETag: ${tag}` : ""}`;
    out.textContent = `${head}\n\n${shown(await came.text(), kind)}`;
  } catch (error) {
    out.textContent = String(error);
  } finally {
    form.querySelector("button").disabled = false;
  }
});
