// The talk: one conversation as people had it, over all its switchboards; the protocol or the ladder beside it if one likes.

import { announce, button, el, link, put } from "./dom.js";
import { get } from "./api.js";
import { dayName, difference, duration, plural, spoken, timeParts, toneOf, visible } from "./text.js";
import { withParams } from "./router.js";
import { ListView } from "./list.js";
import { beginning, emptyState, people, toggle } from "./view.js";
import { Scrubber } from "./scrub.js";
import { picture } from "./media.js";
import { markedWords, selectedRange } from "./words.js";
import { prefs } from "./prefs.js";
import { Find } from "./find.js";
import { withKeys } from "./window.js";

const harmless = /^(arial|comic sans ms|courier new|georgia|ms sans serif|segoe ui|tahoma|times new roman|trebuchet ms|verdana|microsoft sans serif|calibri|lucida console|lucida sans unicode|impact|palatino linotype)$/i;
const deliveries = { acknowledged: "✓", unanswered: "not answered" };

class Talk extends ListView {
  constructor(app, route, state) {
    super(app, route, state);
    this.title = "Talk " + route.id;
    this.find = new Find(this);
    this.scrubber = new Scrubber((time) => this.load({ at: time }));
    this.body = el("div", { class: "list-box" });
    this.date = el("input", { type: "date", "aria-label": "Jump to a date", onchange: () => this.jumpToDate() });
    this.side = el("div", { class: "beside", hidden: true });
    const beside = (name) => toggle(name + " beside", route.params.beside === name, (isOn) => app.go(withParams(this.route, { beside: isOn ? name : undefined })));
    this.element = el("div", { class: "view talk" + (route.params.beside ? " two" : "") }, this.heading(),
      el("div", { class: "toolbar" }, toggle("plain text", prefs.get("plain"), (isOn) => { prefs.set("plain", isOn); this.list?.refresh(); }),
        toggle("typing", prefs.get("typing"), (isOn) => { prefs.set("typing", isOn); this.load({ at: this.top }); }),
        beside("protocol"), beside("ladder"), this.textToggle(), this.date, button("Find in this list", () => this.find.start(), { icon: "search" })),
      this.find.element, el("div", { class: "beside-box" }, el("div", { class: "with-scrubber" }, this.body, this.scrubber.element), this.side));
  }

  started() {}

  /** The thing is known now: the talk that it is part of, or those of a sign-in to choose from. */
  async known(thing) {
    if (this.route.id[0] === "v") return this.showTalk(thing.id ?? this.route.id);
    const ids = new Set((thing.connections ?? [thing]).map((connection) => connection.conversation?.id).filter(Boolean)), talks = [];
    for (const id of [...ids].slice(0, 50)) {
      if (talks.some((talk) => talk.ids?.includes(id))) continue;
      const talk = await this.app.thing(id).catch(() => null);
      if (talk) talks.push(talk);
    }
    if (this.isGone) return;
    if (!talks.length) return put(this.body, emptyState("Nobody talked here."));
    if (talks.length === 1) return this.showTalk(talks[0].id);
    put(this.body, el("ul", { class: "choices" }, talks.map((talk) => el("li", null, link("/" + talk.id, {}, el("b", null, people(talk)), " ", plural(talk.messages, "message"),
      el("span", { class: "start", dir: "auto" }, spoken(talk.start ?? talk.last_text ?? "", 120)))))));
  }

  async showTalk(id) {
    this.talk = id;
    const { beside } = this.route.params;
    if (beside) {
      const { create, Protocol } = await (beside === "ladder" ? import("./ladder.js") : import("./protocol.js")), route = { view: beside, id, at: this.route.at, params: {} };
      this.part = Protocol ? new Protocol(this.app, route, {}, true) : create(this.app, route, {}, true);
      this.part.onSelected = (row) => this.list?.select(row.at, { quiet: true, block: "middle" });
      put(this.side, this.part.element);
      this.side.hidden = false;
      this.part.load();
    }
    await this.load();
    if (this.list) this.scrubber.load({ of: id, where: "event == message" }, this.asking?.signal);
  }

  async page(cursor, signal = this.asking?.signal) {
    const page = await get(`/talks/${this.talk}/entries`, { limit: 100, typing: prefs.get("typing"), ...cursor }, signal);
    return { ...page, items: withKeys(page.items) };
  }

