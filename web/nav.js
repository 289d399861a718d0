// What the lists of sign-ins and of talks have in common: filter, scrubber, and their place at the left or all over the page.

import { el, link, put } from "./dom.js";
import { Filter } from "./filter.js";
import { ListView } from "./list.js";
import { Scrubber } from "./scrub.js";

/** Subclasses have `page(cursor, signal)`, `row(row)`, `empty()` and `line(item)`, and say what they are. */
export class NavList extends ListView {
  /** about: view, title, name, scope and placeholder of the filter, role. */
  constructor(app, about) {
    super(app, app.route?.view === about.view ? app.route : { view: about.view, id: null, at: null, params: {} });
    this.about = about;
    this.filter = new Filter({ ...about, value: this.where, onApply: (where) => app.go({ view: about.view, id: null, at: null, params: { where } }) });
    this.scrubber = new Scrubber((time) => { app.setParams({ at: time }); this.load({ at: time }); }, true);
    this.body = el("div", { class: "list-box" });
    const tab = (path, name) => link(path, { "aria-current": name === about.title ? "page" : undefined }, name);
    this.element = el("div", { class: "tree" }, el("h1", { class: "unseen" }, about.title),
      el("div", { class: "nav-tabs" }, tab("/", "Sign-ins"), tab("/talks", "Talks")),
      el("div", { class: "nav-tools" }, this.filter.element, (this.asTextToggle = this.textToggle())),
      el("div", { class: "with-scrubber" }, this.body, this.scrubber.element));
    this.load();
  }

  get where() {
    return this.route.params.where ?? "";
  }

  load({ at = this.route.params.at } = {}) {
    if (this.route.params.as === "text") {
      return this.asText(async (after, signal) => {
        const { items, next } = await this.page({ after, limit: 500 }, signal);
        return { text: items.map((row) => this.line(row.item)).join(""), next };
      });
    }
    this.read("the " + this.about.name, async (signal) => {
      const page = await this.page(at ? { at } : {}, signal);
      this.dropList();
      if (!page.items.length) return put(this.body, this.empty());
      this.showList(page, { role: this.about.role, label: this.about.title, render: (row) => this.row(row), ...this.options });
      this.routed(this.app.route);
      if (this.app.route?.view === this.about.view) this.focus();
      this.scrubber.load({}, signal);
    });
  }

  failed(error) {
    super.failed(error);
    if (error.errorName === "filter_invalid") this.filter.showProblem(error);
  }

  selected(row, cause) {
    if (cause === "click") this.openRow(row);
  }

  openRow(row) {
    this.app.go("/" + row.key);
  }

  /** Shows what an address asks for: another filter, or the row of the thing that is shown beside. */
  routed(route) {
    const before = this.route.params;
    if (route?.view === this.about.view) this.route = route;
    const { where, as } = this.route.params;
    if (where !== before.where || as !== before.as) {
      this.filter.show(where);
      this.asTextToggle.setAttribute("aria-pressed", String(as === "text"));
      return this.load();
    }
    if (route?.id) this.list?.select(this.keyOf(route.id), { quiet: true });
    else if (this.list?.selected) this.list.reveal(this.list.selected, "middle");
  }

  zoneChanged() {
    this.load();
  }

  get actions() {
    return { ...super.actions, filter: () => this.filter.focus(), clearFilter: () => this.filter.set(""), contacts: () => false, panes: () => false };
  }

  toStart() {
    if (this.app.route?.view === this.about.view) {
      this.app.setParams({ at: undefined });
      this.route = this.app.route;
    }
    return this.load({ at: null });
  }

  toEnd(list) {
    list.move(1e9);
  }
}
