// The talk: one conversation as people had it, over all its switchboards; beside the protocol if one likes.

import { announce, button, el, link, put } from "./dom.js";
import { get } from "./api.js";
import { dayName, difference, duration, plural, spoken, timeParts, typedTime, visible, zoneName } from "./text.js";
import { withParams } from "./router.js";
import { List, emptyState, loadingState } from "./list.js";
import { Scrubber } from "./scrub.js";
import { heading, toggle } from "./head.js";
import { picture } from "./media.js";
import { chosenRange, wordParts } from "./detail.js";
import { prefs } from "./prefs.js";
import { toneOf } from "./tones.js";
import { Find } from "./find.js";

const harmless = /^(arial|comic sans ms|courier new|georgia|ms sans serif|segoe ui|tahoma|times new roman|trebuchet ms|verdana|microsoft sans serif|calibri|lucida console|lucida sans unicode|impact|palatino linotype)$/i;
const beginning = "1970-01-01T00:00:00Z";
class Talk {
  constructor(app, route, state = {}) {
    Object.assign(this, { app, route, state, thingId: route.id, title: "Talk " + route.id });
    this.find = new Find(this);
    this.scrubber = new Scrubber((time) => this.load({ at: time }));
    this.body = el("div", { class: "list-box talk-box" });
    this.date = el("input", { type: "date", "aria-label": "Jump to a date", onchange: () => { const time = typedTime(this.date.value, prefs.get("local")); if (time) this.load({ at: time }); } });
    const isBeside = route.params.beside === "protocol";
    this.side = el("div", { class: "beside", hidden: true });
    this.element = el("div", { class: "view talk" + (isBeside ? " two" : "") }, heading(app, route, { onThing: (thing) => this.found(thing), onMissing: (error) => this.missing(error) }),
      el("div", { class: "toolbar" }, toggle("plain text", prefs.get("plain"), (isOn) => { prefs.set("plain", isOn); this.list?.refresh(); }),
        toggle("typing", prefs.get("typing"), (isOn) => { prefs.set("typing", isOn); this.load({ at: this.top }); }),
        toggle("protocol beside", isBeside, (isOn) => app.go({ ...withParams(this.route, { beside: isOn ? "protocol" : undefined }) })), this.date, button("Find in this list", () => this.find.start(), { icon: "search" })),
      this.find.element, el("div", { class: "beside-box" }, el("div", { class: "with-scrubber" }, this.body, this.scrubber.element), this.side));
  }

  missing(error) {
    put(this.element, emptyState(error.status === 404 ? `There is no ${this.route.id} in this archive.` : error.message, el("p", null, link("/talks", {}, "All talks"))));
  }

  async found(thing) {
    this.thing = thing;
    if (this.isGone) return;
    if (this.route.id[0] === "v") return this.showTalk(thing.id ?? this.route.id);
    const connections = thing.connections ?? [thing], ids = [...new Set(connections.map((connection) => connection.conversation?.id).filter(Boolean))];
    const talks = new Map();
    for (const id of ids.slice(0, 50)) {
      if ([...talks.values()].some((talk) => talk.ids?.includes(id))) continue;
      const talk = await this.app.thing(id).catch(() => null);
      if (talk && !talks.has(talk.id)) talks.set(talk.id, talk);
    }
    if (!talks.size) return put(this.body, emptyState("Nobody talked here."));
    if (talks.size === 1) return this.showTalk([...talks.keys()][0]);
    put(this.body, el("ul", { class: "choices" }, [...talks.values()].map((talk) => el("li", null, link("/" + talk.id, {}, el("b", null, (talk.names ?? []).map((person) => visible(person.name || person.account, 60)).join(", ")), " ", plural(talk.messages, "message"), el("span", { class: "start", dir: "auto" }, spoken(talk.start ?? talk.last_text ?? "", 120)))))));
  }

