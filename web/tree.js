// Home: the sign-ins as a tree over their connections, talks and transfers.

import { button, el, link, put } from "./dom.js";
import { get } from "./api.js";
import { count, difference, duration, plural, size, timeParts, visible, zoneName } from "./text.js";
import { Filter } from "./filter.js";
import { List, emptyState, loadingState } from "./list.js";
import { prefs } from "./prefs.js";

/** The rows under a sign-in: its connections, and what is on each. */
export function childRows(item, open) {
  const rows = [];
  const connections = item.connections ?? [];
  connections.forEach((connection, index) => {
    const below = [];
    if (connection.conversation) below.push({ key: `${item.id} ${connection.conversation.id}`, level: 3, talk: connection.conversation, address: "/" + connection.conversation.id });
    (connection.transfers ?? []).slice(0, 50).forEach((transfer, number) => below.push({ key: `${connection.id} t${number}`, level: 3, transfer, address: `/${connection.id}/files` }));
    rows.push({ key: connection.id, level: 2, connection, isLast: index === connections.length - 1, address: "/" + connection.id, hasChildren: below.length > 0, isOpen: !open.has("-" + connection.id) });
    if (!open.has("-" + connection.id)) rows.push(...below);
  });
  if (item.more) rows.push({ key: item.id + " more", level: 2, more: item.more, of: item.id });
  return rows;
}

class Tree {
  constructor(app) {
    this.app = app;
    this.open = new Set();
    this.filter = new Filter({ scope: "sessions", value: app.route?.params.where, placeholder: "filter, such as  account contains alice and findings > 0", onApply: (where) => app.go({ view: "home", id: null, at: null, params: { where } }) });
    this.body = el("div", { class: "tree-body" });
    this.heading = el("h1", { class: "unseen" }, "Sign-ins");
    this.element = el("div", { class: "tree" }, this.heading, el("div", { class: "nav-tabs" },
      link("/", { "aria-current": "page" }, "Sign-ins"), link("/talks", {}, "Talks")), this.filter.element, this.body);
    this.where = app.route?.view === "home" ? app.route.params.where ?? "" : "";
    this.reload();
  }

  destroy() {
    this.asking?.abort();
    this.list?.destroy();
  }

  head() {
    return el("div", { class: "tree-head", role: "row" }, ["Sign-in", "Dialect", "Program", `Time (${zoneName(prefs.get("local"))})`, "Took", "Messages", "Findings"]
      .map((name) => el("span", { role: "columnheader" }, name)));
  }

  async reload() {
    this.asking?.abort();
    this.asking = new AbortController();
    const { signal } = this.asking;
    const loading = loadingState("the sign-ins", () => this.asking.abort());
    if (!this.list) put(this.body, loading.element);
    try {
      const page = await this.page({}, signal);
      loading.done();
      this.list?.destroy();
      this.list = null;
      if (!page.items.length) return put(this.body, this.empty());
      this.list = new List({
        role: "treegrid", label: "Sign-ins", head: this.head(), render: (row) => this.row(row), load: (cursor) => this.page(cursor, signal),
        onOpen: (row) => this.openRow(row), onSelect: (row, cause) => { if (cause === "click") this.openRow(row); },
        transform: (rows) => rows.flatMap((row) => [row, ...(this.isOpen(row) ? childRows(row.item, this.open) : [])]),
      });
      put(this.body, this.list.element);
      this.list.show(page);
      this.routed(this.app.route);
      if (this.app.route?.view === "home") this.focus();
    } catch (error) {
      loading.done();
      if (error.name !== "AbortError") put(this.body, emptyState(error.message)), this.filter.tell(error.errorName === "filter_invalid" ? error : null);
    }
  }

  async page(cursor, signal) {
    const page = await get("/sign-ins", { where: this.where, limit: 100, ...cursor }, signal);
    const items = page.items.map((item) => ({ key: item.id, level: 1, item, address: "/" + item.id, hasChildren: true }));
    if (items.length <= 3 && !cursor.after && !this.opened) items.forEach((row) => this.open.add(row.key));
    this.opened = true;
    return { items, previous: null, next: page.next };
  }

  isOpen(row) {
    return this.open.has(row.key);
  }

