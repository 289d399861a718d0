// Home: the sign-ins as a tree over their connections, talks and transfers.

import { button, copy, el, link } from "./dom.js";
import { get } from "./api.js";
import { count, difference, duration, plural, size, timeParts, visible, zoneName } from "./text.js";
import { emptyState, listeningAt, nothingLeft } from "./view.js";
import { NavList } from "./nav.js";
import { prefs } from "./prefs.js";

/** The rows under a sign-in. A key in `open` says that a sign-in is open, with “-” that a connection is not; `more` is what else is known of connections. */
function childRows(item, open, more) {
  const connections = item.connections ?? [];
  const rows = connections.flatMap((listed, index) => {
    const connection = { ...more.get(listed.id), ...listed }, { id, conversation, transfers = [] } = connection, isOpen = !open.has("-" + id);
    const below = [...(conversation ? [{ key: `${item.id} ${conversation.id}`, level: 3, talk: conversation, address: "/" + conversation.id }] : []),
      ...transfers.slice(0, 50).map((transfer, number) => ({ key: `${id} t${number}`, level: 3, transfer, address: `/${id}/files` }))];
    return [{ key: id, level: 2, connection, isLast: index === connections.length - 1, address: "/" + id, hasChildren: below.length > 0, isOpen }, ...(isOpen ? below : [])];
  });
  if (item.more) rows.push({ key: item.id + " more", level: 2, more: item.more, of: item });
  return rows;
}

const cell = (name, ...content) => el("span", { role: "gridcell", class: name }, ...content);
const branch = (sign) => el("span", { class: "branch", "aria-hidden": "true" }, sign);
const warning = (...content) => el("span", { class: "badge warning" }, ...content);

class Tree extends NavList {
  asked = new Map();
  more = new Map();

  constructor(app) {
    super(app, { view: "home", title: "Sign-ins", name: "sign-ins", role: "treegrid", scope: "sessions", placeholder: "filter, such as  account contains alice and findings > 0" });
  }

  get options() {
    const head = ["Sign-in", "Dialect", "Program", `Time (${zoneName(prefs.get("local"))})`, "Took", "Messages", "Findings"];
    return {
      head: el("div", { class: "tree-head", role: "row" }, head.map((name) => el("span", { role: "columnheader" }, name))),
      transform: (rows) => rows.flatMap((row) => {
        row.isOpen = this.open.has(row.key);
        if (row.isOpen) this.extend(row.item);
        return [row, ...(row.isOpen ? childRows(row.item, this.open, this.more) : [])];
      }),
    };
  }

  /** What led to the connections of an open sign-in, and what was sent over them; also those that the list left out. */
  async extend(item, isAll) {
    if (!isAll && this.asked.get(item.id) === item.connection_count) return;
    this.asked.set(item.id, item.connection_count);
    const { connections } = await get("/sign-ins/" + item.id).catch(() => ({ connections: [] }));
    for (const { id, from, transfers } of connections) this.more.set(id, { from, transfers });
    if (isAll && connections.length) Object.assign(item, { connections, more: 0 });
    this.list?.refresh();
  }

  async page(cursor, signal) {
    const page = await get("/sign-ins", { where: this.where, limit: 50, ...cursor }, signal);
    const items = page.items.map((item) => ({ key: item.id, level: 1, item, time: item.time_first, address: "/" + item.id, hasChildren: true }));
    this.open ??= new Set(items.length <= 3 ? items.map((row) => row.key) : []);
    return { ...page, items };
  }

  empty() {
    if (this.where) return nothingLeft("No sign-in matches this filter.", this.where, () => this.filter.set(""));
    const info = this.app.info ?? {};
    if (info.import && !info.import.finished) return emptyState("The captures are being read.", el("p", null, "What is found appears here."));
    if (info.listening?.length) return emptyState("Nobody has signed in yet.", listeningAt(info));
    return emptyState("Nothing is recorded here yet.", el("p", null, "Record a client, or read captures:"),
      ["butterflynet relay --upstream messenger.example.org", "butterflynet import FILE"].map((text) =>
        el("p", { class: "command" }, el("code", null, text), button("Copy the command", () => copy(text, "the command"), { icon: "copy", class: "small" }))));
  }

  name(item) {
    return item.sign_in ? visible(item.account ?? "unknown account", 120) : `no sign-in (${item.recording}${item.origin ? ": " + visible(item.origin.split("/").at(-1), 60) : ""})`;
  }

  line(item) {
    const { date, clock, zone } = timeParts(item.time_first, prefs.get("local"));
    const facts = [item.id, this.name(item), item.dialect, visible(item.client_program ?? "", 60), `${date} ${clock} ${zone}`, plural(item.messages ?? 0, "message"), item.findings ? "▲ " + count(item.findings) : ""];
    const connections = (item.connections ?? []).map((one) => `   ${one.id}  ${one.role}  ${visible(one.server, 80)}  ${this.sums(one)}${one.conversation ? `  ${one.conversation.id} talk` : ""}\n`);
    return facts.filter(Boolean).join("  ") + "\n" + connections.join("") + (item.more ? `   ${count(item.more)} more connections\n` : "");
  }

  sums(connection) {
    return plural(connection.frames ?? 0, "command") + " · " + size((connection.c2s_bytes ?? 0) + (connection.s2c_bytes ?? 0));
  }

