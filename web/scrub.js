// The scrubber beside a list: density, findings and gaps over time, the visible range, and jumps to any time.

import { el, svg, put } from "./dom.js";
import { timeParts, zoneName, count } from "./text.js";
import { get } from "./api.js";
import { prefs } from "./prefs.js";

const buckets = 100;

export class Scrubber {
  /** `onJump(time)` is called with an RFC 3339 time. `isReversed`: the newest is at the top. */
  constructor(onJump, isReversed = false) {
    Object.assign(this, { onJump, isReversed, buckets: [] });
    this.drawing = svg("svg", { viewBox: `0 0 28 ${buckets}`, preserveAspectRatio: "none", "aria-hidden": "true" });
    this.thumb = el("div", { class: "thumb" });
    this.marks = el("div", { class: "scrub-marks", "aria-hidden": "true" });
    this.tip = el("div", { class: "scrub-tip", hidden: true, "aria-hidden": "true" });
    this.element = el("div", {
      class: "scrubber", role: "slider", tabIndex: 0, "aria-orientation": "vertical", "aria-label": "Position in time",
      "aria-valuemin": 0, "aria-valuemax": buckets - 1, "aria-valuenow": 0, "aria-valuetext": "nothing listed",
      onkeydown: (event) => this.key(event),
      onpointerdown: (event) => this.jump(this.bucketAt(event)),
      onpointermove: (event) => this.hover(event),
      onpointerleave: () => (this.tip.hidden = true),
    }, this.drawing, this.marks, this.thumb, this.tip);
  }

  async load(params, signal) {
    try {
      this.buckets = (await get("/overview", { ...params, buckets }, signal)).buckets ?? [];
      if (this.isReversed) this.buckets.reverse();
    } catch (error) {
      if (error.name === "AbortError") return;
      this.buckets = [];
    }
    this.draw();
    if (this.range) this.show(...this.range);
  }

  draw() {
    const all = this.buckets, most = Math.max(1, ...all.map((bucket) => bucket.events));
    this.drawing.setAttribute("viewBox", `0 0 28 ${Math.max(1, all.length)}`);
    put(this.drawing, all.map((bucket, index) => bucket.events
      && svg("rect", { x: 0, y: index, width: 3 + 19 * Math.log1p(bucket.events) / Math.log1p(most), height: 0.9, class: "density" })));
    put(this.marks, all.map((bucket, index) => {
      const kind = bucket.gaps ? "✕" : bucket.findings ? "▲" : null;
      if (!kind) return null;
      const mark = el("span", { class: bucket.gaps ? "gap" : "finding" }, kind);
      mark.style.top = `${(100 * (index + 0.5)) / all.length}%`;
      return mark;
    }));
    this.element.hidden = all.length === 0;
  }

  show(first, last) {
    this.range = [first, last];
    if (!this.buckets.length || !first || !last) return;
    const [from, to] = [this.bucketOf(first), this.bucketOf(last)].sort((one, other) => one - other);
    this.thumb.style.top = `${(100 * from) / this.buckets.length}%`;
    this.thumb.style.height = `${Math.max(2, (100 * (to - from + 1)) / this.buckets.length)}%`;
    this.now = from;
    this.element.setAttribute("aria-valuenow", from);
    this.element.setAttribute("aria-valuemax", this.buckets.length - 1);
    this.element.setAttribute("aria-valuetext", this.timeText(first));
  }

  timeText(time) {
    const parts = timeParts(time, prefs.get("local"));
    return `${parts.date} ${parts.clock} ${zoneName(prefs.get("local"))}`;
  }

  bucketOf(time) {
    const index = Math.max(0, this.buckets.filter((bucket) => bucket.from <= time).length - 1);
    return this.isReversed ? this.buckets.length - 1 - index : index;
  }

  bucketAt(event) {
    const box = this.element.getBoundingClientRect();
    return Math.max(0, Math.min(this.buckets.length - 1, Math.floor(((event.clientY - box.top) / box.height) * this.buckets.length)));
  }

  hover(event) {
    const index = this.bucketAt(event), bucket = this.buckets[index];
    if (!bucket) return;
    if (event.buttons & 1 && index !== this.now) this.jump(index);
    put(this.tip, this.timeText(bucket.from), el("br"), `${count(bucket.events)} events`,
      bucket.findings ? `, ▲ ${count(bucket.findings)}` : "", bucket.gaps ? `, ✕ ${count(bucket.gaps)}` : "");
    this.tip.hidden = false;
    this.tip.style.top = `${Math.max(8, Math.min(92, (100 * index) / this.buckets.length))}%`;
  }

  jump(index) {
    const bucket = this.buckets[index];
    if (!bucket) return;
    this.now = index;
    this.onJump(bucket.from);
  }

  key(event) {
    const now = this.now ?? 0, end = this.buckets.length - 1;
    const to = { ArrowDown: now + 1, ArrowUp: now - 1, ArrowRight: now + 1, ArrowLeft: now - 1, PageDown: now + 10, PageUp: now - 10, Home: 0, End: end }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.jump(Math.max(0, Math.min(end, to)));
  }
}
