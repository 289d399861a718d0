// Findings: groups by name with their counts, then the rows of a group.

import { button, el, link, put } from "./dom.js";
import { get } from "./api.js";
import { count, timeParts, visible } from "./text.js";
import { emptyState, loadingState } from "./list.js";
import { heading } from "./head.js";
import { moveFocus } from "./simple.js";
import { prefs } from "./prefs.js";

class Findings {
  constructor(app, route) {
    Object.assign(this, { app, route, thingId: route.id, title: route.id ? "Findings of " + route.id : "Findings" });
    this.of = route.id ?? route.params.of;
    this.body = el("div", { class: "page-body", tabIndex: -1, "data-main": "" });
    this.element = el("div", { class: "view findings" }, route.id ? heading(app, route, { onMissing: (error) => put(this.element, emptyState(error.status === 404 ? `There is no ${route.id} in this archive.` : error.message)) }) : el("div", { class: "head" }, el("div", { class: "head-line" }, el("h1", null, "Findings"))), this.body);
  }

  async started() {
    const { signal } = (this.asking = new AbortController()), loading = loadingState("the findings", () => this.asking.abort());
    put(this.body, loading.element);
    try {
      const { items } = await get("/findings/counts", { of: this.of }, signal);
      loading.done();
      if (!items.length) return put(this.body, emptyState("Nothing was found.", el("p", null, "Every command was as the protocol has it.")));
      put(this.body, el("div", { class: "groups" }, items.map((group) => this.group(group))));
    } catch (error) {
      loading.done();
      if (error.name !== "AbortError") put(this.body, emptyState(error.message));
    }
  }

  group(group) {
    const rows = el("div", { class: "finding-rows" }), severity = group.severity ?? "note";
    const box = el("details", { class: "group", open: this.route.params.name === group.name }, el("summary", null, el("span", { class: "sign severity-" + severity, "aria-hidden": "true" }, severity === "note" ? "•" : "▲"),
      el("b", null, visible(group.name)), el("span", { class: "badge" }, count(group.count)), el("span", { class: "faint" }, severity)), rows);
    const load = async (cursor) => {
      const page = await get("/findings", { of: this.of, name: group.name, limit: 100, after: cursor }, this.asking.signal);
      rows.querySelector(".more")?.remove();
      rows.append(...page.items.map((finding) => this.row(finding)), ...(page.next ? [button("Further ones", () => load(page.next), { class: "more quiet" })] : []));
    };
    box.addEventListener("toggle", () => {
      if (box.open && !rows.childElementCount) load();
      if (box.open !== (this.route.params.name === group.name)) this.app.setParams({ name: box.open ? group.name : undefined });
    });
    if (box.open) load();
    return box;
  }

  row(finding) {
    const parts = timeParts(finding.time, prefs.get("local"));
    return el("div", { class: "finding-row" }, link(this.of ? `/${this.of}?at=${finding.at}` : "/" + finding.at, { class: "id item-link" }, finding.at), el("span", { class: "who" }, finding.dir === "c2s" ? "C:" : finding.dir === "s2c" ? "S:" : ""),
      el("span", { class: "finding-text" }, visible(finding.text, 500)), el("span", { class: "faint" }, `${parts.date} ${parts.clock}.${parts.micro.slice(0, 3)} ${parts.zone}`));
  }

  zoneChanged() {
    this.started();
  }

  destroy() {
    this.asking?.abort();
  }

  get actions() {
    return { next: () => moveFocus(this.body, 1), previous: () => moveFocus(this.body, -1) };
  }
}

export const create = (app, route) => new Findings(app, route);
