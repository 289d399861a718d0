// The dialog with the reader's saved filters.

import { button, copy, el, openDialog, put } from "./dom.js";
import { visible } from "./text.js";
import { prefs } from "./prefs.js";

/** Filters as text, one a line, “name: expression”, and back. Lines without an expression are left out. */
export const filtersAsText = (filters) => filters.map(({ name, where }) => `${name}: ${where}`).join("\n");

export const filtersFromText = (text) => text.split("\n").map((line) => /^\s*([^:]{1,60}?)\s*:\s*(\S.*?)\s*$/.exec(line)).filter(Boolean)
  .map(([, name, where]) => ({ name, where })).slice(0, 200);

/** Opens the dialog for a filter field: what is chosen is applied, what is in the field can be saved. */
export function openSaved(filter) {
  const list = el("ul", { class: "saved-list" }), where = filter.value, title = (text) => text.slice(0, 60).replaceAll(":", " ");
  const text = el("textarea", { rows: 4, "aria-label": "Saved filters as text", spellcheck: "false" });
  const name = el("input", { type: "text", "aria-label": "Name", placeholder: "name", maxlength: 60 });
  const change = (filters) => {
    prefs.set("filters", filters);
    text.value = filtersAsText(filters);
    put(list, filters.length ? filters.map((saved) => el("li", null,
      el("button", { type: "button", class: "saved-filter", onclick: () => { dialog.close(); filter.set(saved.where); } }, el("b", null, visible(saved.name)), el("code", null, visible(saved.where))),
      button(`Remove ${visible(saved.name)}`, () => change(filters.filter((other) => other !== saved)), { icon: "close", class: "small" })))
      : el("li", { class: "faint" }, "Nothing is saved yet."));
  };
  const save = (event) => {
    event.preventDefault();
    const given = title(name.value.trim()) || title(where);
    change([...prefs.get("filters").filter((saved) => saved.name !== given), { name: given, where }]);
    name.value = "";
  };
  const dialog = openDialog("Saved filters", "saved", () => filter.field.focus(), list,
    where ? el("form", { class: "line", onsubmit: save }, name, el("button", { type: "submit", class: "primary" }, "Save this filter")) : null,
    el("details", null, el("summary", null, "As text, to copy out and in"), text, el("div", { class: "line" },
      button("Copy", () => copy(text.value, "the filters")), button("Use this text", () => change(filtersFromText(text.value))))));
  change(prefs.get("filters"));
}