  row(row) {
    const cells = row.item ? this.signIn(row) : row.connection ? this.connection(row.connection, row) : row.talk ? this.talk(row.talk, row) : row.transfer ? this.transfer(row.transfer, row)
      : [cell("who", button(`${count(row.more)} more connections`, () => this.extend(row.of, true), { class: "quiet", tabIndex: -1 }))];
    return el("div", {
      role: "row", "aria-level": row.level, "aria-expanded": row.hasChildren ? String(row.isOpen) : undefined,
      class: `tree-row level${row.level} ${row.item && !row.item.sign_in ? "none" : ""} role-${row.connection?.role ?? ""}`,
    }, cells);
  }

  twist(row) {
    return button("▸", (event) => { event.stopPropagation(); this.fold(row, !row.isOpen); }, { class: "twist" + (row.isOpen ? " open" : ""), tabIndex: -1, "aria-hidden": "true" });
  }

  identifier(row, text) {
    return [link(row.address, { tabIndex: -1, class: "id" }, text), " "];
  }

  signIn(row) {
    const { item } = row, began = timeParts(item.time_first, prefs.get("local"));
    return [cell("who", this.twist(row), this.identifier(row, item.id), el("span", { class: "account" }, this.name(item))),
      cell("dialect", item.dialect ?? ""), cell("program", visible(item.client_program ?? "", 60)), cell("time", began.date, " ", began.clock),
      cell("took", item.time_first && item.time_last ? duration(difference({ time: item.time_last }, { time: item.time_first })) : ""),
      cell("number", item.messages ? count(item.messages) : ""),
      cell("notes", item.findings ? warning("▲ ", count(item.findings)) : null, item.connections?.some((connection) => connection.end === "open") ? el("span", { class: "badge live" }, "● open") : null)];
  }

  connection(connection, row) {
    const { conversation, end, from } = connection;
    return [cell("who", branch(row.isLast ? "└" : "├"), row.hasChildren ? this.twist(row) : el("span", { class: "twist" }), this.identifier(row, connection.id), el("span", { class: "role" }, connection.role), " ",
      el("span", { class: "where" }, conversation?.session ? "session " + visible(conversation.session, 40) : visible(connection.server, 80))),
    cell("sums", this.sums(connection)),
    cell("notes", from ? link("/" + from, { tabIndex: -1, class: "from" }, "from " + from) : null,
      end === "open" ? el("span", { class: "badge live" }, "● open") : end === "cut_off" ? el("span", { class: "badge" }, "cut off") : null,
      connection.missing_bytes ? el("span", { class: "badge danger" }, `✕ ${count(connection.missing_bytes)} B missing`) : null,
      connection.findings ? warning("▲ ", count(connection.findings)) : null)];
  }

  talk(talk, row) {
    return [cell("who", branch(""), this.identifier(row, talk.id), "talk ", el("span", { class: "people" }, (talk.participants ?? []).map((person) => visible(person, 60)).join(", "))),
      cell("sums", plural(talk.messages ?? 0, "message")), cell("notes")];
  }

  transfer(transfer, row) {
    return [cell("who", branch(""), "⇄ ", link(row.address, { tabIndex: -1 }, visible(transfer.name ?? transfer.kind, 80)), " ",
      el("span", { class: "people" }, transfer.from ? `${visible(transfer.from, 60)} → ${visible(transfer.to ?? "?", 60)}` : "")),
    cell("sums", size(transfer.size)), cell("notes", transfer.complete ? "whole" : warning("incomplete"))];
  }

  fold(row, isOpen) {
    const key = row.item ? row.key : "-" + row.key;
    this.open[!!row.item === isOpen ? "add" : "delete"](key);
    this.list.refresh();
    this.list.select(row.key, { quiet: true });
  }

  openRow(row) {
    if (row.more) return this.extend(row.of, true);
    this.app.go(row.address);
  }

  /** The row of a thing; the sign-in above it is opened. */
  keyOf(id) {
    const above = this.list?.window.pages.flatMap((page) => page.items).find((row) => row.key !== id && row.item.connections?.some((connection) => connection.id === id));
    if (above && !this.open.has(above.key)) {
      this.open.add(above.key);
      this.list.refresh();
    }
    return id;
  }

  onState() {
    clearTimeout(this.later);
    this.later = setTimeout(() => this.app.route?.view === "home" && !(this.list?.element.scrollTop >= 40) && !this.route.params.at && !document.hidden && this.update(), 1000);
  }

  async update() {
    const page = await this.page({}, this.asking?.signal).catch(() => null);
    if (!page?.items.length || this.isGone) return;
    if (!this.list) return this.load();
    const { selected, element: { scrollTop } } = this.list;
    this.list.show(page);
    this.list.element.scrollTop = scrollTop;
    if (selected) this.list.select(selected, { quiet: true, cause: "click" });
  }

  get actions() {
    const foldable = (action) => () => (this.list?.current ? action(this.list, this.list.current) : false);
    return {
      ...super.actions,
      unfold: foldable((_, row) => row.hasChildren && (this.fold(row, true), true)),
      fold: foldable((list, row) => {
        if (row.hasChildren && row.isOpen) return this.fold(row, false), true;
        const above = list.window.rows.slice(0, list.window.indexOf(row.key)).findLast((other) => other.level < row.level);
        if (above) list.select(above.key);
        return true;
      }),
    };
  }
}

export const create = (app) => new Tree(app);