  load({ at: given } = {}) {
    if (!this.talk) return;
    if (this.route.params.as === "text") {
      return this.asText(async (after, signal) => {
        const { items, next } = await this.page({ limit: 500, ...(after ? { after } : { at: beginning }) }, signal);
        return { text: items.map((row) => this.line(row)).join(""), next };
      });
    }
    const place = this.place(given), at = given ?? place.top ?? place.at;
    return this.read("the talk", async (signal) => {
      const page = await this.page({ at: at ?? beginning }, signal);
      if (!page.items.length) return this.showEmpty();
      const key = (/^c\d/.test(at ?? "") ? await this.entryOf(page.items, at, signal) : at && page.items.find((row) => row.time >= at))?.key;
      this.showList(page, { role: "feed", label: "Talk", most: 200, render: (row) => this.entry(row), transform: (rows) => this.transform(rows) }, { key, block: place.top ? "start" : "middle" });
      if (this.route.at && !given) {
        const chosen = place.top ? page.items.find((row) => row.at === this.route.at)?.key : key;
        if (chosen) this.list.select(chosen, { quiet: true, cause: place.top ? "click" : "key", block: "middle" });
        this.app.select(this.route.at);
      }
      this.focus();
    });
  }

  jumpToDate() {
    const { value } = this.date;
    if (value) this.load({ at: new Date(value + "T00:00" + (prefs.get("local") ? "" : "Z")).toISOString() });
  }

  /** The entry of an event: its own, that of the same words as another client recorded them, or the last one before it. */
  async entryOf(rows, at, signal) {
    const own = rows.find((row) => row.at === at);
    if (own) return own;
    // Behind the last event there is only the last entry.
    const event = await get("/events/" + at, {}, signal).catch((error) => { if (signal.aborted) throw error; return { time: "9" }; }), far = (row) => Math.abs(difference(row, event)), text = event.message?.text;
    const same = text ? rows.filter((row) => row.text === text).sort((one, other) => far(one) - far(other))[0] : null;
    if (same) this.setAt(same.at);
    return same ?? rows.findLast((row) => row.time <= event.time);
  }

  showEmpty() {
    const here = this.thing?.participants?.length ?? 0, from = this.thing?.time_first, to = this.thing?.time_last;
    put(this.body, emptyState("Nobody said anything" + (here && from && to ? `; ${here} were here for ${duration(difference({ time: to }, { time: from }))}.` : "."), el("p", null, link(`/${this.talk}/protocol`, {}, "See the protocol"))));
  }

  /** What stands between two entries: a new day, a silence, another switchboard. */
  transform(rows) {
    let above = null;
    for (const row of rows) {
      const parts = timeParts(row.time, prefs.get("local")), silence = above ? difference(row, above) : 0, isElsewhere = above && above.conn !== row.conn && silence > 60e9;
      const day = parts.date !== above?.parts?.date ? parts.date : null;
      const later = isElsewhere ? `${duration(silence)} later, another switchboard (c${row.conn})` : silence > 1800e9 ? `${duration(silence)} later` : null;
      Object.assign(row, { parts, above, day, later, isSame: above && !day && !later && above.kind === row.kind && row.kind === "text" && above.from === row.from && silence < 120e9 });
      above = row;
    }
    return rows;
  }

  name(row) {
    return visible(row.name || row.from || "", 60);
  }

  line(row) {
    const { date, clock, zone } = timeParts(row.time, prefs.get("local"));
    const text = spoken(row.text ?? row.kind).replace(/\n/g, "\n    ");
    return `${date} ${clock} ${zone}  ${row.kind === "text" ? this.name(row) + ": " : row.kind === "gap" ? "✕ " : this.name(row) + " "}${text}\n`;
  }

  entry(row) {
    const name = this.name(row), { parts } = row;
    const line = row.kind === "text" ? this.message(row, name) : el("div", { class: "entry kind-" + row.kind }, el("span", { class: "entry-time" }, parts.clock), el("div", { class: "event-text" },
      row.kind === "gap" ? ["✕ ", visible(row.text), " ", link("/" + row.at, { tabIndex: -1 }, "→ " + row.at)] : [el("b", null, name), " ", this.what(row)]));
    return el("div", { role: "article", "aria-setsize": -1, class: "item" + (row.isSame ? " same" : ""), "aria-label": `${name}, ${parts.clock}` },
      row.day ? el("div", { class: "day" }, el("span", null, `${dayName(row.day)} (${parts.zone})`)) : null, row.later ? el("div", { class: "later" }, row.later) : null, line);
  }

