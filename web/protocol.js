// The protocol: one row an event, old and live alike, with filter, find, folds and marks.

import { announce, button, copy, el, link, menu, put } from "./dom.js";
import { get, getText } from "./api.js";
import { count, zoneName } from "./text.js";
import { hiding, joined, toggled, withParams } from "./router.js";
import { ListView } from "./list.js";
import { beginning, emptyState, nothingLeft } from "./view.js";
import { fold, groupOf, groups } from "./window.js";
import { Filter } from "./filter.js";
import { Scrubber } from "./scrub.js";
import { answers, columns, keyed, rowNode } from "./rows.js";
import { prefs } from "./prefs.js";
import { Find } from "./find.js";
import { Follow } from "./follow.js";

// Verbs of errors are numbers.
const errors = "verb <= 999", marks = `(event in {finding gap rewritten noise} or ${errors})`;

export class Protocol extends ListView {
  /** `isPart` says that it stands beside a talk: no heading of its own. */
  constructor(app, route, state, isPart = false) {
    super(app, route, state);
    this.isPart = isPart;
    this.isLive = route.view === "live";
    this.of = this.isLive ? route.params.of : route.id;
    this.title = this.isLive ? "Live" : route.id;
    this.where = isPart ? "" : route.params.where ?? "";
    this.open = new Set();
    this.find = new Find(this);
    this.follow = new Follow(this);
    this.filter = new Filter({ value: this.where, onApply: (where) => this.applyFilter(where) });
    this.scrubber = new Scrubber((time) => this.jump(time));
    this.body = el("div", { class: "list-box" });
    this.chips = el("div", { class: "chips", role: "group", "aria-label": "Parts of the filter" });
    this.tools = el("div", { class: "tools" });
    const head = isPart ? el("h2", { class: "part-title" }, "Protocol of " + this.of)
      : this.heading(["Live", this.of ? el("span", { class: "part" }, " of " + this.of) : null], this.follow.state);
    this.element = el("div", { class: "view protocol" }, head, isPart ? null : el("div", { class: "toolbar" }, this.filter.element, this.chips, this.tools), this.find.element,
      el("div", { class: "with-scrubber" }, this.body, this.scrubber.element));
    this.drawTools();
    this.applyColumns();
  }

  /** The thing is known now: its connections' roles are chips, and the talk that is to stand beside it. */
  known() {
    this.drawTools();
    if (this.route.params.beside === "talk") this.beside(true);
  }

  drawTools() {
    const roles = [...new Set((this.thing?.connections ?? []).map((connection) => connection.role))].filter((role) => role && role !== "unknown");
    const chips = [["client", "dir == c2s"], ["server", "dir == s2c"], ...(roles.length > 1 ? roles.map((role) => [role, `role == ${role}`]) : []), ["messages", "event == message"], ["findings", "event == finding"], ["errors", errors], ["changed", "event == rewritten"]];
    const parts = this.where.split(" and ");
    put(this.chips, chips.map(([name, condition]) => button(name, () => this.applyFilter(toggled(this.where, condition)), { class: "chip", "aria-pressed": String(parts.includes(condition)) })));
    const choices = (text, key, all, isOn) => menu(text, () => all.map(([name, title]) => [(isOn(prefs.get(key).includes(name)) ? "☑ " : "☐ ") + title, () => this.change(key, name)]), { class: "small-button" });
    put(this.tools, choices("Fold", "fold", groups, (isIn) => isIn), choices("Columns", "hidden", columns.filter(([name]) => name !== "line"), (isIn) => !isIn),
      button("Go to a time", () => this.askTime(), { icon: "clock" }), button("Find in this list", () => this.find.start(), { icon: "search" }),
      this.isLive ? null : [this.textToggle(), this.follow.state]);
  }

  change(name, value) {
    const list = prefs.get(name);
    prefs.set(name, list.includes(value) ? list.filter((other) => other !== value) : [...list, value]);
    this.applyColumns();
    this.list?.refresh();
  }

  applyColumns() {
    const hidden = prefs.get("hidden"), shown = columns.filter(([name]) => !hidden.includes(name));
    for (const [name] of columns) this.element.classList.toggle("no-" + name, hidden.includes(name));
    this.element.style.setProperty("--columns", shown.map(([, , width]) => width).join(" "));
  }

  get params() {
    return { of: this.of, where: this.where, limit: 200 };
  }

