// Rows of the protocol: one an event, of one height. Also which answer which.

import { el, link } from "./dom.js";
import { count, difference, duration, maskPieces, occurrences, spoken, timeParts, visible } from "./text.js";
import { prefs } from "./prefs.js";
import { withKeys } from "./window.js";

/** Gives rows of an answer their keys. Derived events share an address with the entry they follow from. */
export const keyed = (items) => withKeys(items, (row) => (row.event === "message" || row.event === "finding" || row.event === "http" ? `~${row.event}~${row.name ?? ""}` : ""));

const number = /^\S+ (\d{1,10})(?: |$)/;

/** Which row answers which, among these rows: Map from key to { key, ns }. */
export function answers(rows) {
  const requests = new Map(), pairs = new Map();
  for (const row of rows) {
    if (row.event !== "frame" || !row.line) continue;
    const trid = row.verb === "PNG" || row.verb === "QNG" ? "png" : number.exec(row.line)?.[1];
    if (!trid || trid === "0") continue;
    const name = row.conn + " " + trid;
    if (row.dir === "c2s") requests.set(name, row);
    else if (requests.has(name)) {
      const request = requests.get(name), ns = difference(row, request);
      if (!pairs.has(request.key)) pairs.set(request.key, { key: row.key, at: row.at, ns });
      pairs.set(row.key, { key: request.key, at: request.at, ns: null });
      if (trid === "png") requests.delete(name);
    }
  }
  return pairs;
}

/** Columns: name, title, width. */
export const columns = [["time", "time", "9.6em"], ["delta", "Δ", "5em"], ["conn", "conn", "5.4em"], ["who", "who", "2.9em"], ["verb", "verb", "3.4em"],
  ["line", "line", "minmax(0, 1fr)"], ["answer", "answer", "5em"], ["notes", "notes", "11em"]];

export function marked(text, needle) {
  const out = [];
  let from = 0;
  for (const [start, end] of occurrences(text, needle)) {
    out.push(text.slice(from, start), el("mark", null, text.slice(start, end)));
    from = end;
  }
  out.push(text.slice(from));
  return out;
}

/** A line of the protocol: masks are elements, hits are marked, what hides is written out. */
export function lineParts(line, { needle, tracked } = {}, masks = []) {
  return maskPieces(line, masks).map((piece) => piece.mask
    ? el("span", { class: "mask" + (tracked === piece.mask ? " tracked" : ""), title: "a secret; the same one has the same name", "data-mask": piece.mask }, "secret:" + piece.mask)
    : tracked && piece.text.includes(tracked) ? piece.text.split(tracked).flatMap((part, index) => [index ? el("span", { class: "tracked" }, visible(tracked)) : null, ...marked(visible(part), needle)])
      : marked(visible(piece.text), needle));
}

const cell = (name, ...content) => el("span", { role: "gridcell", class: "c-" + name }, ...content);

/** The node of a row. context: { needle, tracked, markedRow, pairs, hidden } */
export function rowNode(row, context) {
  if (row.passed) return wide("passed", "┄", el("button", { type: "button", class: "quiet", onclick: () => context.onPassed(row) }, `${count(row.passed)} rows passed by${row.since ? ` since ${timeParts(row.since, prefs.get("local")).clock}` : ""} — load them`));
  if (row.folded) {
    const verbs = [...new Set(row.folded.map((inner) => inner.kind === "typing" ? "typing" : inner.verb))].slice(0, 6).join(", ");
    return wide("folded", row.isOpen ? "▾" : "▸", el("button", { type: "button", class: "quiet", tabIndex: -1, "aria-expanded": String(row.isOpen), onclick: () => context.onFold(row) }, `${count(row.folded.length)} × ${verbs}`), el("span", { class: "faint" }, row.isOpen ? " unfolded" : " folded"));
  }
  const parts = timeParts(row.time, prefs.get("local")), base = context.markedRow ?? row.above;
  const gap = base?.time && base.key !== row.key ? difference(row, base) : null;
  const [side, arrow] = { c2s: ["C:", "→"], s2c: ["S:", "←"] }[row.dir] ?? ["", ""];
  return el("div", { role: "row", class: `row event-${row.event} role-${row.role ?? "none"} ${side && row.dir}${row.key === context.markedRow?.key ? " is-base" : ""}${row.verb > 0 ? " is-error" : ""}` },
    cell("time", parts.clock, el("small", null, ".", parts.micro)),
    cell("delta", gap === null ? "" : (gap < 0 ? "" : "+") + duration(gap)),
    cell("conn", el("span", { class: "role" }, row.role === "unknown" ? "" : row.role ?? ""), " ", row.conn ? link("/c" + row.conn, { tabIndex: -1 }, "c" + row.conn) : ""),
    cell("who", side, el("span", { "aria-hidden": "true" }, arrow)),
    ...body(row, context));
}

