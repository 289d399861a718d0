// Asks the server: session, and requests with their retries.

import { parseJSON } from "./text.js";

export const base = "/api/v1";

/** An answer that is an error, or none at all. */
export class APIError extends Error {
  constructor(status, error) {
    super(error?.text ?? "The program did not answer.");
    this.status = status;
    this.errorName = error?.name ?? "unreachable";
    this.column = error?.column;
    this.nearest = error?.nearest;
  }
}

const listeners = {};
let key = null, token = null, waiting = null, isDown = false;

/** The session's key in the browser's storage, which may be switched off: then it is kept in this tab only. */
function storedKey(...changed) {
  try {
    if (!changed.length) return localStorage.getItem("butterflynet.key");
    localStorage.setItem("butterflynet.key", changed[0]);
  } catch { /* this tab only */ }
  return null;
}

/** Calls back when the program stops or starts answering (`down`), when the session ends, or when it is busy. */
export function on(name, listener) {
  listeners[name] = listener;
}

/** Makes a session from a token. The token is kept in memory only, so that a restarted program can be joined again. */
export async function signIn(given) {
  const answer = await fetch(base + "/session", {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ token: given }), credentials: "same-origin",
  });
  const body = parseJSON(await answer.text() || "{}");
  if (!answer.ok) throw new APIError(answer.status, body.error);
  key = body.key;
  token = given;
  storedKey(key);
  waiting?.done();
  waiting = null;
}

export async function signOut() {
  await fetch(base + "/session", { method: "DELETE", headers: headers() }).catch(() => {});
  key = token = null;
  storedKey("");
  listeners.signedOut("You signed out.");
}

/** The fields that every request has. */
export function headers(more) {
  key ||= storedKey();
  return { ...(key ? { "X-Butterflynet-Key": key } : {}), ...more };
}

/** Waits for a session: joins again with the token in memory once, else until the form is answered. */
async function signedIn(usedKey) {
  const newer = storedKey();
  if (newer && newer !== usedKey) {
    key = newer;
    return;
  }
  if (token) {
    const again = token;
    token = null;
    try {
      return await signIn(again);
    } catch { /* another program: the form */ }
  }
  if (!waiting) {
    let done;
    waiting = { promise: new Promise((resolve) => (done = resolve)), done };
    listeners.signedOut();
  }
  return waiting.promise;
}

export const pause = (milliseconds, signal) => new Promise((resolve, reject) => {
  const timer = setTimeout(resolve, milliseconds);
  signal?.addEventListener("abort", () => { clearTimeout(timer); reject(signal.reason); }, { once: true });
});

/** The pause after so many failures, in milliseconds. */
export const patience = (failures) => Math.min(30, 2 ** (failures - 1)) * 1000;

/** One request that goes on over sign-in, a busy server and one that is gone. */
export async function request(path, { params = {}, signal, method = "GET", body } = {}) {
  const query = new URLSearchParams(Object.entries(params).filter(([, value]) => (value ?? "") !== "" && value !== false).map(([name, value]) => [name, value === true ? "1" : value]));
  const address = base + path + (query.size ? "?" + query : "");
  for (let failures = 0, busy = 0; ;) {
    const usedKey = key || storedKey();
    if (!usedKey) {
      await signedIn(null);
      continue;
    }
    let answer;
    const kept = method === "GET" ? tags.get(address) : undefined;
    try {
      answer = await fetch(address, {
        method, signal, body: body && JSON.stringify(body), cache: "no-store",
        headers: headers({ ...(body && { "Content-Type": "application/json" }), ...(kept && { "If-None-Match": kept.tag }) }),
      });
    } catch (error) {
      if (signal?.aborted) throw error;
      listeners.down((isDown = true));
      await pause(patience((failures += 1)), signal);
      continue;
    }
    if (isDown) listeners.down((isDown = false));
    if (answer.status === 304 && kept) return { kept: kept.value };
    if (answer.ok) return { answer, address };
    const problem = await answer.text().then(parseJSON).catch(() => ({}));
    if (answer.status === 401) await signedIn(usedKey);
    else if (answer.status === 503 && (busy += 1) < 30) {
      if (busy === 3) listeners.busy();
      await pause(1000, signal);
    } else throw new APIError(answer.status, problem.error);
  }
}

/** Answers with a strong ETag, the last 40, in memory only. */
const tags = new Map();

function remember(address, tag, value) {
  tags.delete(address);
  tags.set(address, { tag, value });
  if (tags.size > 40) tags.delete(tags.keys().next().value);
}

export async function get(path, params, signal) {
  const { answer, kept, address } = await request(path, { params, signal });
  if (kept) return kept;
  const value = parseJSON(await answer.text());
  const tag = answer.headers.get("ETag");
  if (tag) remember(address, tag, value);
  return value;
}

export async function getBytes(path, params, signal) {
  const { answer } = await request(path, { params, signal });
  const total = Number(answer.headers.get("X-Total"));
  return { bytes: new Uint8Array(await answer.arrayBuffer()), total };
}

export async function getText(path, params, signal) {
  const { answer } = await request(path, { params, signal });
  return { text: await answer.text(), next: answer.headers.get("X-Next") };
}

export async function getBlob(path, params, signal) {
  return (await request(path, { params, signal })).answer.blob();
}

/** A module that is loaded when it is needed; waits for the program where it is gone. */
export async function loaded(load) {
  try {
    return await load();
  } catch {
    await get("/");
    return load();
  }
}

/** Saves a file that the program prepares. */
export async function download(order) {
  const { answer } = await request("/downloads", { method: "POST", body: order });
  const { url } = parseJSON(await answer.text());
  if (!/^\/download\/[\w-]+$/.test(url)) throw new Error("not a download");
  location.assign(url);
}
