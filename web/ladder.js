// The ladder: parties as columns, time downwards; each row is a drawing of its own, so that long ones stay quick.

import { announce, button, copy, el, link, put, saveBlob, svg } from "./dom.js";
import { get, getBlob, getText } from "./api.js";
import { timeParts, visible, zoneName } from "./text.js";
import { List, emptyState, loadingState } from "./list.js";
import { heading, toggle } from "./head.js";
import { groups } from "./rows.js";
import { prefs } from "./prefs.js";

const wide = 150, tall = 24, most = 12;
const beginning = "1970-01-01T00:00:00Z";

class Ladder {
  constructor(app, route, state = {}) {
    Object.assign(this, { app, route, state, thingId: route.id, title: "Ladder of " + route.id, parties: [], without: new Set() });
    this.roles = el("span", { class: "chips", role: "group", "aria-label": "Roles" });
    this.body = el("div", { class: "list-box ladder-box" });
    const of = route.id, save = async (format, name) => saveBlob(await getBlob("/ladder/text", { of, format, fold: this.fold }), `butterflynet-${of}-ladder.${name}`);
    this.element = el("div", { class: "view ladder" }, heading(app, route, { onMissing: (error) => put(this.element, emptyState(error.status === 404 ? `There is no ${of} in this archive.` : error.message)) }),
      el("div", { class: "toolbar" }, el("span", { class: "faint" }, "shown:"), this.roles, groups.map(([name, title]) => toggle(title, !prefs.get("fold").includes(name), (isOn) => {
        prefs.set("fold", isOn ? prefs.get("fold").filter((other) => other !== name) : [...prefs.get("fold"), name]);
        this.load();
      })), el("span", { class: "grow" }), button("SVG", () => save("svg", "svg"), { class: "small-button" }), button("Mermaid", () => save("mermaid", "mmd"), { class: "small-button" }), button("Text", () => save("text", "txt"), { class: "small-button" }),
      button("Copy as text", async () => copy((await getText("/ladder/text", { of, format: "text", fold: this.fold })).text, "the ladder"), { icon: "copy" })), this.body);
  }

  started() {
    this.load();
  }

  get fold() {
    return prefs.get("fold").join(",") || ",";
  }

  async page(cursor, signal = this.asking?.signal) {
    const answer = await get("/ladder", { of: this.route.id, limit: 200, fold: this.fold, ...cursor }, signal), seen = new Set();
    const known = new Map(this.parties.map((party) => [party.id, party]));
    for (const party of answer.parties) known.set(party.id, { ...known.get(party.id), ...party });
    const before = this.parties.length;
    this.parties = [...known.values()];
    if (this.list && before !== this.parties.length) this.drawHead();
    return { previous: answer.previous, next: answer.next, items: (answer.rows ?? answer.items).map((row) => {
      let key = `${row.at ?? row.time}~${row.kind}`;
      while (seen.has(key)) key += "'";
      seen.add(key);
      return { ...row, key };
    }) };
  }

  async load({ at = this.state.top ?? this.route.at ?? this.route.params.at } = {}) {
    this.asking?.abort();
    const { signal } = (this.asking = new AbortController()), loading = loadingState("the ladder", () => this.asking.abort());
    if (!this.list) put(this.body, loading.element);
    try {
      this.parties = [];
      this.list?.destroy();
      this.list = null;
      const page = await this.page({ at: at ?? beginning }, signal);
      loading.done();
      if (!page.items.length) return put(this.body, emptyState("Nothing was said here."));
      this.head = el("div", { role: "row", class: "ladder-head" });
      this.list = new List({ role: "grid", label: `Ladder of ${this.route.id}`, head: this.head, most: 240, render: (row) => this.row(row), load: (cursor) => this.page(cursor), transform: (rows) => this.without.size ? rows.filter((row) => ![row.from, row.to].some((id) => this.without.has(this.roleOf(id)))) : rows,
        onSelect: (row) => this.selected(row), onOpen: (row) => row.at && this.app.select(row.at, { focus: true }), onRange: (first) => (this.top = first?.at), onError: (error) => announce(error.message, true) });
      this.list.element.dataset.main = "";
      this.drawHead();
      put(this.body, this.list.element);
      const key = at && page.items.find((row) => row.at === at)?.key;
      this.list.show(page, { key });
      if (key && this.route.at) this.list.select(key, { quiet: true }), this.app.select(at);
      this.focus();
    } catch (error) {
      loading.done();
      if (error.name !== "AbortError") put(this.body, emptyState(error.message, button("Try again", () => this.load())));
    }
  }

  /** The columns that are drawn: at most twelve; the others share the last one. */
  get columns() {
    return this.parties.length <= most ? this.parties : [...this.parties.slice(0, most - 1), { id: "more", kind: "server", label: "more…" }];
  }

  columnOf(id) {
    const index = this.parties.findIndex((party) => party.id === id);
    return index < 0 ? -1 : Math.min(index, this.columns.length - 1);
  }

  x(index) {
    return index * wide + wide / 2;
  }

  /** The role of a server's column, from its label such as “SB c17”. */
  roleOf(id) {
    return /^([A-Z0-9]+) c\d+$/.exec(this.parties.find((party) => party.id === id)?.label ?? "")?.[1];
  }

  drawRoles() {
    const roles = [...new Set(this.parties.map((party) => this.roleOf(party.id)).filter(Boolean))];
    put(this.roles, roles.length > 1 ? roles.map((role) => toggle(role, !this.without.has(role), (isOn) => {
      if (isOn) this.without.delete(role);
      else this.without.add(role);
      this.list?.refresh();
    })) : null);
  }

