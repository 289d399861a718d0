// Search in all messages of all time: hits newest first, with their neighbours.

import { announce, button, el, icon, link, put } from "./dom.js";
import { get } from "./api.js";
import { count, spoken, timeParts, visible } from "./text.js";
import { withParams } from "./router.js";
import { emptyState, View } from "./view.js";
import { Filter } from "./filter.js";
import { prefs } from "./prefs.js";

class Search extends View {
  constructor(app, route) {
    super(app, route);
    this.title = "Search";
    this.field = el("input", { type: "search", class: "search-field", "aria-label": "Words to look for", placeholder: "words, or “a phrase”", value: route.params.q ?? "", autocomplete: "off",
      onkeydown: (event) => { if (event.key === "ArrowDown") this.moveFocus(1); } });
    // A day is meant to its end.
    const { at } = route.params, local = prefs.get("local");
    this.date = el("input", { type: "date", value: at ? timeParts(new Date(Date.parse(at) - 1).toISOString(), local).date : "", onchange: ({ target: { value } }) =>
      app.go(withParams(this.route, { at: value && new Date(value + "T24:00" + (local ? "" : "Z")).toISOString() })) });
    this.filter = new Filter({ scope: "messages", value: route.params.where, placeholder: "filter, such as  from == alice@example.com", onApply: (where) => this.go(where) });
    this.element = el("div", { class: "view search" }, el("div", { class: "head" }, el("h1", { class: "unseen" }, "Search"),
      el("form", { class: "search-form", role: "search", onsubmit: (event) => { event.preventDefault(); this.go(this.filter.value); } },
        icon("search"), this.field, el("button", { type: "submit", class: "primary" }, "Search"))), el("div", { class: "toolbar" }, this.filter.element, el("label", { class: "faint" }, "up to ", this.date)), this.body);
  }

  go(where) {
    this.app.go(withParams(this.route, { q: this.field.value.trim() || undefined, where: where || undefined }));
  }

  started() {
    this.field.focus();
    if (this.route.params.q) return this.load();
    put(this.body, emptyState("Find a message by its words.", el("p", null, "All words have to occur, in any case and script. A word of three letters or more also finds longer ones; a phrase stands in quotation marks.")));
  }

  load() {
    const { q, where, at } = this.route.params;
    return q && this.read("messages", async (signal) => {
      const add = async (before) => {
        const page = await get("/messages", { q, where, before, at: before ? undefined : at, limit: 50 }, signal);
        this.body.querySelector(".more")?.remove();
        if (!before) put(this.body, page.signs_only ? el("p", { class: "faint" }, "These signs are not in the index of words: all texts are looked through.") : null);
        this.body.append(...page.items.map((hit) => this.hit(hit)));
        if (page.done === false) this.body.append(el("p", { class: "faint more" }, `Looked through ${count(page.scanned)} of ${count(page.total)}. `, button("Go on", () => add(page.next))));
        else if (page.next) this.body.append(button("Older hits", () => add(page.next), { class: "more" }));
        else if (!this.body.querySelector(".hit")) put(this.body, emptyState(`No message ${at ? "up to then " : ""}has these words.`, el("p", null, el("code", null, visible(q)))));
        if (!before) announce(`${count(page.items.length)}${page.next ? " or more" : ""} hits.`);
      };
      await add();
    });
  }

  failed(error) {
    if (error.errorName === "filter_invalid") this.filter.showProblem(error);
    super.failed(error);
  }

  hit(hit) {
    const parts = timeParts(hit.time, prefs.get("local")), address = `/${hit.talk ?? hit.id}?at=${hit.at ?? hit.time}`, place = hit.at ?? "c" + hit.conn;
    const line = (entry, isHit) => el("div", { class: isHit ? "hit-line" : "hit-line near" }, el("span", { class: "hit-from" }, visible(entry.from ?? "", 60)),
      el("span", { class: "words", dir: "auto" }, isHit ? marks(entry.text ?? "", entry.matches) : spoken(entry.text ?? "", 300)));
    return el("article", {
      class: "hit",
      onclick: (event) => { if (!event.target.closest("a") && !String(getSelection())) this.app.go(address); },
      onkeydown: (event) => {
        if (event.key !== "Enter" || !event.shiftKey) return;
        event.preventDefault();
        event.stopPropagation();
        this.app.go("/" + place);
      },
    }, el("div", { class: "hit-head" }, link(address, { class: "item-link" }, `${parts.date} ${parts.clock} ${parts.zone}`),
      el("span", { class: "faint" }, (hit.participants ?? []).map((person) => visible(person, 60)).join(", ")), el("span", { class: "grow" }),
      link("/" + place, { class: "id", title: "in the protocol (Shift+Enter)" }, place)),
    (hit.before ?? []).map((entry) => line(entry)), line(hit, true), (hit.after ?? []).map((entry) => line(entry)));
  }

  get actions() {
    return { ...super.actions, find: () => { this.field.focus(); this.field.select(); }, filter: () => this.filter.focus(), clearFilter: () => this.filter.set("") };
  }
}

/** A text with the words that were found marked; a place is [start, length] in characters. */
function marks(text, matches = []) {
  const characters = [...text], out = [];
  let from = 0;
  for (const [start, length] of matches) {
    const end = start + length;
    if (start < from || end > characters.length) continue;
    out.push(spoken(characters.slice(from, start).join("")), el("mark", null, spoken(characters.slice(start, end).join(""))));
    from = end;
  }
  return [...out, spoken(characters.slice(from).join(""))];
}

export const create = (app, route) => new Search(app, route);