  async page(cursor, signal = this.asking?.signal) {
    const answer = await get("/events", { ...this.params, ...cursor }, signal);
    this.total = answer.total ?? this.total;
    this.progress(answer);
    return { ...answer, items: keyed(answer.items) };
  }

  progress(answer) {
    this.note?.remove();
    if (answer.done !== false) return;
    this.note = el("div", { class: "scan", role: "status" }, `Looked through ${count(answer.scanned)} of ${count(answer.total)}. `, button("Stop", () => { this.asking?.abort(); this.note.remove(); }));
    this.body.before(this.note);
  }

  headCells() {
    return columns.map(([name, title]) => el("span", { role: "columnheader", class: "c-" + name }, name === "time" ? zoneName(prefs.get("local")) : title));
  }

  load({ at: given, newest = this.isLive && !given && !this.route.params.at } = {}) {
    if (this.route.params.as === "text" && !this.isPart) return this.asText((after, signal) => getText("/text", { of: this.of, where: this.where, after }, signal));
    const { top, at } = this.place(given);
    return this.read(this.of ?? "the events", async (signal) => {
      let page = await this.page(newest ? {} : { at: top ?? at ?? beginning }, signal);
      while (!page.items.length && page.done === false && page.next) page = await this.page({ after: page.next }, signal);
      if (!page.items.length && !this.isLive) return this.showEmpty();
      if (!page.items.length) return this.follow.start(), this.follow.nothingYet();
      const address = /^c\d+\.\d+$/.test(at ?? "") ? at : null, found = (row) => row?.key;
      let key = found(address && page.items.find((row) => row.at === address));
      if (address && !key && !this.where && !top) {
        key = found(page.items.findLast((row) => row.at.split(".")[0] === address.split(".")[0]));
        announce(`There is no ${address}; the last event is shown.`, true);
      }
      this.show(page, top ? { key: found(page.items.find((row) => row.at === top)), block: "start" }
        : { key: key ?? (at && !address ? found(page.items.find((row) => row.time >= at)) : null), to: newest ? "end" : "start" }, key);
      if (key && !top) this.pick(key);
      if (address && (key || top)) this.app.select(key ? this.list.current?.at ?? at : at);
      if (newest) this.follow.start();
      this.scrubber.load({ of: this.of, where: this.where }, signal);
      if (!this.isPart && !document.activeElement?.closest("dialog, .pane-view input, .pane-detail")) this.focus();
    });
  }

  show(page, place, selected) {
    if (this.list) {
      this.list.selected = selected ?? null;
      return this.list.show(page, place);
    }
    this.showList(page, {
      role: "grid", label: this.isLive ? "Live events" : `Events of ${this.of}`, head: el("div", { role: "row", class: "row row-head" }, this.headCells()), selected,
      render: (row) => rowNode(row, this.context), transform: (rows, list) => this.transform(rows, list), onLeaveEnd: () => this.follow.leave(),
      rowIndex: (row) => (/^c/.test(this.of ?? "") && !this.where && row.at ? Number(row.at.split(".")[1]) + 1 : undefined),
    }, place);
    this.list.rows.addEventListener("click", (event) => this.track(event.target.closest(".mask")?.dataset.mask));
    this.body.append(this.follow.pill);
  }