  drawHead() {
    const { columns } = this;
    this.drawRoles();
    this.list.element.style.setProperty("--ladder", columns.length * wide + "px");
    put(this.head, el("span", { role: "columnheader", class: "c-time" }, `time (${zoneName(prefs.get("local"))})`), el("span", { role: "columnheader", class: "ladder-parties" }, columns.map((party) => {
      const label = visible(party.label ?? party.id, 40);
      return el("span", { class: `party kind-${party.kind}`, title: label }, /\bc\d+$/.test(label) ? link("/" + /c\d+$/.exec(label)[0], { tabIndex: -1 }, label) : label);
    })), el("span", { role: "columnheader", class: "c-notes" }, el("span", { class: "unseen" }, "leads to")));
    if (this.list.elements.size) this.list.refresh();
  }

  /** Whether a party's lifeline runs at a time. */
  lives(party, time) {
    return party.id === "more" || ((!party.from || party.from <= time) && (!party.to || party.to >= time));
  }

  row(row) {
    const { columns } = this, parts = timeParts(row.time, prefs.get("local")), middle = tall / 2, width = columns.length * wide;
    const lines = columns.map((party, index) => this.lives(party, row.time) ? svg("line", { class: "life", x1: this.x(index), x2: this.x(index), y1: row.kind === "opened" && index === this.columnOf(row.to) ? middle : 0, y2: row.kind === "closed" && index === this.columnOf(row.to) ? middle : tall }) : null);
    const from = this.columnOf(row.from), to = this.columnOf(row.to), label = visible(row.label ?? "", 80).replaceAll("␊", " ");
    const drawing = svg("svg", { width, height: tall, viewBox: `0 0 ${width} ${tall}`, "aria-hidden": "true" }, lines);
    if (from < 0 || to < 0) drawing.append(svg("text", { x: 12, y: middle + 4, class: "silence" }, "⋮ " + label));
    else if (from === to) drawing.append(row.kind === "closed" ? svg("circle", { cx: this.x(from), cy: middle, r: 4, class: "close" }) : "", svg("text", { x: this.x(from) + 8, y: middle + 4, class: "label" }, label));
    else {
      const a = this.x(from), b = this.x(to), sign = b > a ? 1 : -1, end = b - sign * (row.kind === "opened" ? 5 : 2);
      drawing.append(svg("line", { class: "arrow", x1: a, x2: end, y1: middle + 5, y2: middle + 5 }));
      if (row.kind === "opened" || row.kind === "closed") drawing.append(svg("circle", { cx: b, cy: middle + 5, r: 4, class: row.kind === "opened" ? "open" : "close" }));
      else drawing.append(svg("path", { class: "head", d: `M${end} ${middle + 5}l${-sign * 7} -3.500v7z` }));
      if (row.via) { const via = this.columnOf(row.via); if (via > 0) drawing.append(svg("circle", { cx: this.x(via), cy: middle + 5, r: 2.500, class: "via" })); }
      const room = Math.floor((Math.abs(b - a) - 14) / 6.5), left = Math.min(a, b) + 8;
      const near = sign > 0 ? left : Math.max(left, Math.max(a, b) - Math.min(room, Math.max(12, label.length)) * 6.5 - 8);
      drawing.append(svg("text", { x: near, y: middle + 1, class: "label" }, label.length > room ? label.slice(0, Math.max(1, room - 1)) + "…" : label));
    }
    const note = [row.leads_to ? link("/" + row.leads_to, { tabIndex: -1 }, "→ " + row.leads_to) : null, row.leads_from ? link("/" + row.leads_from, { tabIndex: -1 }, "⤷ from " + row.leads_from) : null, row.sent || row.kind === "rewritten" ? el("span", { class: "badge changed", title: visible(row.sent ?? "", 300) }, "⇄ changed") : null];
    const name = (id) => visible(this.parties.find((party) => party.id === id)?.label ?? "", 40);
    return el("div", { role: "row", class: `ladder-row event-${row.kind}` }, el("span", { role: "gridcell", class: "c-time" }, parts.clock, el("small", null, ".", parts.micro.slice(0, 4))),
      el("span", { role: "gridcell", class: "ladder-drawing" }, el("span", { class: "unseen" }, from >= 0 && to >= 0 ? `${name(row.from)} to ${name(row.to)}: ${label}` : label), drawing), el("span", { role: "gridcell", class: "c-notes" }, note));
  }

  selected(row) {
    if (!row.at) return;
    this.app.setAt(row.at);
    this.route = this.app.route;
    this.app.select(row.at);
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
    if (route.at && route.at !== before.at) this.list?.select(route.at, { quiet: true }) ? this.app.select(route.at) : this.load();
  }

  position() {
    return this.top;
  }

  zoneChanged() {
    if (this.list) this.drawHead();
  }

  focus() {
    this.list?.element.focus({ preventScroll: true });
  }

  destroy() {
    this.asking?.abort();
    this.list?.destroy();
  }

  get actions() {
    const withList = (action) => () => (this.list ? (action(this.list), true) : false);
    return {
      next: withList((list) => list.move(1)), previous: withList((list) => list.move(-1)), pageDown: withList((list) => list.page(1)), pageUp: withList((list) => list.page(-1)),
      first: withList((list) => (list.window.previous ? this.load({ at: beginning }) : list.move(-1e9))), last: withList(async (list) => { if (list.window.next) list.show(await this.page({}), { to: "end" }); list.move(1e9); }),
      open: withList((list) => list.current?.at && this.app.select(list.current.at, { focus: true })),
      redirect: withList((list) => { const row = list.current; if (row?.leads_to) this.app.go("/" + row.leads_to); else if (row?.leads_from) this.app.go("/" + row.leads_from); }),
      contacts: () => this.app.contacts(), panes: () => this.app.detail?.actions.panes?.() ?? false,
    };
  }
}

export const create = (app, route, state) => new Ladder(app, route, state);