  async showTalk(id) {
    this.talk = id;
    if (this.route.params.beside === "protocol") {
      const { Protocol } = await import("./protocol.js");
      this.protocol = new Protocol(this.app, { view: "protocol", id, at: this.route.at, params: {} }, {}, true);
      this.protocol.onSelected = (row) => this.list?.select(row.at, { quiet: true, block: "middle" });
      this.protocol.words = undefined;
      put(this.side, this.protocol.element);
      this.side.hidden = false;
      this.protocol.load();
    }
    await this.load();
    this.scrubber.load({ of: id, where: "event == message" }, this.asking?.signal);
  }

  async page(cursor, signal) {
    const answer = await get(`/talks/${this.talk}/entries`, { limit: 100, typing: prefs.get("typing"), ...cursor }, signal ?? this.asking?.signal);
    const seen = new Set();
    return { previous: answer.previous, next: answer.next, items: answer.items.map((entry) => {
      let key = `${entry.at}~${entry.kind}`;
      while (seen.has(key)) key += "'";
      seen.add(key);
      return { ...entry, key };
    }) };
  }

  async load({ at: given } = {}) {
    if (!this.talk) return;
    const top = given ? null : this.state.top, at = given ?? top ?? this.route.at ?? this.route.params.at;
    this.state = {};
    this.asking?.abort();
    const { signal } = (this.asking = new AbortController()), loading = loadingState("the talk", () => this.asking.abort());
    if (!this.list) put(this.body, loading.element);
    try {
      const page = await this.page({ at: at ?? beginning }, signal);
      loading.done();
      if (!page.items.length) return this.showEmpty();
      this.list?.destroy();
      this.list = new List({ role: "feed", label: "Talk", most: 200, render: (row) => this.entry(row), load: (cursor) => this.page(cursor), transform: (rows) => this.transform(rows),
        onSelect: (row, cause) => this.selected(row, cause), onOpen: (row) => this.openRow(row), onRange: (first, last) => this.range(first, last), onError: (error) => announce(error.message, true) });
      this.list.element.dataset.main = "";
      put(this.body, this.list.element);
      const isAddress = /^c\d/.test(at ?? ""), key = isAddress ? this.nearest(page.items, at) : at && page.items.find((row) => row.time >= at)?.key;
      this.list.show(page, { key, block: top ? "start" : "middle" });
      if (this.route.at && !given) {
        const chosen = this.nearest(page.items, this.route.at);
        if (chosen) this.list.select(chosen, { quiet: true, cause: top ? "click" : "key", block: "middle" });
        this.app.select(this.route.at);
      }
      this.focus();
    } catch (error) {
      loading.done();
      if (error.name !== "AbortError") put(this.body, emptyState(error.message, button("Try again", () => this.load())));
    }
  }

  /** The entry of an event, or the last one before it on its connection. */
  nearest(rows, at) {
    return (rows.find((row) => row.at === at) ?? rows.findLast((row) => row.at.split(".")[0] === at.split(".")[0] && Number(row.at.split(".")[1]) <= Number(at.split(".")[1])))?.key;
  }

  showEmpty() {
    const people = this.thing?.participants?.length ?? 0, from = this.thing?.time_first, to = this.thing?.time_last;
    put(this.body, emptyState("Nobody said anything" + (people && from && to ? `; ${people} were here for ${duration(difference({ time: to }, { time: from }))}.` : "."), el("p", null, link(`/${this.talk}/protocol`, {}, "See the protocol"))));
  }

  transform(rows) {
    let above = null;
    for (const row of rows) {
      const parts = timeParts(row.time, prefs.get("local"));
      row.day = parts.date !== above?.parts?.date ? parts.date : null;
      row.parts = parts;
      row.above = above;
      const silence = above ? difference(row, above) : 0;
      row.other = above && above.conn !== row.conn && silence > 60e9 ? `${duration(silence)} later, another switchboard (c${row.conn})` : above && silence > 1800e9 ? `${duration(silence)} later` : null;
      row.same = above && !row.day && !row.other && above.kind === row.kind && row.kind === "text" && above.from === row.from && silence < 120e9;
      above = row;
    }
    return rows;
  }

