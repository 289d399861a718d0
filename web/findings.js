// Findings: groups by name with their counts, then the rows of a group.

import { button, el, link, put } from "./dom.js";
import { get } from "./api.js";
import { count, timeParts, visible } from "./text.js";
import { emptyState, View } from "./view.js";
import { Scrubber } from "./scrub.js";
import { prefs } from "./prefs.js";

class Findings extends View {
  constructor(app, route) {
    super(app, route);
    this.title = route.id ? "Findings of " + route.id : "Findings";
    this.of = route.id ?? route.params.of;
    this.scrubber = new Scrubber((time) => { app.setParams({ at: time }); this.load(time); });
    this.element = el("div", { class: "view findings" }, this.heading("Findings"), el("div", { class: "with-scrubber" }, this.body, this.scrubber.element));
  }

  /** From a time on, if one is named: in the group that is open, or the first one. */
  load(at = this.route.params.at) {
    this.from = at;
    this.route = this.app.route;
    return this.read("the findings", async (signal) => {
      const { items } = await get("/findings/counts", { of: this.of }, signal);
      if (at && !this.route.params.name && items.length) this.app.setParams({ name: items[0].name }), this.route = this.app.route;
      put(this.body, items.length ? items.map((group) => this.group(group, signal))
        : emptyState("Nothing was found.", el("p", null, "Every command was as the protocol has it. Errors that a server answered are no findings: they are in the ", link(this.of ? `/${this.of}/protocol?where=verb+%3C%3D+999` : "/live?where=verb+%3C%3D+999", {}, "protocol"), ".")));
      this.scrubber.load({ of: this.of }, signal);
    });
  }

  group(group, signal) {
    const rows = el("div"), severity = group.severity ?? "note";
    const box = el("details", { class: "group", open: this.route.params.name === group.name }, el("summary", null,
      el("span", { class: "severity-" + severity, "aria-hidden": "true" }, severity === "note" ? "•" : "▲"),
      el("b", null, visible(group.name)), el("span", { class: "badge" }, count(group.count)), el("span", { class: "faint" }, severity)),
    el("p", { class: "explained faint" }, "What it means and what to do: docs/findings.md, under ", el("code", null, visible(group.name))), rows);
    const load = async (cursor) => {
      const page = await get("/findings", { of: this.of, name: group.name, limit: 100, after: cursor, at: cursor ? undefined : this.from }, signal);
      this.show(page.items, !cursor);
      if (!page.items.length) put(rows, el("p", { class: "explained faint" }, "None from then on."));
      rows.querySelector(".more")?.remove();
      rows.append(...page.items.map((finding) => this.row(finding)));
      if (page.next) rows.append(button("Further ones", () => load(page.next), { class: "more quiet" }));
    };
    box.addEventListener("toggle", () => {
      if (box.open && !rows.childElementCount) load();
      if (box.open !== (this.route.params.name === group.name)) this.app.setParams({ name: box.open ? group.name : undefined });
    });
    return box;
  }

  row(finding) {
    const parts = timeParts(finding.time, prefs.get("local"));
    return el("div", { class: "finding-row" }, link(this.of ? `/${this.of}?at=${finding.at}` : "/" + finding.at, { class: "id item-link" }, finding.at),
      el("span", { class: "who" }, { c2s: "C:", s2c: "S:" }[finding.dir] ?? ""), el("span", { class: "finding-text" }, visible(finding.text, 500)),
      el("span", { class: "faint" }, `${parts.date} ${parts.clock}.${parts.micro.slice(0, 3)} ${parts.zone}`));
  }
}

export const create = (app, route) => new Findings(app, route);
