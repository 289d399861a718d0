// Find in a list without hiding the rest: hits are marked, n and N walk, and the server looks where memory ends.

import { announce, button, el, moreStyles } from "./dom.js";
import { quoted } from "./router.js";

export class Find {
  constructor(view) {
    this.view = view;
    this.needle = "";
    this.field = el("input", { type: "text", "aria-label": "Find in this list", placeholder: "find in this list", autocomplete: "off", spellcheck: "false",
      onkeydown: (event) => {
        if (event.key === "Enter") this.step(event.shiftKey ? -1 : 1);
        if (event.key === "Escape") this.stop();
        if (event.key === "Enter" || event.key === "Escape") event.preventDefault(), event.stopPropagation();
      },
      oninput: () => this.typed() });
    this.found = el("span", { class: "faint", role: "status" });
    this.element = el("div", { class: "find", hidden: true, role: "search", "aria-label": "Find" }, this.field, this.found,
      button("Previous hit", () => this.step(-1), { icon: "left", class: "small" }), button("Next hit", () => this.step(1), { icon: "right", class: "small" }), button("Close", () => this.stop(), { icon: "close", class: "small" }));
  }

  get actions() {
    return { find: () => this.start(), findNext: () => this.step(1), findPrevious: () => this.step(-1) };
  }

  start() {
    moreStyles();
    this.element.hidden = false;
    this.field.focus();
    this.field.select();
    this.typed();
  }

  stop() {
    this.element.hidden = true;
    this.needle = "";
    this.view.list?.refresh();
    this.view.focus();
  }

  typed() {
    this.needle = this.field.value;
    this.view.list?.refresh();
    const hits = this.needle ? this.view.list?.window.rows.filter((row) => this.hits(row)).length ?? 0 : 0;
    this.found.textContent = this.needle ? `${hits} in what is loaded` : "";
  }

  hits(row) {
    const needle = this.needle.toLowerCase();
    return [row.line, row.text, row.verb, row.name, row.sent, row.from].some((text) => typeof text === "string" && text.toLowerCase().includes(needle));
  }

  step(direction) {
    if (!this.needle) return this.start();
    if (!this.view.list) return;
    if (!this.view.seek) return announce("Nothing more.");
    this.view.seek((row) => this.hits(row), `text contains ${quoted(this.needle)}`, direction);
  }
}