  entry(row) {
    const name = visible(row.name || row.from || "", 60), isSaid = row.kind === "text";
    const line = isSaid ? this.said(row, name) : el("div", { class: "entry event kind-" + row.kind }, el("span", { class: "entry-time" }, row.parts.clock), el("div", { class: "event-text" },
      row.kind === "gap" ? ["✕ ", visible(row.text), " ", link("/" + row.at, { tabIndex: -1 }, "→ " + row.at)] : [el("b", null, name), " ", this.what(row)]));
    return el("div", { role: "article", "aria-setsize": -1, class: `item ${row.own ? "own" : "other"}${row.same ? " same" : ""}`, "aria-label": `${name}, ${row.parts.clock}` },
      row.day ? el("div", { class: "day" }, el("span", null, dayName(row.day), " (", row.parts.zone === "UTC" ? "UTC" : row.parts.zone, ")")) : null, row.other ? el("div", { class: "later" }, row.other) : null, line);
  }

  said(row, name) {
    const words = el("div", { class: "words", dir: row.style?.right_to_left ? "rtl" : "auto", "data-at": row.at, onmouseup: () => this.chosen(row, words) });
    if (!prefs.get("plain")) applyStyle(words, row.style);
    this.fillWords(words, row, this.bound?.at === row.at ? this.bound.range : null);
    const delivery = row.delivery && { acknowledged: ["✓", "acknowledged"], refused: ["refused", "refused"], unanswered: ["not answered", "not answered"] }[row.delivery] || (row.delivery ? [row.delivery.replaceAll("_", " "), row.delivery] : null);
    return el("div", { class: "entry said" }, el("span", { class: "entry-time" }, row.parts.clock), el("span", { class: `entry-name tone${toneOf(row.from)}`, title: visible(row.from ?? "") }, row.same ? "" : name),
      el("div", { class: "entry-words" }, words, row.complete === false || row.incomplete ? el("span", { class: "badge warning" }, "incomplete") : null),
      el("span", { class: "delivery" + (row.delivery && row.delivery !== "acknowledged" ? " bad" : ""), title: delivery?.[1], "aria-label": delivery?.[1], role: delivery ? "img" : undefined }, delivery?.[0] ?? ""));
  }

  fillWords(node, row, range) {
    const needle = this.find.needle.toLowerCase(), text = row.text ?? "", hit = needle ? text.toLowerCase().indexOf(needle) : -1;
    if (range) put(node, wordParts(text, range));
    else if (hit >= 0) put(node, wordParts(text, [hit, hit + needle.length]));
    else if (prefs.get("plain") || !row.pieces?.some((piece) => piece.emoticon)) put(node, spoken(text));
    else put(node, row.pieces.map((piece) => piece.emoticon ? (piece.media ? picture(piece.media, visible(piece.emoticon, 20), "emoticon") : visible(piece.emoticon, 20)) : spoken(piece.text)));
  }

  what(row) {
    const isPicture = row.media && !prefs.get("plain");
    return [visible(row.text ?? row.kind, 300), isPicture ? el("div", null, picture(row.media, visible(row.file ?? row.kind.replaceAll("_", " "), 60))) : null, row.complete === false ? el("span", { class: "badge warning" }, "incomplete") : null];
  }

  /** Words chosen with the mouse mark their bytes. */
  chosen(row, node) {
    const range = chosenRange(node, row.text);
    if (!range) return;
    this.list.select(row.key, { quiet: true, cause: "words" });
    this.app.setAt(row.at);
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
    this.app.setAt(row.at);
    this.route = this.app.route;
    this.app.shell.status(`${row.at} · ${row.parts.date} ${row.parts.clock}.${row.parts.micro} ${row.parts.zone}`);
    if (cause !== "words") this.app.select(row.at);
    this.protocol?.list && (this.protocol.list.select(row.at, { quiet: true, block: "middle" }) || this.protocol.load({ at: row.at }));
  }

