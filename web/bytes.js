// The bytes of an event as hexadecimal and text, with spans; 4 KiB at a time.

import { button, el, put } from "./dom.js";
import { getBytes } from "./api.js";
import { count } from "./text.js";

const step = 4096;
let perRow = 16;

export class Bytes {
  /** `onSelect(from, to)` is called with the bytes that were chosen. */
  constructor(onSelect) {
    this.onSelect = onSelect;
    this.data = new Uint8Array();
    this.title = el("div", { class: "bytes-title" });
    this.rows = el("div", { class: "bytes-rows", tabIndex: 0, role: "group", "aria-label": "Bytes; arrow keys move, with Shift they extend", "data-keys": "",
      onkeydown: (event) => this.key(event), onpointerdown: (event) => this.down(event), onpointermove: (event) => this.drag(event), onpointerup: () => this.up() });
    this.more = button("Further bytes", () => this.load(), { class: "quiet" });
    this.element = el("div", { class: "bytes" }, this.title, this.rows, this.more);
  }

  clear() {
    this.data = new Uint8Array();
    put(this.rows);
    put(this.title);
    this.more.hidden = true;
  }

  show(at, data, total, spans, signal, error) {
    Object.assign(this, { at, data, total, spans, signal, range: null });
    perRow = (this.element.clientWidth || this.element.parentElement?.clientWidth || 600) < 530 ? 8 : 16;
    put(this.rows);
    this.drawRows(0);
    this.drawTitle(error);
    this.element.hidden = total === 0 && !error;
  }

  drawTitle(error) {
    put(this.title, error ? "These bytes cannot be read." : this.range ? `bytes ${count(this.range[0])}–${count(this.range[1] - 1)} of ${count(this.total)}${this.path ? " · " + this.path : ""}` : `${count(this.data.length)} of ${count(this.total)} bytes`);
    this.more.hidden = this.data.length >= this.total;
  }

  async load() {
    const { bytes } = await getBytes(`/events/${this.at}/bytes`, { offset: this.data.length, length: step }, this.signal);
    const joined = new Uint8Array(this.data.length + bytes.length), from = this.data.length;
    joined.set(this.data);
    joined.set(bytes, from);
    this.data = joined;
    this.drawRows(Math.floor(from / perRow));
    this.drawTitle();
  }

  drawRows(first) {
    while (this.rows.children.length > first) this.rows.lastChild.remove();
    for (let row = first; row * perRow < this.data.length; row += 1) this.rows.append(this.row(row));
  }

  /** A row is runs of bytes of one kind, so that few elements are needed. */
  row(index) {
    const from = index * perRow, to = Math.min(from + perRow, this.data.length), hex = [], text = [];
    const kind = (at) => (this.range && at >= this.range[0] && at < this.range[1] ? "marked" : this.data[at] === 0x2a ? "star" : "");
    for (let at = from; at < to;) {
      let end = at;
      while (end < to && kind(end) === kind(at) && (end === at || end !== from + 8)) end += 1;
      const bytes = [...this.data.subarray(at, end)];
      hex.push(el("span", { class: kind(at), "data-from": at }, bytes.map((byte) => byte.toString(16).padStart(2, "0")).join(" ")), end < to ? (end === from + 8 ? "  " : " ") : "");
      text.push(el("span", { class: kind(at), "data-from": at }, bytes.map((byte) => (byte > 0x1f && byte < 0x7f ? String.fromCharCode(byte) : "·")).join("")));
      at = end;
    }
    return el("div", { class: "bytes-row" }, el("span", { class: "offset", "aria-hidden": "true" }, from.toString(16).padStart(4, "0")), el("span", { class: "hex" }, hex), el("span", { class: "ascii", "aria-hidden": "true" }, text));
  }

  mark(range, path) {
    const old = this.range;
    this.range = range;
    this.path = path;
    const touched = new Set();
    for (const span of [old, range]) if (span) for (let row = Math.floor(span[0] / perRow); row * perRow < Math.min(span[1], this.data.length); row += 1) touched.add(row);
    for (const row of touched) this.rows.children[row]?.replaceWith(this.row(row));
    if (range) this.rows.children[Math.floor(range[0] / perRow)]?.scrollIntoView({ block: "nearest" });
    this.drawTitle();
  }

  /** The byte under the pointer. */
  byteAt(event) {
    const place = document.caretPositionFromPoint ? document.caretPositionFromPoint(event.clientX, event.clientY) : document.caretRangeFromPoint?.(event.clientX, event.clientY);
    const node = place?.offsetNode ?? place?.startContainer, offset = place?.offset ?? place?.startOffset ?? 0;
    const run = node?.parentElement?.closest("[data-from]");
    if (!run || !this.rows.contains(run)) return null;
    const from = Number(run.dataset.from);
    return run.parentElement.classList.contains("hex") ? from + Math.floor(Math.max(0, offset) / 3) : from + Math.max(0, Math.min(offset, run.textContent.length - 1));
  }

  down(event) {
    if (event.button) return;
    const at = this.byteAt(event);
    if (at === null) return;
    this.anchor = at;
    this.moved = at;
    this.rows.setPointerCapture?.(event.pointerId);
  }

  drag(event) {
    if (this.anchor === undefined || this.anchor === null) return;
    const at = this.byteAt(event);
    if (at === null || at === this.moved) return;
    this.moved = at;
    this.mark([Math.min(at, this.anchor), Math.max(at, this.anchor) + 1], null);
  }

  up() {
    if (this.anchor === undefined || this.anchor === null) return;
    const { anchor, moved } = this;
    this.anchor = null;
    getSelection().removeAllRanges();
    const single = anchor === moved, span = single && this.innermostSpan(anchor);
    if (span && !(this.range && this.range[0] === span[0] && this.range[1] === span[1])) this.onSelect(span[0], span[1]);
    else this.onSelect(Math.min(anchor, moved), Math.max(anchor, moved) + 1);
    this.edge = anchor;
  }

  innermostSpan(at) {
    let best = null;
    for (const span of this.spans) if (span[0] <= at && at < span[1] && (!best || span[1] - span[0] < best[1] - best[0])) best = span;
    return best && best[2] !== "payload" ? best : null;
  }

  key(event) {
    const move = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -perRow, ArrowDown: perRow, Home: -1e9, End: 1e9 }[event.key];
    if (!move || event.ctrlKey || event.metaKey || event.altKey || !this.data.length) return;
    event.preventDefault();
    event.stopPropagation();
    const [from, to] = this.range ?? [0, 0], clamp = (at) => Math.max(0, Math.min(this.data.length - 1, at));
    if (!event.shiftKey || !this.range) {
      const at = clamp(this.range ? (move > 0 && to - from > 1 ? to - 1 : from) + move : 0);
      this.fixed = this.head = at;
    } else {
      this.fixed ??= from;
      this.head = clamp((this.head ?? to - 1) + move);
    }
    this.onSelect(Math.min(this.fixed, this.head), Math.max(this.fixed, this.head) + 1);
  }
}