  failed(error) {
    if (error.errorName === "filter_invalid") this.filter.showProblem(error);
    super.failed(error);
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

  toggleFold(row, isOpen = !row.isOpen) {
    this.open[isOpen ? "add" : "delete"](row.key);
    this.list.refresh();
    this.list.select(row.key, { quiet: true });
  }

  track(text) {
    if (!text) return;
    this.tracked = this.tracked === text ? null : text;
    this.list?.refresh();
  }

  showEmpty() {
    this.dropList();
    put(this.body, this.where ? nothingLeft(this.total ? `None of ${count(this.total)} events.` : "No event matches.", this.where, () => this.applyFilter("")) : emptyState("Nothing is recorded here."));
  }

  applyFilter(where) {
    if (!this.isPart) this.app.go({ ...withParams(this.route, { where: where || undefined, at: undefined }), at: this.list?.current?.at ?? null });
  }

  selected(row) {
    if (!row.at) return;
    this.setAt(row.at);
    this.status(row, this.of?.[0] === "c" ? `row ${row.at.split(".")[1]}${this.thing?.events ? " of " + count(this.thing.events) : ""}` : row.at);
    this.app.select(row.at);
    this.onSelected?.(row);
    if (prefs.get("middle")) this.list.reveal(row.key, "middle");
  }

  openRow(row) {
    if (row.folded) return this.toggleFold(row);
    if (row.passed) return this.follow.loadPassed(row);
    this.setAt(row.at, true);
    this.app.select(row.at, { focus: true });
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
    const { list } = this, isForward = direction > 0;
    if (!list) return;
    const rows = list.window.rows, here = list.current ? rows.indexOf(list.current) : isForward ? -1 : rows.length;
    for (let index = here + direction; rows[index]; index += direction) if (test(rows[index])) return void list.select(rows[index].key, { block: "middle" });
    let edge = isForward ? list.window.next : list.window.previous;
    if (edge) announce("Looking further …");
    while (edge) {
      const answer = await get("/events", { of: this.of, where: joined(this.where, expression), limit: 1, [isForward ? "after" : "before"]: edge }, this.asking?.signal);
      if (answer.items.length) return this.goTo(answer.items.at(isForward ? 0 : -1).at);
      edge = answer.done === false && (isForward ? answer.next : answer.previous);
    }
    announce(isForward ? "No further one." : "No earlier one.", true);
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
    this.setAt(at);
    await this.load({ at, newest: false });
  }

  zoneChanged() {
    if (!this.list) return;
    put(this.list.options.head, this.headCells());
    this.list.refresh();
  }

  onState(state) {
    this.follow.onState(state);
  }

  destroy() {
    super.destroy();
    this.follow.stop();
  }

  async toStart() {
    await this.load({ at: beginning, newest: false });
    this.list?.move(-1e9);
  }

  get actions() {
    return this.keyActions ??= this.makeActions(super.actions);
  }

  makeActions(general) {
    const withRow = (action) => () => (this.list?.current ? (action(this.list.current), true) : false);
    return {
      ...general, last: () => { this.follow.toEnd(); },
      fold: withRow((row) => row.folded && this.toggleFold(row, false)), unfold: withRow((row) => row.folded && this.toggleFold(row, true)),
      ...this.find.actions, filter: () => this.filter.focus(), clearFilter: () => this.filter.set(""),
      hideLike: withRow((row) => this.applyFilter(row.event === "frame" ? hiding(this.where, row.verb) : joined(this.where, `not event == ${row.event}`))),
      onlyLike: withRow((row) => this.applyFilter(row.event === "frame" ? `verb == ${row.verb}` : `event == ${row.event}`)),
      answer: withRow((row) => {
        const event = this.app.detail?.event, to = this.context.pairs.get(row.key)?.at ?? (event?.at === row.at ? event.request_at ?? event.answer_at : null);
        if (to) this.goTo(to);
        else announce("Nothing answers this, and it answers nothing.", true);
      }),
      redirect: withRow(async (row) => {
        const to = row.leads_to ?? (await this.app.thing("c" + row.conn)).from;
        if (to) this.app.go("/" + to);
        else announce("No redirect led here.", true);
      }),
      nextMark: () => { this.seek(isMark, marks, 1); }, previousMark: () => { this.seek(isMark, marks, -1); },
      mark: withRow((row) => { this.markedRow = row; this.list.refresh(); announce("Differences count from this row.", true); }),
      unmark: () => { this.markedRow = null; this.list?.refresh(); },
      pause: () => this.follow.toggle(),
      middle: () => {
        prefs.set("middle", !prefs.get("middle"));
        announce(prefs.get("middle") ? "The selected row stays in the middle." : "The selected row moves freely.", true);
        if (this.list?.current) this.list.reveal(this.list.selected, "middle");
      },
      copyAddress: withRow((row) => copy(location.origin + "/" + row.at, "the address")), copyLine: withRow((row) => copy(row.line ?? row.text ?? "", "the line")),
      beside: () => { this.beside(); },
    };
  }

  beside(replace) {
    const talk = this.app.detail?.event?.talk ?? [this.thing, ...(this.thing?.connections ?? [])].find((one) => one?.conversation)?.conversation.id;
    if (!talk) return announce("Nobody talks here.", true);
    this.app.go({ view: "talk", id: talk, at: this.list?.current?.at ?? null, params: { beside: "protocol" } }, { replace });
  }
}

function isMark(row) {
  return ["finding", "gap", "rewritten", "noise"].includes(row.event) || row.changed || row.notes?.length > 0 || row.verb > 0;
}

export const create = (app, route, state) => new Protocol(app, route, state);
