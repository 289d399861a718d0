// The protocol: one row an event, old and live alike, with filter, find, folds and marks.

import { announce, button, copy, el, link, menu, put } from "./dom.js";
import { get, getText } from "./api.js";
import { count, timeParts, visible, zoneName } from "./text.js";
import { hiding, joined, withParams } from "./router.js";
import { List, emptyState, loadingState } from "./list.js";
import { fold } from "./window.js";
import { Filter } from "./filter.js";
import { Scrubber } from "./scrub.js";
import { heading, toggle } from "./head.js";
import { answers, columns, groupOf, groups, keyed, rowNode } from "./rows.js";
import { prefs } from "./prefs.js";
import { toggled } from "./filters.js";
import { Find } from "./find.js";
import { Follow } from "./follow.js";

const marks = "event in {finding gap rewritten noise}";
const beginning = "1970-01-01T00:00:00Z";
const pageSize = 200;

export class Protocol {
  /** `part` says that it stands beside a talk: no heading of its own. */
  constructor(app, route, state = {}, part = false) {
    Object.assign(this, { app, route, state, part });
    this.isLive = route.view === "live";
    this.thingId = route.id;
    this.of = part ? route.id : this.isLive ? route.params.of : route.id;
    this.title = this.isLive ? "Live" : route.id;
    this.open = new Set();
    this.find = new Find(this);
    this.follow = new Follow(this);
    this.filter = new Filter({ value: part ? "" : route.params.where, onApply: (where) => this.applyFilter(where) });
    this.where = part ? "" : route.params.where ?? "";
    this.scrubber = new Scrubber((time) => this.jump(time));
    this.body = el("div", { class: "list-box" });
    this.chips = el("div", { class: "chips", role: "group", "aria-label": "Parts of the filter" });
    this.tools = el("div", { class: "tools" });
    this.element = el("div", { class: "view protocol" }, part ? el("h2", { class: "part-title" }, "Protocol of " + this.of) : this.head(), part ? null : el("div", { class: "toolbar" }, this.filter.element, this.chips, this.tools), this.find.element,
      el("div", { class: "with-scrubber" }, this.body, this.scrubber.element));
    this.drawTools();
    this.applyColumns();
  }

  head() {
    if (this.isLive) return el("div", { class: "head" }, el("div", { class: "head-line" }, el("h1", null, "Live", this.of ? el("span", { class: "part" }, " of " + this.of) : null), this.follow.state));
    return heading(this.app, this.route, { onThing: (thing) => { this.thing = thing; this.drawTools(); }, onMissing: (error) => this.missing(error) });
  }

  missing(error) {
    this.asking?.abort();
    put(this.element, el("div", { class: "empty" }, el("p", { class: "empty-title" }, error.status === 404 ? `There is no ${this.route.id} in this archive.` : error.message), el("p", null, link("/", {}, "All sign-ins"), " · ", link("/talks", {}, "all talks"))));
  }

  started() {
    this.load();
  }

  drawTools() {
    const roles = [...new Set((this.thing?.connections ?? []).map((connection) => connection.role))].filter((role) => role && role !== "unknown");
    const chips = [["client", "dir == c2s"], ["server", "dir == s2c"], ...(roles.length > 1 ? roles.map((role) => [role, `role == ${role}`]) : []), ["messages", "event == message"], ["findings", "event == finding"], ["changed", "event == rewritten"]];
    const parts = this.where.split(" and ");
    put(this.chips, chips.map(([name, condition]) => el("button", { type: "button", class: "chip", "aria-pressed": parts.includes(condition) ? "true" : "false", onclick: () => this.applyFilter(toggled(this.where, condition)) }, name)));
    const check = (isOn, name) => (isOn ? "☑ " : "☐ ") + name;
    put(this.tools,
      menu("Fold", () => groups.map(([name, title]) => [check(prefs.get("fold").includes(name), title), () => this.change("fold", name)]), { class: "small-button" }),
      menu("Columns", () => columns.filter(([name]) => name !== "line").map(([name, title]) => [check(!prefs.get("hidden").includes(name), title), () => this.change("hidden", name)]), { class: "small-button" }),
      button("Go to a time", () => this.askTime(), { icon: "clock" }),
      button("Find in this list", () => this.find.start(), { icon: "search" }),
      this.isLive ? null : toggle("as text", this.route.params.as === "text", (isOn) => this.app.go(withParams(this.route, { as: isOn ? "text" : undefined }))),
      this.isLive ? null : this.follow.state);
  }

