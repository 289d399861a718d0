// The selected event: fields, bytes and the words in the talk, each marking the others.

import { announce, button, copy, el, link, menu, put, saveBlob } from "./dom.js";
import { get, getBytes } from "./api.js";
import { duration, maskPieces, spoken, timeParts, visible } from "./text.js";
import { byteRange } from "./router.js";
import { prefs } from "./prefs.js";
import { Bytes } from "./bytes.js";
import { changed, lineParts } from "./rows.js";
import { fieldRows, innermost, rowFor, spanOf, textSpan } from "./fields.js";
import { byteOffset, markedWords, selectedRange, textOffset } from "./words.js";

const panes = ["fields", "bytes", "both"];

export class Detail {
  constructor(app) {
    this.app = app;
    this.title = el("div", { class: "detail-title" });
    this.switches = el("div", { class: "segments", role: "group", "aria-label": "What is shown" }, panes.map((name) =>
      button(name, () => this.setPane(name), { "data-pane-name": name })), button("contacts", () => this.setContacts(!this.contacts), { "data-pane-name": "contacts" }));
    this.fields = el("div", { class: "fields", role: "listbox", "aria-label": "Fields", tabIndex: 0, "data-keys": "", onkeydown: (event) => this.fieldKey(event),
      onclick: (event) => { const node = event.target.closest("[data-path]"); if (node && !event.target.closest("a, button")) this.selectField(node.dataset.path); } });
    this.words = el("div");
    this.bytes = new Bytes((from, to) => this.selectBytes(from, to));
    this.extra = el("div", { class: "contacts-box", tabIndex: 0, role: "region", "aria-label": "Contact list" });
    this.content = el("div", { class: "detail-content" }, this.words, this.fields, this.bytes.element);
    this.element = el("div", { class: "detail" }, el("div", { class: "detail-head" },
      button("Back to the list", () => app.leaveDetail(), { icon: "left", class: "back" }), this.title, button("Close the detail", () => app.leaveDetail(), { icon: "close", class: "close" })), this.switches, this.content, this.extra);
    this.drawPanes();
  }

  clear() {
    this.asking?.abort();
    this.at = this.event = null;
  }

  setPane(name) {
    prefs.set("pane", name);
    this.setContacts(false);
    this.drawPanes();
  }

  drawPanes() {
    const pane = prefs.get("pane");
    this.content.dataset.show = pane;
    this.content.hidden = !!this.contacts;
    this.extra.hidden = !this.contacts;
    for (const node of this.switches.children) node.setAttribute("aria-pressed", (this.contacts ? "contacts" : pane) === node.dataset.paneName);
  }

  setContacts(isOn) {
    if (this.contacts !== isOn) this.app.setParams({ panel: isOn ? "contacts" : undefined });
    const hadFocus = (isOn ? this.content : this.extra).contains(document.activeElement);
    this.contacts = isOn;
    this.drawPanes();
    if (hadFocus) (isOn ? this.extra : this.fields).focus();
    if (isOn) this.loadContacts();
  }

  async loadContacts() {
    const { contactList } = await import("./contacts.js");
    if (this.event) contactList(this.extra, this.at, this.event, this.asking?.signal);
  }

  /** Loads an event. Nothing moves while the same one is asked for again. */
  async show(at, { focus, words } = {}) {
    if (this.at !== at || !this.event) {
      this.asking?.abort();
      const { signal } = (this.asking = new AbortController());
      this.at = at;
      this.event = null;
      try {
        await this.load(at, signal);
      } catch (error) {
        if (error.name !== "AbortError") this.note(at, error.status === 404 ? `There is no ${at} in this archive.` : error.message);
        return;
      }
    } else if (!words) return focus && this.fields.focus();
    const { params } = this.app.route ?? { params: {} }, range = byteRange(params.b);
    if (words) this.selectWords(...words);
    else if (range) this.selectBytes(...range, true);
    else if (params.sel) this.selectField(params.sel, true);
    if (focus) this.fields.focus();
  }

