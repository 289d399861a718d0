// The filter field: the language of docs/events.md, checked by the server while one types, and filters that are kept.

import { button, copy, el, icon, put } from "./dom.js";
import { get } from "./api.js";
import { visible } from "./text.js";
import { filtersAsText, filtersFromText, prefs } from "./prefs.js";

let fields = 0;

export class Filter {
  /** options: value, scope (events, sessions, talks, messages), onApply(where), placeholder. */
  constructor(options) {
    this.options = options;
    const id = `filter${(fields += 1)}`;
    this.told = el("p", { class: "filter-error", id: id + "e", hidden: true });
    this.field = el("input", {
      type: "text", id, class: "filter-field", "aria-label": "Filter", placeholder: options.placeholder ?? "filter, such as  verb == MSG and text contains holiday",
      autocomplete: "off", autocapitalize: "off", spellcheck: "false", "aria-describedby": id + "e", value: options.value ?? "",
      oninput: () => this.typed(),
      onkeydown: (event) => {
        if (event.key === "Enter") this.apply();
        if (event.key === "ArrowDown" && event.altKey) this.openSaved();
      },
    });
    this.clearer = button("Clear the filter", () => this.set(""), { icon: "close", class: "small", hidden: !options.value });
    this.element = el("div", { class: "filter", role: "search" }, el("div", { class: "filter-line" }, el("span", { class: "filter-icon" }, icon("search")), this.field, this.clearer,
      button("Saved filters", () => this.openSaved(), { icon: "star", class: "small", "aria-haspopup": "dialog" })), this.told);
  }

  get value() {
    return this.field.value.trim();
  }

  focus() {
    this.field.focus();
    this.field.select();
  }

  /** Shows a value without applying it. */
  show(value) {
    this.field.value = value ?? "";
    this.clearer.hidden = !this.field.value;
    this.tell(null);
  }

  /** Writes a filter and applies it. */
  set(value) {
    this.show(value);
    this.apply();
  }

  typed() {
    this.clearer.hidden = !this.field.value;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.check(), 300);
  }

  async check() {
    this.asking?.abort();
    this.asking = new AbortController();
    const expression = this.value;
    if (!expression) return this.tell(null), true;
    try {
      const answer = await get("/filter", { expr: expression, scope: this.options.scope ?? "events" }, this.asking.signal);
      this.tell(answer.ok ? null : answer);
      return answer.ok;
    } catch (error) {
      if (error.name !== "AbortError") this.tell(error);
      return false;
    }
  }

  /** Shows why a filter is none, with a caret under the column. */
  tell(problem) {
    this.field.setAttribute("aria-invalid", problem ? "true" : "false");
    this.told.hidden = !problem;
    if (!problem) return put(this.told);
    put(this.told, visible(problem.text ?? problem.message), problem.column ? ` (column ${problem.column})` : "",
      problem.nearest ? [" Did you mean ", el("code", null, visible(problem.nearest)), "?"] : null);
  }

  async apply() {
    clearTimeout(this.timer);
    if (await this.check()) this.options.onApply(this.value);
  }

  openSaved() {
    const dialog = el("dialog", { class: "saved", "aria-label": "Saved filters" });
    const close = () => dialog.close();
    const list = el("ul", { class: "saved-list" });
    const text = el("textarea", { rows: 4, "aria-label": "Saved filters as text", spellcheck: "false" });
    const name = el("input", { type: "text", "aria-label": "Name", placeholder: "name", maxlength: 60 });
    const draw = () => {
      const filters = prefs.get("filters");
      put(list, filters.length ? filters.map((filter, index) => el("li", null,
        el("button", { type: "button", class: "saved-filter", onclick: () => { close(); this.set(filter.where); } }, el("b", null, visible(filter.name)), el("code", null, visible(filter.where))),
        button(`Remove ${visible(filter.name)}`, () => { prefs.set("filters", filters.filter((_, other) => other !== index)); draw(); }, { icon: "close", class: "small" })))
        : el("li", { class: "faint" }, "Nothing is saved yet."));
      text.value = filtersAsText(filters);
    };
    put(dialog, el("div", { class: "dialog-head" }, el("h2", null, "Saved filters"), button("Close", close, { icon: "close" })), list,
      this.value ? el("form", { class: "line", onsubmit: (event) => {
        event.preventDefault();
        const given = name.value.trim().replaceAll(":", " ") || this.value.slice(0, 40).replaceAll(":", " ");
        prefs.set("filters", [...prefs.get("filters").filter((filter) => filter.name !== given), { name: given, where: this.value }]);
        name.value = "";
        draw();
      } }, name, el("button", { type: "submit", class: "primary" }, "Save this filter")) : null,
      el("details", null, el("summary", null, "As text, to copy out and in"), text, el("div", { class: "line" },
        el("button", { type: "button", onclick: () => copy(text.value, "the filters") }, "Copy"),
        el("button", { type: "button", onclick: () => { prefs.set("filters", filtersFromText(text.value)); draw(); } }, "Take over this text"))));
    draw();
    dialog.addEventListener("close", () => { dialog.remove(); this.field.focus(); });
    document.body.append(dialog);
    dialog.showModal();
  }
}