  change(name, value) {
    const list = prefs.get(name);
    prefs.set(name, list.includes(value) ? list.filter((other) => other !== value) : [...list, value]);
    this.applyColumns();
    this.list?.refresh();
  }

  applyColumns() {
    const widths = { time: "9.6em", delta: "5em", conn: "5.4em", who: "2.9em", verb: "3.4em", line: "minmax(0, 1fr)", answer: "5em", notes: "11em" };
    const hidden = prefs.get("hidden");
    for (const [name] of columns) this.element.classList.toggle("no-" + name, hidden.includes(name));
    this.element.style.setProperty("--columns", columns.filter(([name]) => !hidden.includes(name)).map(([name]) => widths[name]).join(" "));
  }

  params() {
    return { of: this.of, where: this.where, limit: pageSize };
  }

  async page(cursor, signal) {
    const answer = await get("/events", { ...this.params(), ...cursor }, signal ?? this.asking?.signal);
    this.total = answer.total ?? this.total;
    this.progress(answer);
    return { items: keyed(answer.items), previous: answer.previous, next: answer.next, done: answer.done, scanned: answer.scanned, skipped: answer.skipped };
  }

  progress(answer) {
    if (answer.done !== false) return this.note?.remove();
    this.note ??= el("div", { class: "scan", role: "status" });
    put(this.note, `Looked through ${count(answer.scanned)} of ${count(answer.total)}. `, button("Stop", () => { this.asking?.abort(); this.note.remove(); }));
    this.body.before(this.note);
  }

  head_() {
    return el("div", { role: "row", class: "row row-head" }, columns.map(([name, title]) => el("span", { role: "columnheader", class: "c-" + name }, name === "time" ? zoneName(prefs.get("local")) : title)));
  }

  /** Loads the page around what the address names, and shows it. */
  async load({ at: given, newest = this.isLive && !given && !this.route.params.at } = {}) {
    const top = given ? null : this.state.top, at = given ?? this.route.at ?? this.route.params.at;
    this.state = {};
    this.asking?.abort();
    const { signal } = (this.asking = new AbortController());
    if (this.route.params.as === "text" && !this.part) return this.asText(signal);
    const loading = loadingState(this.of ?? "the events", () => this.asking.abort());
    if (!this.list) put(this.body, loading.element);
    try {
      let page = await this.page(newest ? {} : { at: top ?? at ?? beginning }, signal);
      while (!page.items.length && page.done === false && page.next) page = await this.page({ after: page.next }, signal);
      loading.done();
      if (!page.items.length && !this.isLive) return this.showEmpty();
      this.makeList();
      const address = /^c\d+\.\d+$/.test(at ?? "") ? at : null;
      let key = address && page.items.find((row) => row.at === address)?.key;
      if (address && !key && !this.where && !top) {
        key = page.items.findLast((row) => row.at.split(".")[0] === address.split(".")[0])?.key;
        announce(`There is no ${address}; the last event is shown.`, true);
      }
      this.list.selected = key ?? null;
      if (top) this.list.show(page, { key: page.items.find((row) => row.at === top)?.key, block: "start" });
      else this.list.show(page, { key: key ?? (at && !address ? page.items.find((row) => row.time >= at)?.key : null), to: newest ? "end" : "start" });
      if (key && !top) this.pick(key);
      if (address && (key || top)) this.app.select(key ? this.list.current?.at ?? at : at);
      if (newest) this.follow.start();
      this.scrubber.load({ of: this.of, where: this.where }, signal);
      if (!this.part && !document.activeElement?.closest("dialog, .pane-view input, .pane-detail")) this.focus();
      if (this.isLive && !page.items.length) this.follow.nothingYet();
    } catch (error) {
      loading.done();
      if (error.name === "AbortError") return;
      if (error.errorName === "filter_invalid") this.filter.tell(error);
      if (error.status === 404) return this.missing(error);
      put(this.body, emptyState(error.message, button("Try again", () => this.load())));
      this.dropList();
    }
  }

