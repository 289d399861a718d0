// The ladder: parties as columns, time downwards; each row is a drawing of its own, so that long ones stay quick.

import { announce, button, copy, el, link, openDialog, put, saveBlob, svg } from "./dom.js";
import { get, getBlob, getText } from "./api.js";
import { timeParts, visible, zoneName } from "./text.js";
import { withParams } from "./router.js";
import { ListView } from "./list.js";
import { beginning, emptyState, toggle } from "./view.js";
import { Scrubber } from "./scrub.js";
import { prefs } from "./prefs.js";
import { groups, withKeys } from "./window.js";

const wide = 150, tall = 24, most = 12, middle = tall / 2;
const center = (index) => index * wide + wide / 2;

class Ladder extends ListView {
  /** `isPart` says that it stands beside a talk: no heading of its own. */
  constructor(app, route, state, isPart = false) {
    super(app, route, state);
    Object.assign(this, { title: "Ladder of " + route.id, isPart, parties: [], without: new Set() });
    this.scrubber = new Scrubber((time) => this.load({ at: time }));
    this.roles = el("span", { class: "chips", role: "group", "aria-label": "Roles" });
    this.body = el("div", { class: "list-box" });
    const save = async (format, name) => saveBlob(await getBlob("/ladder/text", { ...this.params, format }), `butterflynet-${route.id}-ladder.${name}`);
    const fold = ([name, title]) => toggle(title, !prefs.get("fold").includes(name), (isOn) => {
      const others = prefs.get("fold").filter((other) => other !== name);
      prefs.set("fold", isOn ? others : [...others, name]);
      this.load({ at: this.top });
    });
    const names = toggle("names", prefs.get("names") === "name", (isOn) => {
      prefs.set("names", isOn ? "name" : "account");
      this.load({ at: this.top });
    });
    this.element = el("div", { class: "view ladder" }, isPart ? el("h2", { class: "part-title" }, "Ladder of " + route.id) : this.heading(),
      el("div", { class: "toolbar" }, this.roles, groups.map(fold), names,
        isPart ? null : [this.other(), this.textToggle(), el("span", { class: "grow" }),
          [["SVG", "svg", "svg"], ["Mermaid", "mermaid", "mmd"], ["Text", "text", "txt"]].map(([name, format, end]) => button(name, () => save(format, end), { class: "small-button" })),
          button("Copy as text", async () => copy((await this.text()).text, "the ladder"), { icon: "copy" })]),
      el("div", { class: "with-scrubber" }, this.body, this.scrubber.element));
  }

  get params() {
    return { of: this.route.id, beside: this.isPart ? undefined : this.route.params.beside, fold: prefs.get("fold").join(",") || ",", names: prefs.get("names"), without: [...this.without].join() };
  }

  text(signal) {
    return getText("/ladder/text", { ...this.params, format: "text" }, signal);
  }

  /** Lays another sign-in of the same time beside this one: that of the called person. */
  other() {
    const { beside } = this.route.params;
    if (beside) return toggle("beside " + beside, true, () => this.app.go(withParams(this.route, { beside: undefined })));
    return this.route.id[0] === "s" ? button("Another sign-in…", () => this.chooseOther(), { class: "toggle", "aria-haspopup": "dialog" }) : null;
  }

  async chooseOther() {
    const here = await this.app.thing(this.route.id);
    const { items } = await get("/sign-ins", { at: here.time_last, limit: 200 });
    const all = items.filter((item) => item.sign_in && item.id !== here.id && item.time_last >= here.time_first);
    const dialog = openDialog("Another sign-in beside " + here.id, "small-dialog", null,
      all.length ? el("ul", { class: "choices" }, all.map((item) => el("li", null, link(`/${here.id}/ladder?beside=${item.id}`, { onclick: () => dialog.close() }, el("b", null, item.id), " ", visible(item.account ?? "", 80)))))
        : el("p", null, "No other sign-in was recorded at that time."));
  }

  async page(cursor, signal = this.asking?.signal) {
    const answer = await get("/ladder", { ...this.params, limit: 200, ...cursor }, signal);
    const known = new Map(this.parties.map((party) => [party.id, party])), before = known.size;
    for (const party of answer.parties) known.set(party.id, { ...known.get(party.id), ...party });
    this.parties = [...known.values()];
    if (this.list && before !== known.size) this.drawHead();
    return { previous: answer.previous, next: answer.next, items: withKeys(answer.rows) };
  }

  load({ at: given } = {}) {
    if (this.route.params.as === "text" && !this.isPart) return this.asText((_, signal) => this.text(signal));
    const place = this.place(given), at = place.top ?? place.at;
    return this.read("the ladder", async (signal) => {
      this.parties = [];
      this.dropList();
      const page = await this.page({ at: at ?? beginning }, signal);
      if (!page.items.length) return put(this.body, emptyState("Nothing was said here."));
      this.head = el("div", { role: "row", class: "ladder-head" });
      const key = at && page.items.find((row) => row.at === at || (!/^c/.test(at) && row.time >= at))?.key;
      this.showList(page, { role: "grid", label: `Ladder of ${this.route.id}`, head: this.head, render: (row) => this.row(row) }, { key });
      this.drawHead();
      if (key && this.route.at) this.list.select(key, { quiet: true, block: "middle" });
      if (key && this.route.at && !this.isPart) this.app.select(this.route.at);
      this.scrubber.load({ of: this.route.id }, signal);
      if (!this.isPart) this.focus();
    });
  }

