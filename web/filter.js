// The filter field: the language of docs/events.md, checked by the server while one types.

import { button, el, icon, put } from "./dom.js";
import { get } from "./api.js";
import { visible } from "./text.js";

let fields = 0;

export class Filter {
  /** options: value, scope (events, sessions, talks, messages), onApply(where), placeholder. */
  constructor(options) {
    this.options = options;
    const id = `filter${(fields += 1)}`;
    this.problem = el("p", { class: "filter-error", id: id + "e", hidden: true });
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
      button("Saved filters", () => this.openSaved(), { icon: "star", class: "small", "aria-haspopup": "dialog" })), this.problem);
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
    this.showProblem(null);
  }

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
    if (!expression) return this.showProblem(null), true;
    try {
      const answer = await get("/filter", { expr: expression, scope: this.options.scope ?? "events" }, this.asking.signal);
      this.showProblem(answer.ok ? null : answer);
      return answer.ok;
    } catch (error) {
      if (error.name !== "AbortError") this.showProblem(error);
      return false;
    }
  }

  showProblem(problem) {
    this.field.setAttribute("aria-invalid", problem ? "true" : "false");
    this.problem.hidden = !problem;
    if (!problem) return put(this.problem);
    put(this.problem, visible(problem.text ?? problem.message), problem.column ? ` (column ${problem.column})` : "",
      problem.nearest ? [" Did you mean ", el("code", null, visible(problem.nearest)), "?"] : null);
  }

  async apply() {
    clearTimeout(this.timer);
    if (await this.check()) this.options.onApply(this.value);
  }

  async openSaved() {
    const { openSaved } = await import("./saved.js");
    openSaved(this);
  }
}