function wide(name, sign, ...content) {
  return el("div", { role: "row", class: "row wide event-" + name }, el("span", { role: "gridcell", class: "c-wide" }, el("span", { class: "sign", "aria-hidden": "true" }, sign), " ", ...content));
}

function body(row, context) {
  const { needle } = context, text = (string) => marked(visible(string, 300), needle);
  const rest = (sign, ...content) => [cell("verb", el("span", { class: "sign" }, sign)), cell("line", el("span", { class: "l" }, content)), cell("answer"), cell("notes", notes(row, context))];
  switch (row.event) {
    case "opened": return rest("○", "opened  ", text(row.text ?? ""));
    case "closed": return rest("●", "closed: ", text(row.text ?? ""));
    case "tunnel": return rest("▭", "tunnel to ", text(row.text ?? ""));
    case "gap": return rest("✕", `${count(row.bytes)} bytes are missing here`);
    case "noise": return rest("≋", `${count(row.bytes)} bytes: `, text((row.reason ?? row.text ?? "").replaceAll("_", " ")));
    case "rewritten": return rest("⇄", "the relay sent ", changed(row.sent, row.to, row.masks, needle), el("span", { class: "faint" }, " instead of "), el("del", null, text(row.from ?? "")));
    case "finding": return rest(row.severity === "note" ? "•" : "▲", el("b", { class: "severity-" + (row.severity ?? "note") }, text(row.name ?? "")), " ", text(row.text ?? ""));
    case "message": return rest("❝", el("bdi", { class: "words" }, marked(spoken(row.text, 200).replace(/\n/g, " ⏎ "), needle)), el("span", { class: "faint" }, "  ", text(row.from ?? "")));
    case "http": return rest("⇅", lineParts(row.line ?? "", context, row.masks), row.cut ? "…" : "", el("span", { class: "faint" }, `  ${row.request ? `answers ${visible(row.request, 120)}, ` : ""}${count(row.body_bytes ?? 0)} B`));
    case "frame": break;
    default: return rest("!", text(row.text ?? row.event));
  }
  const pair = context.pairs?.get(row.key);
  return [
    cell("verb", marked(visible(row.verb ?? "", 24), needle)),
    cell("line", el("span", { class: "l" }, lineParts((row.line ?? "").slice((row.verb ?? "").length + 1), context, row.masks), row.cut ? "…" : ""),
      row.text ? el("span", { class: "words", dir: "auto" }, marked(spoken(row.text, 160).replace(/\n/g, " ⏎ "), needle)) : row.kind ? el("span", { class: "kind" }, visible(row.kind, 40).replaceAll("_", " ")) : null,
      row.payload_bytes && !row.text ? el("span", { class: "faint" }, `${count(row.payload_bytes)} B`) : null),
    cell("answer", pair ? (pair.ns === null ? "↑" : duration(pair.ns) + " ↓") : ""),
    cell("notes", notes(row, context)),
  ];
}

function notes(row, context) {
  return [row.leads_to ? link("/" + row.leads_to, { tabIndex: -1, class: "leads" }, "→ " + row.leads_to) : null,
    row.changed ? el("span", { class: "badge changed", title: "The relay changed this line" }, "⇄ changed") : null,
    (row.notes ?? []).slice(0, 3).map((name) => el("span", { class: "badge warning", title: visible(name) }, "▲"))];
}

/** A line with the one token marked that was put in. */
export function changed(line, token, masks, needle) {
  const at = token ? String(line ?? "").indexOf(token) : -1;
  if (at < 0) return lineParts(line ?? "", { needle }, masks);
  return [lineParts(line.slice(0, at), { needle }, masks), el("ins", null, visible(token)), lineParts(line.slice(at + token.length), { needle }, masks)];
}