  /** The columns that are drawn: at most twelve; the others share the last one. */
  get columns() {
    return this.parties.length <= most ? this.parties : [...this.parties.slice(0, most - 1), { id: "more", kind: "server", label: "more…" }];
  }

  columnOf(id) {
    return Math.min(this.parties.findIndex((party) => party.id === id), this.columns.length - 1);
  }

  labelOf(id) {
    return visible(this.parties.find((party) => party.id === id)?.label ?? "", 40);
  }

  /** The role of a server's column, from its label such as “SB c17”. */
  roleOf(id) {
    return /^([A-Z0-9]+) c\d+$/.exec(this.labelOf(id))?.[1];
  }

  drawHead() {
    const { columns } = this, roles = [...new Set(this.parties.map((party) => this.roleOf(party.id)).filter(Boolean))];
    // Switches stay, with the focus.
    if (this.roles.childElementCount !== roles.length) put(this.roles, roles.length > 1 ? roles.map((role) => toggle(role, !this.without.has(role), (isOn) => {
      this.without[isOn ? "delete" : "add"](role);
      this.load({ at: this.top });
    })) : null);
    this.list.element.style.setProperty("--ladder", columns.length * wide + "px");
    put(this.head, el("span", { role: "columnheader", class: "c-time" }, `time (${zoneName(prefs.get("local"))})`), el("span", { role: "columnheader", class: "ladder-parties" }, columns.map((party) => {
      const label = visible(party.label ?? party.id, 40), connection = /\bc\d+$/.exec(label)?.[0];
      return el("span", { class: "party", title: label }, connection ? link("/" + connection, { tabIndex: -1 }, label) : label);
    })), el("span", { role: "columnheader", class: "c-notes" }, el("span", { class: "unseen" }, "leads to")));
    this.list.refresh();
  }

  lives(party, time) {
    return party.id === "more" || ((!party.from || party.from <= time) && (!party.to || party.to >= time));
  }

  row(row) {
    const parts = timeParts(row.time, prefs.get("local")), isBetween = this.columnOf(row.from) >= 0 && this.columnOf(row.to) >= 0, label = visible(row.label ?? "", 80).replaceAll("␊", " ");
    return el("div", { role: "row", class: `ladder-row event-${row.kind}` }, el("span", { role: "gridcell", class: "c-time" }, parts.clock, el("small", null, ".", parts.micro.slice(0, 4))),
      el("span", { role: "gridcell" }, el("span", { class: "unseen" }, isBetween ? `${this.labelOf(row.from)} to ${this.labelOf(row.to)}: ${label}` : label), this.drawing(row, label)),
      el("span", { role: "gridcell", class: "c-notes" }, row.leads_to ? link("/" + row.leads_to, { tabIndex: -1 }, "→ " + row.leads_to) : null,
        row.leads_from ? link("/" + row.leads_from, { tabIndex: -1 }, "⤷ from " + row.leads_from) : null, row.sent ? el("span", { class: "badge changed", title: visible(row.sent, 300) }, "⇄ changed") : null));
  }

  drawing(row, label) {
    const { columns } = this, width = columns.length * wide, from = this.columnOf(row.from), to = this.columnOf(row.to), a = center(from), b = center(to);
    const line = (name, x1, y1, x2, y2) => svg("line", { class: name, x1, y1, x2, y2 }), circle = (name, cx, cy) => svg("circle", { class: name, cx, cy, r: 4 });
    const text = (x, content, name = "label") => svg("text", { x, y: from === to ? middle + 4 : middle + 1, class: name }, content);
    const drawing = svg("svg", { width, height: tall, viewBox: `0 0 ${width} ${tall}`, "aria-hidden": "true" }, columns.map((party, index) => this.lives(party, row.time)
      && line("life", center(index), row.kind === "opened" && index === to ? middle : 0, center(index), row.kind === "closed" && index === to ? middle : tall)));
    if (from < 0 || to < 0) drawing.append(text(12, "⋮ " + label, "silence"));
    else if (from === to) drawing.append(row.kind === "closed" ? circle("close", a, middle) : "", text(a + 8, label));
    else {
      const sign = b > a ? 1 : -1, y = middle + 5, isEnd = row.kind === "opened" || row.kind === "closed", end = b - sign * (row.kind === "opened" ? 5 : 2);
      const room = Math.floor((Math.abs(b - a) - 20) / 6.5);
      drawing.append(line("arrow", a, y, end, y), isEnd ? circle(row.kind === "opened" ? "open" : "close", b, y) : svg("path", { class: "head", d: `M${end} ${y}l${-sign * 7} -3.5v7z` }),
        text(Math.min(a, b) + 10, label.length > room ? label.slice(0, Math.max(1, room - 1)) + "…" : label));
    }
    return drawing;
  }

  selected(row) {
    if (!row.at) return;
    this.setAt(row.at);
    this.app.select(row.at);
    this.onSelected?.(row);
  }

  openRow(row) {
    if (row.at) this.app.select(row.at, { focus: true });
  }

  zoneChanged() {
    if (this.list) this.drawHead();
  }

  get actions() {
    return {
      ...super.actions,
      redirect: () => {
        const to = this.list?.current?.leads_to ?? this.list?.current?.leads_from;
        if (to) this.app.go("/" + to);
        else announce("No redirect is here.", true);
      },
    };
  }
}

export const create = (app, route, state, isPart) => new Ladder(app, route, state, isPart);
