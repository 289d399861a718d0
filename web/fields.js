// The fields of an event as rows, and which bytes each is. Pure.

const suffixes = ["_name", "_names", "_text", "_account", "_network_name", "_via"];

function shown(value) {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return value.map(shown).join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Rows { path, name, value, meaning, isText } of a full event. */
export function fieldRows(event, bytes) {
  const rows = [], fields = { ...event.fields }, used = new Set(), decoder = new TextDecoder();
  const add = (path, name, value, meaning, more) => rows.push({ path, name, value: shown(value), meaning: meaning ? shown(meaning) : "", ...more });
  const meaning = (holder, name) => suffixes.map((suffix) => { used.add(name + suffix); return holder[name + suffix]; }).filter((text) => text !== undefined && text !== "" && shown(text) !== shown(holder[name])).map(shown).join(" · ");
  if (event.verb) add("verb", "verb", event.verb, fields.verb_name);
  (event.args ?? []).forEach((value, index) => {
    const path = "args." + index, name = event.names?.[path];
    if (name) used.add(name);
    add(path, name ?? `argument ${index + 1}`, value, name ? meaning(fields, name) : "");
  });
  if (event.request_at || event.request) { used.add("request"); used.add("latency_ns"); }
  const headers = (event.spans ?? []).filter(([, , path]) => /^headers\.\d+\.value$/.test(path));
  for (const [from, to, path] of headers) {
    const name = event.spans.find(([, , other]) => other === path.replace("value", "name"));
    if (to <= bytes.length) add(path, name ? decoder.decode(bytes.subarray(name[0], name[1])) : "header", decoder.decode(bytes.subarray(from, to)));
  }
  if (event.message?.text !== undefined && event.message) add("payload.text", "text", event.message.text, "", { isText: true });
  for (const [name, value] of Object.entries(fields)) {
    if (used.has(name) || isSuffix(fields, name)) continue;
    flatten(name === "body" || name === "slp" || name === "peer" ? name : "fields." + name, name, value, add, meaning, fields);
  }
  for (const name of ["bytes", "reason", "offset", "client", "server", "file", "from", "to", "original", "sent", "text", "name", "severity"]) if (event.event !== "frame" && event[name] !== undefined && event[name] !== null) add(name, name, event[name]);
  if (event.payload !== undefined && !event.message && event.payload_bytes && !headers.length) add("payload", "payload", event.payload);
  if ((event.spans ?? []).some(([, , path]) => path === "line_end")) add("line_end", "line end", "CR LF");
  return rows.slice(0, 600);
}

function isSuffix(holder, name) {
  return suffixes.some((suffix) => name.endsWith(suffix) && name.slice(0, -suffix.length) in holder);
}

function flatten(path, name, value, add, meaning, holder, depth = 0) {
  if (value && typeof value === "object" && !Array.isArray(value) && depth < 6) {
    for (const [key, inner] of Object.entries(value)) if (!isSuffix(value, key)) flatten(`${path}.${key}`, name === "body" ? key : `${name}.${key}`, inner, add, (_, inside) => meaning(value, inside), value, depth + 1);
  } else if (Array.isArray(value) && value.some((item) => item && typeof item === "object") && depth < 6) {
    value.slice(0, 50).forEach((item, index) => flatten(`${path}.${index}`, `${name}.${index}`, item, add, (_, inside) => meaning(value, inside), item, depth + 1));
  } else add(path, name, value, meaning(holder, path.split(".").at(-1)));
}

const parent = (path) => path.slice(0, Math.max(0, path.lastIndexOf(".")));

/** The bytes of a path, or of its nearest parent: [from, to] or null. */
export function spanOf(spans, path) {
  for (let name = path; name; name = parent(name)) {
    const found = spans.filter(([, , other]) => other === name);
    if (found.length) return [found[0][0], found.at(-1)[1]];
    const inside = spans.filter(([, , other]) => other.startsWith(name + "."));
    if (inside.length) return [Math.min(...inside.map(([from]) => from)), Math.max(...inside.map(([, to]) => to))];
  }
  return /^(body|payload|slp|peer|headers)/.test(path) && path !== "payload" ? spanOf(spans, "payload") : null;
}

/** The path of the smallest span around bytes. */
export function innermost(spans, from, to) {
  let best = null;
  for (const span of spans) if (span[0] <= from && span[1] >= to && (!best || span[1] - span[0] <= best[1] - best[0])) best = span;
  return best?.[2] ?? null;
}

/** The row of a path, or of what is nearest to it. */
export function rowFor(rows, path) {
  for (let name = path; name; name = parent(name)) {
    const row = rows.find((candidate) => candidate.path === name) ?? rows.find((candidate) => candidate.path.startsWith(name + "."));
    if (row) return row;
  }
  return path === "payload" || path.startsWith("body") ? rows.find((row) => row.isText || row.path.startsWith("body")) : undefined;
}

/** Where the words of a message are in its bytes. */
export function textSpan(spans, bytes, text) {
  const found = spans.find(([, , path]) => path === "payload.text" || path === "body.text");
  if (found) return [found[0], found[1]];
  const payload = spans.find(([, , path]) => path === "payload"), start = payload?.[0] ?? 0, wanted = new TextEncoder().encode(text);
  if (!wanted.length) return null;
  outer: for (let from = bytes.length - wanted.length; from >= start; from -= 1) {
    for (let index = 0; index < wanted.length; index += 1) if (bytes[from + index] !== wanted[index]) continue outer;
    return [from, from + wanted.length];
  }
  const body = spans.find(([, , path]) => path === "body") ?? payload;
  return body ? [body[0], body[1]] : null;
}
