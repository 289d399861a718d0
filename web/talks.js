// The list of talks: who, when, how much, first words.

import { el } from "./dom.js";
import { get } from "./api.js";
import { count, plural, spoken, timeParts, toneOf, visible, zoneName } from "./text.js";
import { emptyState, nothingLeft, people } from "./view.js";
import { NavList } from "./nav.js";
import { prefs } from "./prefs.js";

class Talks extends NavList {
  constructor(app) {
    super(app, { view: "talks", title: "Talks", name: "talks", role: "listbox", scope: "talks", placeholder: "filter, such as  participants contains bob and messages > 5" });
  }

  empty() {
    return this.where ? nothingLeft("No talk matches this filter.", this.where, () => this.filter.set("")) : emptyState("Nobody has talked here yet.");
  }

  async page(cursor, signal) {
    const page = await get("/talks", { where: this.where, limit: 100, ...cursor }, signal);
    return { ...page, items: page.items.map((item) => ({ key: item.id, item, time: item.time_first })) };
  }

  /** “2005-06-28 23:06–23:08” */
  span(talk) {
    const [from, to] = [talk.time_first, talk.time_last].map((time) => timeParts(time, prefs.get("local"))), minute = (parts) => parts.clock.slice(0, 5);
    const end = to.date !== from.date ? ` – ${to.date}` : minute(to) === minute(from) ? "" : "–" + minute(to);
    return `${from.date} ${minute(from)}${end}`;
  }

  facts(talk) {
    return [plural(talk.messages ?? 0, "message"), talk.pictures && plural(talk.pictures, "picture"), talk.transfers && `${count(talk.transfers)} sent`].filter(Boolean).join(" · ");
  }

  words(talk) {
    return spoken(talk.start ?? talk.last_text ?? "", 140).replace(/\n/g, " ");
  }

  line(talk) {
    return `${talk.id}  ${this.span(talk)} ${zoneName(prefs.get("local"))}  ${people(talk)}  ${this.facts(talk)}  ${this.words(talk)}\n`;
  }

  row({ item: talk }) {
    const first = talk.names?.[0] ?? { account: talk.participants?.[0] };
    return el("div", { role: "option", class: "talk-row" },
      el("span", { class: "avatar tone" + toneOf(first.account ?? ""), "aria-hidden": "true" }, [...visible(first.name || first.account || "?", 4)][0].toUpperCase()),
      el("span", { class: "talk-people" }, people(talk)), el("span", { class: "talk-time", title: zoneName(prefs.get("local")) }, this.span(talk)),
      el("span", { class: "talk-start", dir: "auto" }, this.words(talk) || "no words"),
      el("span", { class: "talk-facts" }, this.facts(talk), " ", (talk.ids ?? [talk.id]).slice(0, 4).map((id) => el("span", { class: "id" }, id))));
  }

  /** The row of a talk, also by another of its switchboards. */
  keyOf(id) {
    return this.list?.window.rows.find((row) => row.key === id || row.item.ids?.includes(id))?.key;
  }
}

export const create = (app) => new Talks(app);
