// Follows what is being recorded: notice, then fetch the newest; what passed by is a row that can be loaded.

import { announce, button, el, put } from "./dom.js";
import { emptyState, listeningAt } from "./view.js";
import { get } from "./api.js";
import { count } from "./text.js";
import { keyed } from "./rows.js";

const atOnce = 200;

export class Follow {
  constructor(view) {
    this.view = view;
    this.isOn = false;
    this.seen = null;
    this.state = el("span", { class: "follow", role: "status", "aria-live": "off" });
    this.pill = el("button", { type: "button", class: "pill", hidden: true, onclick: () => this.toEnd() });
  }

  start() {
    this.isOn = true;
    this.isPaused = false;
    if (this.view.list) this.view.list.following = true;
    this.pill.hidden = true;
    this.view.app.followState();
    this.draw();
    if (this.view.app.lastState) this.onState(this.view.app.lastState, true);
  }

  /** The reader scrolled up: the list stays where it is, and a pill counts. */
  leave() {
    if (!this.isOn) return;
    this.isOn = false;
    if (this.view.list) this.view.list.following = false;
    this.draw();
  }

  toggle() {
    if (!this.view.isLive && !this.isOn && !this.isPaused) return false;
    this.isPaused = this.isOn;
    announce(this.isOn ? "Paused." : "Following.");
    if (this.isOn) this.leave();
    else this.toEnd();
    return true;
  }

  /** The newest rows; follows from there. */
  async toEnd() {
    const { view } = this;
    if (!view.list) return view.load({ newest: true });
    if (view.list.window.next || this.behind) {
      this.behind = 0;
      await view.load({ at: null, newest: true });
    } else {
      this.start();
      view.list.element.scrollTop = view.list.element.scrollHeight;
    }
    view.list?.select(view.list.window.rows.at(-1)?.key, { quiet: true });
  }

  stop() {
    this.isGone = true;
    clearTimeout(this.announcing);
  }

  draw() {
    const { view } = this, rate = this.rate ? ` · ${count(this.rate)} commands/s` : "";
    const isShown = view.isLive || this.isOn || this.behind;
    put(this.state, isShown ? [el("span", { class: this.isOn ? "dot on" : "dot", "aria-hidden": "true" }, "●"), this.isOn ? ` following${rate} ` : ` ${this.isPaused ? "paused" : "not following"}${rate} `,
      view.isLive ? button(this.isOn ? "Pause" : "Follow", () => this.toggle(), { class: "small-button" }) : null] : null);
    this.pill.hidden = this.isOn || !this.behind;
    put(this.pill, `${this.behind > 0 ? count(this.behind) + " " : ""}new ↓`);
  }

  /** A thing has new rows when its last event is another one. How many is known of everything, and of a connection. */
  onState(state) {
    const { of, isLive } = this.view, last = state.watched?.[of]?.last, mark = of?.[0] === "c" && last ? Number(last.split(".")[1]) : last ?? state.totals?.events;
    this.rate = state.rate;
    const isNew = this.seen === null ? isLive : mark !== this.seen;
    if (this.isOn && isNew) this.fetch(mark);
    else if (this.seen === null) this.seen = mark;
    else if (isNew && (last || isLive)) {
      this.behind = Number.isInteger(mark) ? mark - this.seen : "some";
      this.announceNew();
    }
    this.draw();
  }

  /** One request at a time; the next one only after this was drawn. */
  async fetch(events) {
    if (this.fetching) return void (this.again = events);
    const { view } = this, { list } = view;
    if (!list) return view.load({ newest: true }), void (this.seen = events);
    this.fetching = true;
    try {
      const after = list.window.next ?? list.window.lastRow()?.at;
      const answer = await get("/events", { ...view.params, limit: atOnce, newest: true, after }, view.asking?.signal);
      if (this.isGone || view.list !== list) return;
      this.added = (this.added ?? 0) + answer.items.length + (answer.skipped ?? 0);
      this.seen = events;
      if (answer.items.length) list.follow({ items: keyed(answer.items), previous: answer.previous, next: answer.next }, answer.skipped ?? 0, after);
      this.announceNew();
      await new Promise(requestAnimationFrame);
    } catch (error) {
      if (error.name !== "AbortError") announce(error.message, true);
    } finally {
      this.fetching = false;
    }
    if (this.again && this.isOn && this.again !== this.seen) {
      const next = this.again;
      this.again = null;
      this.fetch(next);
    }
  }

  /** New rows are announced as a count, at most every five seconds, and not while paused. */
  announceNew() {
    if (this.announcing || this.isPaused) return;
    this.announcing = setTimeout(() => {
      this.announcing = null;
      const number = this.isOn ? this.added : this.behind;
      this.added = 0;
      if (number && !this.isPaused) announce(`${number > 0 ? count(number) + " " : ""}new rows`);
    }, 5000);
  }

  async loadPassed(row) {
    const { view } = this;
    this.leave();
    const answer = await get("/events", { ...view.params, limit: Math.min(atOnce, row.passed), after: row.after }, view.asking?.signal);
    view.list?.fill(row.key, { items: keyed(answer.items), previous: row.after, next: answer.next ?? answer.items.at(-1)?.at });
  }

  nothingYet() {
    const { view } = this;
    put(view.body, emptyState("Nothing has been said yet.", listeningAt(view.app.info)
      ?? el("p", null, "No relay records into this archive now. Start one with ", el("code", null, "butterflynet relay --web"), ".")));
    view.dropList();
  }
}
