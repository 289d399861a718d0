// The list of talks: who, when, how much, first words.

import { el, link, put } from "./dom.js";
import { get } from "./api.js";
import { count, plural, spoken, timeParts, visible, zoneName } from "./text.js";
import { Filter } from "./filter.js";
import { List, emptyState, loadingState } from "./list.js";
import { toneOf } from "./tones.js";
import { prefs } from "./prefs.js";

class Talks {
  constructor(app) {
    this.app = app;
    this.where = app.route?.view === "talks" ? app.route.params.where ?? "" : "";
    this.filter = new Filter({ scope: "talks", value: this.where, placeholder: "filter, such as  participants contains bob and messages > 5", onApply: (where) => app.go({ view: "talks", id: null, at: null, params: { where } }) });
    this.body = el("div", { class: "tree-body" });
    this.element = el("div", { class: "tree talks" }, el("h1", { class: "unseen" }, "Talks"), el("div", { class: "nav-tabs" }, link("/", {}, "Sign-ins"), link("/talks", { "aria-current": "page" }, "Talks")), this.filter.element, this.body);
    this.reload();
  }

  async reload() {
    this.asking?.abort();
    const { signal } = (this.asking = new AbortController()), loading = loadingState("the talks", () => this.asking.abort());
    if (!this.list) put(this.body, loading.element);
    try {
      const page = await this.page({}, signal);
      loading.done();
      this.list?.destroy();
      this.list = null;
      if (!page.items.length) return put(this.body, this.where ? emptyState("No talk matches this filter.", el("button", { type: "button", onclick: () => this.filter.set("") }, "Clear the filter")) : emptyState("Nobody has talked here yet."));
      this.list = new List({ role: "listbox", label: "Talks", render: (row) => this.row(row), load: (cursor) => this.page(cursor, signal), onSelect: (row, cause) => { if (cause === "click") this.app.go("/" + row.key); }, onOpen: (row) => this.app.go("/" + row.key) });
      put(this.body, this.list.element);
      this.list.show(page);
      this.routed(this.app.route);
      if (this.app.route?.view === "talks") this.focus();
    } catch (error) {
      loading.done();
      if (error.name !== "AbortError") put(this.body, emptyState(error.message));
    }
  }

  async page(cursor, signal) {
    const page = await get("/talks", { where: this.where, limit: 100, ...cursor }, signal);
    return { items: page.items.map((talk) => ({ ...talk, key: talk.id })), previous: null, next: page.next };
  }

  row(talk) {
    const local = prefs.get("local"), from = timeParts(talk.time_first, local), to = timeParts(talk.time_last, local), people = talk.names?.length ? talk.names : (talk.participants ?? []).map((account) => ({ account }));
    return el("div", { role: "option", class: "talk-row" },
      el("span", { class: "avatar tone" + toneOf(people[0]?.account ?? ""), "aria-hidden": "true" }, [...visible(people[0]?.name || people[0]?.account || "?", 4)][0].toUpperCase()),
      el("span", { class: "talk-people" }, people.slice(0, 6).map((person) => visible(person.name || person.account, 40)).join(", "), people.length > 6 ? ` and ${people.length - 6} more` : ""),
      el("span", { class: "talk-time", title: zoneName(local) }, `${from.date} ${from.clock.slice(0, 5)}`, to.date === from.date ? (to.clock.slice(0, 5) === from.clock.slice(0, 5) ? "" : "–" + to.clock.slice(0, 5)) : ` – ${to.date}`),
      el("span", { class: "talk-start", dir: "auto" }, spoken(talk.start ?? talk.last_text ?? "", 140).replace(/\n/g, " ") || "no words"),
      el("span", { class: "talk-facts" }, plural(talk.messages ?? 0, "message"), talk.pictures ? ` · ${plural(talk.pictures, "picture")}` : "", talk.transfers ? ` · ${count(talk.transfers)} sent` : "", " ", (talk.ids ?? [talk.id]).slice(0, 4).map((id) => el("span", { class: "id" }, id))));
  }

  routed(route) {
    const where = route?.view === "talks" ? route.params.where ?? "" : this.where;
    if (where !== this.where) {
      this.where = where;
      this.filter.show(where);
      return this.reload();
    }
    const row = route?.id && this.list?.window.rows.find((talk) => talk.id === route.id || talk.ids?.includes(route.id));
    if (row) this.list.select(row.key, { quiet: true });
  }

  destroy() {
    this.asking?.abort();
    this.list?.destroy();
  }

  focus() {
    this.list?.element.focus({ preventScroll: true });
  }

  zoneChanged() {
    this.list?.refresh();
  }

  get actions() {
    const { list } = this, filters = { filter: () => this.filter.focus(), clearFilter: () => this.filter.set("") };
    if (!list) return filters;
    return { ...filters, next: () => list.move(1), previous: () => list.move(-1), pageDown: () => list.page(1), pageUp: () => list.page(-1), first: () => list.move(-1e9), last: () => list.move(1e9), open: () => (list.current ? (this.app.go("/" + list.current.key), true) : false) };
  }
}

export const create = (app) => new Talks(app);