  empty() {
    if (this.where) return emptyState("No sign-in matches this filter.", el("p", null, el("code", null, visible(this.where))), el("button", { type: "button", onclick: () => this.filter.set("") }, "Clear the filter"));
    const info = this.app.info ?? {};
    if (info.import && !info.import.finished) return emptyState("The captures are being read.", el("p", null, "What is found appears here."));
    if (info.listening?.length) return emptyState("Nobody has signed in yet.", el("p", null, "The relay listens at ", info.listening.map((address) => el("code", null, address)), ". Set this address as the server of a client."));
    const command = (text) => el("p", { class: "command" }, el("code", null, text), button("Copy the command", () => import("./dom.js").then(({ copy }) => copy(text, "the command")), { icon: "copy", class: "small" }));
    return emptyState("Nothing is recorded here yet.", el("p", null, "Record a client, or read captures:"),
      command("butterflynet relay --upstream messenger.example.org"), command("butterflynet import FILE"));
  }

  row(row) {
    const node = row.item ? this.signIn(row) : row.connection ? this.connection(row.connection, row) : row.talk ? this.talk(row.talk, row)
      : row.transfer ? this.transfer(row.transfer, row) : this.more(row);
    node.setAttribute("role", "row");
    node.setAttribute("aria-level", row.level);
    if (row.hasChildren) node.setAttribute("aria-expanded", row.item ? this.isOpen(row) : row.isOpen);
    return node;
  }

  toggle(row, isOpen) {
    return el("button", { type: "button", class: "twist" + (isOpen ? " open" : ""), tabIndex: -1, "aria-hidden": "true", onclick: (event) => { event.stopPropagation(); this.fold(row, !isOpen); } }, "▸");
  }

  signIn(row) {
    const { item } = row;
    const began = timeParts(item.time_first, prefs.get("local"));
    const took = item.time_first && item.time_last ? duration(difference({ time: item.time_last }, { time: item.time_first })) : "";
    const name = item.sign_in ? visible(item.account ?? "unknown account", 120)
      : ["no sign-in ", el("small", null, `(${item.recording}${item.origin ? ": " + visible(item.origin.split("/").at(-1), 60) : ""})`)];
    const cell = (name, ...content) => el("span", { role: "gridcell", class: name }, ...content);
    return el("div", { class: "tree-row level1" + (item.sign_in ? "" : " none") },
      cell("who", this.toggle(row, this.isOpen(row)), link(row.address, { tabIndex: -1, class: "id" }, item.id), " ", el("span", { class: "account" }, name)),
      cell("dialect", item.dialect ?? ""), cell("program", visible(item.client_program ?? "", 60)),
      cell("time", el("span", { class: "date" }, began.date), " ", began.clock), cell("took", took),
      cell("number", item.messages ? count(item.messages) : ""),
      cell("notes", item.findings ? el("span", { class: "badge warning" }, "▲ ", count(item.findings)) : "", item.connections?.some((connection) => connection.end === "open") ? el("span", { class: "badge live" }, "● open") : ""));
  }

  connection(connection, row) {
    const said = [];
    if (connection.end === "open") said.push(el("span", { class: "badge live" }, "● open"));
    if (connection.end === "cut_off") said.push(el("span", { class: "badge" }, "cut off"));
    if (connection.missing_bytes) said.push(el("span", { class: "badge danger" }, `✕ ${count(connection.missing_bytes)} B missing`));
    if (connection.findings) said.push(el("span", { class: "badge warning" }, "▲ ", count(connection.findings)));
    return el("div", { class: `tree-row level2 role-${connection.role}` },
      el("span", { role: "gridcell", class: "who" }, el("span", { class: "branch", "aria-hidden": "true" }, row.isLast ? "└" : "├"), row.hasChildren ? this.toggle(row, row.isOpen) : el("span", { class: "twist" }),
        link(row.address, { tabIndex: -1, class: "id" }, connection.id), " ", el("span", { class: "role" }, connection.role), " ",
        el("span", { class: "where" }, connection.conversation?.session ? "session " + visible(connection.conversation.session, 40) : visible(connection.server, 80))),
      el("span", { role: "gridcell", class: "sums" }, plural(connection.frames ?? 0, "command"), " · ", size((connection.c2s_bytes ?? 0) + (connection.s2c_bytes ?? 0))),
      el("span", { role: "gridcell", class: "notes" }, connection.from ? link("/" + connection.from, { tabIndex: -1, class: "from" }, "from " + connection.from) : null, said));
  }