  makeList() {
    if (this.list && this.list.element.isConnected) return;
    this.dropList();
    this.list = new List({
      role: "grid", label: this.isLive ? "Live events" : `Events of ${this.of}`, head: this.head_(), most: 240,
      render: (row) => rowNode(row, this.context), load: (cursor) => this.page(cursor), transform: (rows, list) => this.transform(rows, list),
      onSelect: (row, cause) => this.selectedRow(row, cause), onOpen: (row) => this.openRow(row),
      onRange: (first, last) => this.range(first, last), rowIndex: (row) => (/^c/.test(this.of ?? "") && !this.where && row.at ? Number(row.at.split(".")[1]) + 1 : undefined),
      onLeaveEnd: () => this.follow.leave(), onError: (error) => announce(error.message, true),
    });
    this.list.element.dataset.main = "";
    this.list.rows.addEventListener("click", (event) => this.track(event.target.closest(".mask")?.dataset.mask));
    put(this.body, this.list.element, this.follow.pill);
  }

  dropList() {
    this.list?.destroy();
    this.list = null;
  }

  transform(rows, list) {
    const shown = rows.filter((row, index) => !(row.event === "message" && rows[index - 1]?.at === row.at && rows[index - 1].text) || row.key === list.selected);
    const folded = this.where ? [] : prefs.get("fold");
    const out = fold(shown, (row) => groupOf(row, folded), this.open, list.selected);
    let above = null;
    for (const row of out) {
      row.above = above;
      if (row.time) above = row;
    }
    this.context = { needle: this.find.needle, tracked: this.tracked, markedRow: this.markedRow, pairs: answers(rows),
      onFold: (row) => this.toggleFold(row), onPassed: (row) => this.follow.loadPassed(row) };
    return out;
  }

  toggleFold(row, to = !row.isOpen) {
    if (to) this.open.add(row.key);
    else this.open.delete(row.key);
    this.list.refresh();
    this.list.select(row.key, { quiet: true });
  }

  /** The same secret or account, marked wherever it occurs. */
  track(text) {
    if (!text) return;
    this.tracked = this.tracked === text ? null : text;
    this.list?.refresh();
  }

  showEmpty() {
    this.dropList();
    if (!this.where) return put(this.body, emptyState("Nothing is recorded here."));
    put(this.body, emptyState(this.total ? `None of ${count(this.total)} events.` : "No event matches.", el("p", null, el("code", null, visible(this.where))), button("Clear the filter", () => this.applyFilter(""))));
    announce("No event matches the filter.");
  }

  async asText(signal) {
    this.dropList();
    const pre = el("pre", { class: "as-text", tabIndex: 0, "data-main": "" });
    const more = button("Further text", () => this.moreText(pre, more, signal), { hidden: true });
    put(this.body, el("div", { class: "text-box" }, pre, more));
    this.scrubber.element.hidden = true;
    await this.moreText(pre, more, signal);
  }

  async moreText(pre, more, signal) {
    const { text, next } = await getText("/text", { of: this.of, where: this.where, after: more.next }, signal);
    pre.append(visible(text, 4e6).replaceAll("␊", "\n"));
    more.next = next;
    more.hidden = !next;
  }

  update(route, state) {
    const before = this.route;
    this.route = route;
    this.state = state ?? {};
    if (route.at === before.at && route.params.at === before.params.at) return;
    if (route.at && this.pick(route.at)) return this.app.select(route.at);
    if (route.at || route.params.at) return this.load();
    this.deselect();
    if (state?.top) this.load();
  }