  message(row, name) {
    const words = el("div", { class: "words", dir: row.style?.right_to_left ? "rtl" : "auto", "data-at": row.at, onmouseup: () => this.selectWords(row, words) });
    if (!prefs.get("plain")) applyStyle(words, row.style);
    this.fillWords(words, row, this.bound?.at === row.at ? this.bound.range : null);
    const delivery = (row.delivery ?? "").replaceAll("_", " ");
    return el("div", { class: "entry message" }, el("span", { class: "entry-time" }, row.parts.clock), el("span", { class: `entry-name tone${toneOf(row.from)}`, title: visible(row.from ?? "") }, row.isSame ? "" : name),
      el("div", { class: "entry-words" }, words, row.complete === false || row.incomplete ? el("span", { class: "badge warning" }, "incomplete") : null),
      delivery ? el("span", { class: "delivery" + (delivery === "acknowledged" ? "" : " bad"), role: "img", title: delivery, "aria-label": delivery }, deliveries[delivery] ?? delivery) : null);
  }

  fillWords(node, row, range) {
    const needle = this.find.needle.toLowerCase(), text = row.text ?? "", hit = needle ? text.toLowerCase().indexOf(needle) : -1;
    const emoticon = (piece, name) => (piece.media ? picture(piece.media, name, "emoticon") : name);
    if (range || hit >= 0) put(node, markedWords(text, range ?? [hit, hit + needle.length]));
    else if (prefs.get("plain") || !row.pieces) put(node, spoken(text));
    else put(node, row.pieces.map((piece) => (piece.emoticon ? emoticon(piece, visible(piece.emoticon, 20)) : spoken(piece.text))));
  }

  what(row) {
    const isPicture = row.media && !prefs.get("plain");
    return [visible(row.text ?? row.kind, 300), isPicture ? picture(row.media, visible(row.file ?? row.kind.replaceAll("_", " "), 60)) : null, row.complete === false ? el("span", { class: "badge warning" }, "incomplete") : null];
  }

  selectWords(row, node) {
    const range = selectedRange(node, row.text);
    if (!range) return;
    this.list.select(row.key, { quiet: true, cause: "words" });
    this.setAt(row.at);
    this.app.select(row.at, { words: range });
  }

  /** Marks the words that bytes are; called by the detail. */
  markWords(at, range) {
    const before = this.bound;
    this.bound = range ? { at, range } : null;
    for (const one of new Set([before?.at, at])) {
      const row = one && this.list?.window.rows.find((entry) => entry.at === one && entry.kind === "text");
      const node = row && this.list.elements.get(row.key)?.node.querySelector(".words");
      if (node) this.fillWords(node, row, this.bound?.at === one ? range : null);
    }
  }

  selected(row, cause) {
    this.setAt(row.at);
    this.status(row, row.at);
    if (cause !== "words") this.app.select(row.at);
    if (this.part?.list && !this.part.list.select(row.at, { quiet: true, block: "middle" })) this.part.load({ at: row.at });
  }

  openRow(row) {
    if (this.part) return this.app.select(row.at, { focus: true });
    this.app.go({ view: "talk", id: this.route.id, at: row.at, params: { beside: "protocol" } });
  }

  range(first, last) {
    super.range(first, last);
    if (first?.parts) this.date.value = first.parts.date;
  }

  async seek(test, _, direction) {
    const { list } = this, side = direction > 0 ? "after" : "before", end = direction > 0 ? -1 : 0;
    for (;;) {
      const rows = list.window.rows, here = list.current ? rows.indexOf(list.current) : direction > 0 ? -1 : rows.length;
      for (let index = here + direction; rows[index]; index += direction) if (test(rows[index])) return list.select(rows[index].key, { block: "middle" });
      const edge = rows.at(end)?.key;
      await list.more(side);
      if (list.window.rows.at(end)?.key === edge) return announce("No further one.", true);
      list.selected = edge;
    }
  }

  destroy() {
    super.destroy();
    this.part?.destroy();
  }

  get actions() {
    return {
      ...super.actions, ...this.find.actions,
      beside: () => { this.app.go(withParams(this.route, { beside: this.route.params.beside ? undefined : "protocol" })); },
    };
  }
}

/** Fonts and colours as sent, as far as they are known to be harmless. */
function applyStyle(node, style) {
  const { family = "", color = "", effects = [] } = style ?? {};
  if (harmless.test(family)) node.style.fontFamily = `"${family}", system-ui`;
  if (/^#[0-9a-f]{6}$/i.test(color) && !/^#(0{6}|f{6})$/i.test(color)) {
    node.style.setProperty("--sent", color);
    node.classList.add("coloured");
  }
  if (effects.includes("bold")) node.style.fontWeight = "bold";
  if (effects.includes("italic")) node.style.fontStyle = "italic";
  node.style.textDecorationLine = [effects.includes("underline") && "underline", effects.includes("strike") && "line-through"].filter(Boolean).join(" ");
}

export const create = (app, route, state) => new Talk(app, route, state);