  /** Asks until the event is there. What stands before it has to be read once, which takes long in a long connection. */
  async load(at, signal) {
    const slow = setTimeout(() => this.note(at, "Reading …"), 150);
    const stop = button("Cancel", () => { this.asking.abort(); this.note(at, "Not read."); });
    try {
      let event = await get("/events/" + at, {}, signal);
      while (event.done === false) {
        clearTimeout(slow);
        this.note(at, `Reading ${at.split(".")[0]} from its beginning: ${Math.floor((100 * event.scanned) / event.total)} % `, stop);
        event = await get("/events/" + at, {}, signal);
      }
      const bytes = await getBytes(`/events/${at}/bytes`, { offset: 0, length: 4096 }, signal).catch((error) => {
        if (error.name === "AbortError") throw error;
        return { bytes: new Uint8Array(), total: 0, error };
      });
      this.event = event;
      this.spans = event.spans ?? [];
      this.content.hidden = false;
      this.bytes.show(at, bytes.bytes, Math.max(bytes.total || 0, bytes.bytes.length), this.spans, signal, bytes.error);
      this.draw();
      this.contacts = this.app.route?.params.panel === "contacts";
      this.drawPanes();
      if (this.contacts) this.loadContacts();
    } finally {
      clearTimeout(slow);
    }
  }

  note(at, ...content) {
    put(this.title, el("span", { class: "id" }, at));
    put(this.fields);
    this.bytes.clear();
    put(this.words, el("p", { class: "empty", role: "status" }, content));
  }

  draw() {
    const { event } = this, { message, latency_ns: latency } = event, parts = timeParts(event.time, prefs.get("local"));
    const side = { c2s: "C: ", s2c: "S: " }[event.dir] ?? "", at = (address) => link("/" + address, {}, address), after = latency ? ` after ${duration(latency)}` : "";
    put(this.title, el("h1", { class: "detail-line" }, link("/" + event.at, { class: "id" }, event.at), " ", el("span", { class: `who ${event.dir ?? ""}` }, side), el("code", null, lineParts(event.line ?? event.verb ?? event.event ?? "", {}, event.masks))),
      el("div", { class: "detail-facts" }, `${parts.date} ${parts.clock}.${parts.micro} ${parts.zone}`, " · ", link("/c" + event.conn, {}, `${event.role ?? ""} c${event.conn}`),
        event.answer_at ? [" · answered by ", at(event.answer_at), event.request_at ? "" : after] : null, event.request_at ? [" · answers ", at(event.request_at), after] : null,
        event.leads_to ? [" · led to ", at(event.leads_to)] : null, " ", this.copies(side)));
    const findings = (event.findings ?? []).map((finding) => el("div", { class: "finding-box severity-" + finding.severity }, el("b", null, finding.severity === "note" ? "• " : "▲ ", visible(finding.name)), " ", visible(finding.text)));
    const change = (name, line, token) => el("div", null, el("span", { class: "faint" }, name), el("code", null, changed(line, token)));
    const rewritten = event.event === "rewritten" ? el("div", { class: "change-box" }, change("received ", event.original, event.from), change("sent ", event.sent, event.to)) : null;
    this.text = message?.text ?? null;
    this.span = this.text === null ? null : textSpan(this.spans, this.bytes.data, this.text);
    this.marked = null;
    this.line = this.text === null ? null : el("div", { class: "words message-text", dir: "auto", tabIndex: 0, "aria-label": "The words; select some to mark their bytes",
      onmouseup: () => this.wordsSelected(), onkeyup: (key) => { if (key.shiftKey || key.key === "Shift") this.wordsSelected(); } });
    this.drawWords();
    put(this.words, findings, rewritten, this.line ? el("div", { class: "message-box" }, el("div", { class: "faint" }, visible(message.from ?? "", 80), message.to?.length ? " to " + message.to.map((to) => visible(to, 80)).join(", ") : "",
      event.talk ? [" in ", link(`/${event.talk}?at=${event.at}`, {}, "talk " + event.talk)] : null), this.line) : null);
    this.rows = fieldRows(event, this.bytes.data);
    put(this.fields, this.rows.map((row) => this.fieldNode(row)));
    this.fields.hidden = !this.rows.length;
  }

  copies(side) {
    const { event } = this, data = () => this.bytes.data;
    return menu("Copy", [
      ["Line", () => copy(side + (event.line ?? event.text ?? ""), "the line")],
      ["JSON", () => copy(JSON.stringify(event, null, 2), "the JSON")],
      ["Hex", () => copy([...data()].map((byte) => byte.toString(16).padStart(2, "0")).join(" "), "the bytes")],
      ["Base64", () => copy(btoa(String.fromCharCode(...data())), "the bytes")],
      ["Address", () => copy(location.origin + "/" + event.at, "the address")],
      ["Save the bytes", () => saveBlob(new Blob([data()]), `butterflynet-${event.at}.bin`)],
    ], { class: "small-button" });
  }