  openRow(row) {
    if (this.route.params.beside === "protocol") return this.app.select(row.at, { focus: true });
    this.app.go({ view: "talk", id: this.route.id, at: row.at, params: { beside: "protocol" } });
  }

  deselect() {
    if (!this.list) return;
    this.list.selected = null;
    this.list.mark();
    this.app.setAt(null);
    this.route = this.app.route;
    this.focus();
  }

  update(route, state) {
    const before = this.route;
    this.route = route;
    this.state = state ?? {};
    if (route.at === before.at && route.params.at === before.params.at) return;
    const key = route.at && this.list && this.nearest(this.list.window.rows, route.at);
    if (key && this.list.select(key, { quiet: true, block: "middle" })) return this.app.select(route.at);
    if (route.at || route.params.at || state?.top) this.load();
    else this.deselect();
  }

  range(first, last) {
    this.top = first?.at;
    this.scrubber.show(first?.time, last?.time);
    if (first?.parts) this.date.value = first.parts.date;
    clearTimeout(this.saving);
    this.saving = setTimeout(() => this.app.view === this && history.replaceState({ top: this.top }, "", location.pathname + location.search), 300);
  }

  position() {
    return this.top;
  }

  async seek(test, _, direction) {
    const { list } = this;
    for (;;) {
      const rows = list.window.rows, here = list.current ? rows.indexOf(list.current) : direction > 0 ? -1 : rows.length;
      for (let index = here + direction; index >= 0 && index < rows.length; index += direction) if (test(rows[index])) return list.select(rows[index].key, { block: "middle" });
      if (!(direction > 0 ? list.window.next : list.window.previous)) return announce("No further one.", true);
      const edge = rows.at(direction > 0 ? -1 : 0)?.key;
      await list.more(direction > 0 ? "after" : "before");
      if (list.window.rows.at(direction > 0 ? -1 : 0)?.key === edge) return announce("No further one.", true);
      list.selected = edge;
    }
  }

  zoneChanged() {
    this.list?.refresh();
  }

  focus() {
    this.list?.element.focus({ preventScroll: true });
  }

  destroy() {
    this.isGone = true;
    this.asking?.abort();
    this.protocol?.destroy();
    this.list?.destroy();
  }

  get actions() {
    const withList = (action) => () => (this.list ? (action(this.list), true) : false);
    return {
      next: withList((list) => list.move(1)), previous: withList((list) => list.move(-1)), pageDown: withList((list) => list.page(1)), pageUp: withList((list) => list.page(-1)),
      first: withList((list) => (list.window.previous ? this.load({ at: beginning }) : list.move(-1e9))),
      last: withList(async (list) => { if (list.window.next) list.show(await this.page({}), { to: "end" }); list.move(1e9); }),
      open: withList((list) => list.current && this.openRow(list.current)),
      find: () => this.find.start(), findNext: () => this.find.step(1), findPrevious: () => this.find.step(-1),
      beside: () => this.app.go(withParams(this.route, { beside: this.route.params.beside ? undefined : "protocol" })),
      contacts: () => this.app.contacts(), panes: () => this.app.detail?.actions.panes?.() ?? false,
    };
  }
}

/** Fonts and colours as sent, as far as they are known to be harmless. */
function applyStyle(node, style) {
  if (!style) return;
  if (harmless.test(style.family ?? "")) node.style.fontFamily = `"${style.family}", system-ui`;
  if (/^#[0-9a-f]{6}$/i.test(style.color ?? "") && !/^#(0{6}|f{6})$/i.test(style.color)) {
    node.style.setProperty("--sent", style.color);
    node.classList.add("coloured");
  }
  const effects = style.effects ?? [];
  if (effects.includes("bold")) node.style.fontWeight = "bold";
  if (effects.includes("italic")) node.style.fontStyle = "italic";
  const lines = [effects.includes("underline") && "underline", (effects.includes("strikeout") || effects.includes("strikethrough")) && "line-through"].filter(Boolean);
  if (lines.length) node.style.textDecorationLine = lines.join(" ");
}

export function create(app, route, state) {
  return new Talk(app, route, state);
}