  applyFilter(where) {
    if (this.part) return;
    const at = this.list?.current?.at;
    this.app.go({ ...withParams(this.route, { where: where || undefined, at: undefined }), at: at ?? null });
  }

  selectedRow(row, cause) {
    if (!row.at) return;
    if (cause === "quiet") return;
    this.app.setAt(row.at);
    this.route = this.app.route;
    const parts = timeParts(row.time, prefs.get("local"));
    const index = this.of?.[0] === "c" ? `row ${row.at.split(".")[1]}${this.thing?.events ? " of " + count(this.thing.events) : ""} · ` : row.at + " · ";
    this.app.shell.status(`${index}${parts.date} ${parts.clock}.${parts.micro} ${parts.zone}`);
    this.app.select(row.at, { words: this.words });
    this.onSelected?.(row);
    if (prefs.get("middle")) this.list.reveal(row.key, "middle");
  }

  deselect() {
    if (!this.list) return;
    this.list.selected = null;
    this.list.mark();
    this.app.setAt(null);
    this.route = this.app.route;
    this.focus();
  }

  openRow(row) {
    if (row.folded) return this.toggleFold(row);
    if (row.passed) return this.follow.loadPassed(row);
    this.app.setAt(row.at, true);
    this.route = this.app.route;
    this.app.select(row.at, { focus: true });
  }

  range(first, last) {
    const time = (row) => row?.time ?? row?.folded?.[0].time;
    this.top = first?.at ?? first?.folded?.[0].at;
    this.scrubber.show(time(first), time(last));
    clearTimeout(this.saving);
    if (!this.part) this.saving = setTimeout(() => !this.isGone && this.app.view === this && history.replaceState({ top: this.top }, "", location.pathname + location.search), 300);
  }

  position() {
    return this.top;
  }

  jump(time) {
    this.follow.leave();
    return this.load({ at: time, newest: false });
  }

  async askTime() {
    const { askTime } = await import("./moment.js");
    askTime(this.list?.window.rows[this.list.firstVisible()]?.time, (time) => this.jump(time), () => this.focus());
  }

  /** Goes to the next row in a direction that an expression selects, in memory or on the server. */
  async seek(test, expression, direction) {
    const { list } = this;
    if (!list) return;
    const rows = list.window.rows, here = list.current ? rows.indexOf(list.current) : direction > 0 ? -1 : rows.length;
    for (let index = here + direction; index >= 0 && index < rows.length; index += direction) if (test(rows[index])) return void list.select(rows[index].key, { block: "middle" });
    const edge = direction > 0 ? list.window.next : list.window.previous;
    if (!edge) return announce(direction > 0 ? "No further one." : "No earlier one.", true);
    announce("Looking further …");
    let cursor = { [direction > 0 ? "after" : "before"]: edge };
    for (;;) {
      const answer = await get("/events", { of: this.of, where: joined(this.where, expression), limit: 1, ...cursor }, this.asking?.signal);
      if (answer.items.length) return this.goTo(answer.items.at(direction > 0 ? 0 : -1).at);
      if (answer.done !== false) return announce(direction > 0 ? "No further one." : "No earlier one.", true);
      cursor = direction > 0 ? { after: answer.next } : { before: answer.previous };
    }
  }

  /** Selects a row by its address, also one that is folded away. */
  pick(at, quiet = true) {
    const { list } = this;
    if (!list?.select(at, { quiet: true, block: "middle" })) return false;
    if (list.current.folded) this.open.add(list.current.key), list.refresh();
    return list.select(at, { quiet, block: "middle" });
  }

  async goTo(at) {
    if (this.pick(at, false)) return;
    this.app.setAt(at);
    this.route = this.app.route;
    await this.load({ at, newest: false });
  }

  zoneChanged() {
    if (!this.list) return;
    put(this.list.options.head, [...this.head_().children]);
    this.list.refresh();
  }