  fieldNode(row) {
    const value = row.isText ? el("span", { class: "value words", dir: "auto" }, spoken(row.value, 2000)) : el("span", { class: "value" }, lineParts(row.value, { tracked: this.app.view?.tracked }, this.event.masks));
    return el("div", { class: "field", role: "option", "aria-selected": "false", id: "field-" + row.path.replace(/\W/g, "_"), "data-path": row.path },
      el("span", { class: "name" }, visible(row.name, 60)), value, row.meaning ? el("span", { class: "meaning" }, visible(row.meaning, 300)) : null,
      this.track(row) ? el("button", { type: "button", class: "quiet", tabIndex: -1, title: "Mark it wherever it occurs (Enter)", "aria-hidden": "true", onclick: this.track(row) }, "⌖") : null);
  }

  /** What marks the secret or account in a field wherever it occurs; nothing for other fields. */
  track({ value }) {
    const text = maskPieces(value, this.event.masks)[0]?.mask ?? (value.includes("@") ? value : null), { view } = this.app;
    return text && view?.track ? () => view.track(text) : null;
  }

  fieldKey(event) {
    const rows = this.rows ?? [], here = rows.findIndex((row) => row.path === this.field);
    const to = { ArrowDown: here + 1, j: here + 1, ArrowUp: here - 1, k: here - 1, Home: 0, End: rows.length - 1 }[event.key];
    const mark = event.key === "Enter" && rows[here] && this.track(rows[here]);
    if ((to === undefined && !mark) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    if (mark) return mark();
    const row = rows[Math.max(0, Math.min(rows.length - 1, to))];
    if (row) this.selectField(row.path);
  }

  selectField(path, quiet) {
    const row = rowFor(this.rows ?? [], path);
    if (!row) return;
    const span = row.isText ? this.span : spanOf(this.spans, path);
    this.mark(row.path, span, quiet);
  }

  selectBytes(from, to, quiet) {
    const path = innermost(this.spans, from, to) ?? "";
    this.mark(rowFor(this.rows ?? [], path)?.path ?? null, [from, to], quiet, true);
  }

  /** Words in the text mark their bytes. Offsets are in UTF-16. */
  selectWords(from, to) {
    if (this.text === null || !this.span) return;
    const [start, end] = this.span, exact = end - start === byteOffset(this.text, this.text.length);
    const range = exact ? [start + byteOffset(this.text, from), start + byteOffset(this.text, to)] : this.span;
    this.mark(rowFor(this.rows, innermost(this.spans, ...range) ?? "payload")?.path ?? null, range, false, true);
  }

  mark(path, range, quiet, isRange) {
    this.field = path;
    this.marked = range;
    for (const node of this.fields.children) {
      const isIt = node.dataset.path === path;
      node.setAttribute("aria-selected", isIt);
      if (isIt) {
        this.fields.setAttribute("aria-activedescendant", node.id);
        node.scrollIntoView({ block: "nearest" });
      }
    }
    this.bytes.mark(range, path);
    this.drawWords();
    if (!quiet) this.app.setParams(isRange && range ? { b: `${range[0]}-${range[1] - 1}`, sel: undefined } : { sel: path ?? undefined, b: undefined });
    this.app.view?.markWords?.(this.at, this.wordRange());
    announce(`${path ?? "bytes"}${range ? `, bytes ${range[0]} to ${range[1] - 1}` : ""}`);
  }

  /** The part of the text that the marked bytes are: [from, to] in UTF-16, or null. */
  wordRange() {
    if (!this.marked || !this.span || this.text === null) return null;
    const [start, end] = this.span, from = Math.max(this.marked[0], start), to = Math.min(this.marked[1], end);
    if (to <= from) return null;
    if (end - start !== byteOffset(this.text, this.text.length)) return [0, this.text.length];
    return [textOffset(this.text, from - start), textOffset(this.text, to - start)];
  }

  drawWords() {
    if (this.line) put(this.line, markedWords(this.text, this.wordRange()));
  }

  wordsSelected() {
    const range = selectedRange(this.line, this.text);
    if (range) this.selectWords(...range);
  }

  zoneChanged() {
    if (this.event) this.draw();
  }

  get actions() {
    return {
      panes: () => this.setPane(panes[(panes.indexOf(prefs.get("pane")) + 1) % 3]),
      contacts: () => (this.at ? (this.setContacts(!this.contacts), true) : false),
      leave: () => this.app.leaveDetail(),
    };
  }
}