  talk(talk, row) {
    return el("div", { class: "tree-row level3" }, el("span", { role: "gridcell", class: "who" }, el("span", { class: "branch", "aria-hidden": "true" }), link(row.address, { tabIndex: -1, class: "id" }, talk.id), " talk ",
      el("span", { class: "people" }, (talk.participants ?? []).map((person) => visible(person, 60)).join(", "))),
    el("span", { role: "gridcell", class: "sums" }, plural(talk.messages ?? 0, "message")), el("span", { role: "gridcell", class: "notes" }));
  }

  transfer(transfer, row) {
    return el("div", { class: "tree-row level3" }, el("span", { role: "gridcell", class: "who" }, el("span", { class: "branch", "aria-hidden": "true" }), "⇄ ", link(row.address, { tabIndex: -1 }, visible(transfer.name ?? transfer.kind, 80)), " ",
      el("span", { class: "people" }, transfer.from ? `${visible(transfer.from, 60)} → ${visible(transfer.to ?? "?", 60)}` : "")),
    el("span", { role: "gridcell", class: "sums" }, size(transfer.size)), el("span", { role: "gridcell", class: "notes" }, transfer.complete ? "whole" : el("span", { class: "badge warning" }, "incomplete")));
  }

  more(row) {
    return el("div", { class: "tree-row level2" }, el("span", { role: "gridcell", class: "who" }, el("button", { type: "button", class: "quiet", tabIndex: -1, onclick: () => this.loadMore(row.of) }, `${count(row.more)} more connections`)));
  }

  async loadMore(id) {
    const whole = await get("/sign-ins/" + id);
    for (const page of this.list.window.pages) for (const row of page.items) if (row.key === id) row.item = { ...whole, more: 0 };
    this.list.refresh();
  }

  fold(row, open) {
    const key = row.item ? row.key : "-" + row.key;
    if (row.item ? open : !open) this.open.add(key);
    else this.open.delete(key);
    this.list.refresh();
    this.list.select(row.key, { quiet: true });
  }

  openRow(row) {
    if (row.more) return this.loadMore(row.of);
    if (row.address) this.app.go(row.address);
  }

  routed(route) {
    const where = route?.view === "home" ? route.params.where ?? "" : this.where;
    if (where !== this.where) {
      this.where = where;
      this.filter.show(where);
      this.reload();
    }
    if (!this.list || !route?.id) return;
    const holder = this.list.window.pages.flatMap((page) => page.items).find((row) => row.key === route.id || row.item.connections?.some((connection) => connection.id === route.id));
    if (holder && holder.key !== route.id && !this.isOpen(holder)) this.open.add(holder.key), this.list.refresh();
    this.list.select(route.id, { quiet: true });
  }

  focus() {
    this.list?.element.focus({ preventScroll: true });
  }

  zoneChanged() {
    this.reload();
  }

  onState() {
    clearTimeout(this.later);
    this.later = setTimeout(() => this.app.route?.view === "home" && this.list?.element.scrollTop < 40 && !document.hidden && this.quietly(), 1000);
  }

  /** New sign-ins appear while one looks at the newest. */
  async quietly() {
    const page = await this.page({}, this.asking?.signal).catch(() => null);
    if (!page?.items.length) return;
    if (!this.list) return this.reload();
    const selected = this.list.selected, top = this.list.element.scrollTop;
    this.list.show(page);
    this.list.element.scrollTop = top;
    if (selected) this.list.select(selected, { quiet: true, cause: "click" });
  }

  get actions() {
    const { list } = this;
    if (!list) return { filter: () => this.filter.focus(), clearFilter: () => this.filter.set("") };
    return {
      next: () => list.move(1), previous: () => list.move(-1), pageDown: () => list.page(1), pageUp: () => list.page(-1),
      first: () => { list.element.scrollTop = 0; const row = list.window.rows[0]; if (row) list.select(row.key); },
      last: () => { const row = list.window.rows.at(-1); if (row) list.select(row.key); },
      open: () => list.current ? (this.openRow(list.current), true) : false,
      unfold: () => { const row = list.current; return row?.hasChildren ? (this.fold(row, true), true) : false; },
      fold: () => {
        const row = list.current;
        if (!row) return false;
        if (row.hasChildren && (row.item ? this.isOpen(row) : row.isOpen)) return this.fold(row, false), true;
        const rows = list.window.rows;
        for (let index = rows.indexOf(row) - 1; index >= 0; index -= 1) if (rows[index].level < row.level) return list.select(rows[index].key), true;
        return true;
      },
      filter: () => this.filter.focus(), clearFilter: () => this.filter.set(""),
    };
  }
}

export const create = (app) => new Tree(app);