  onState(state) {
    this.follow.onState(state);
  }

  focus() {
    (this.list?.element ?? this.body.querySelector("[data-main]"))?.focus({ preventScroll: true });
  }

  destroy() {
    this.isGone = true;
    this.asking?.abort();
    this.follow.stop();
    this.dropList();
  }

  get actions() {
    return this.keyActions ??= this.makeActions();
  }

  makeActions() {
    const withRow = (action) => () => (this.list?.current ? (action(this.list.current), true) : false);
    const withList = (action) => () => (this.list ? (action(this.list), true) : false);
    return {
      next: withList((list) => list.move(1)), previous: withList((list) => list.move(-1)),
      pageDown: withList((list) => list.page(1)), pageUp: withList((list) => list.page(-1)),
      first: withList((list) => (list.window.previous ? this.load({ at: beginning, newest: false }).then(() => list.move(-1e9)) : list.move(-1e9))),
      last: () => { this.follow.toEnd(); },
      open: withRow((row) => this.openRow(row)),
      fold: withRow((row) => row.folded ? this.toggleFold(row, false) : 0), unfold: withRow((row) => row.folded ? this.toggleFold(row, true) : 0),
      find: () => this.find.start(), findNext: () => this.find.step(1), findPrevious: () => this.find.step(-1),
      filter: () => this.filter.focus(), clearFilter: () => this.filter.set(""),
      hideLike: withRow((row) => row.event === "frame" ? this.applyFilter(hiding(this.where, row.verb)) : this.applyFilter(joined(this.where, `not event == ${row.event}`))),
      onlyLike: withRow((row) => this.applyFilter(row.event === "frame" ? `verb == ${row.verb}` : `event == ${row.event}`)),
      answer: withRow((row) => {
        const pair = this.context.pairs.get(row.key), event = this.app.detail?.event;
        const to = pair?.at ?? (event?.at === row.at ? event.request_at ?? event.answer_at : null);
        if (to) this.goTo(to);
        else announce("Nothing answers this, and it answers nothing.", true);
      }),
      redirect: withRow(async (row) => {
        if (row.leads_to) return this.app.redirects.push(row.at), this.app.go("/" + row.leads_to);
        const from = (await this.app.thing("c" + row.conn)).from;
        if (from) this.app.go("/" + from);
        else announce("No redirect led here.", true);
      }),
      nextMark: () => { this.seek((row) => this.isMark(row), marks, 1); }, previousMark: () => { this.seek((row) => this.isMark(row), marks, -1); },
      mark: withRow((row) => { this.markedRow = row; this.list.refresh(); announce("Differences count from this row.", true); }),
      unmark: () => { this.markedRow = null; this.list?.refresh(); },
      pause: () => this.follow.toggle(), middle: () => { prefs.set("middle", !prefs.get("middle")); announce(prefs.get("middle") ? "The selected row stays in the middle." : "The selected row moves freely.", true); if (this.list?.current) this.list.reveal(this.list.selected, "middle"); },
      copyAddress: withRow((row) => copy(location.origin + "/" + row.at, "the address")), copyLine: withRow((row) => copy(row.line ?? row.text ?? "", "the line")),
      beside: () => this.beside(), contacts: () => this.app.contacts(), panes: () => this.app.detail?.actions.panes?.() ?? false,
    };
  }

  isMark(row) {
    return ["finding", "gap", "rewritten", "noise"].includes(row.event) || row.changed || row.notes?.length > 0;
  }

  async beside() {
    const talk = this.app.detail?.event?.talk ?? this.thing?.conversation?.id ?? (this.thing?.connections ?? []).find((connection) => connection.conversation)?.conversation.id;
    if (!talk) return announce("Nobody talks here.", true);
    this.app.go({ view: "talk", id: talk, at: this.list?.current?.at ?? null, params: { beside: "protocol" } });
  }
}

export const create = (app, route, state) => new Protocol(app, route, state);
