// The help dialog: all shortcuts, and the switch that turns plain letters off.

import { button, el, openDialog } from "./dom.js";
import { signOut } from "./api.js";
import { table } from "./keys.js";
import { prefs } from "./prefs.js";

const signs = { ArrowDown: "↓", ArrowUp: "↑", ArrowLeft: "←", ArrowRight: "→", PageDown: "PgDn", PageUp: "PgUp", Escape: "Esc" };

/** The keys of one row: “g s” is a sequence, others are alternatives. */
const keysOf = (keys) => keys === " " ? el("kbd", null, "Space") : keys.split(" ").map((key) => [el("kbd", null, signs[key] ?? key), " "]);

export function openHelp() {
  const letters = el("input", { type: "checkbox", checked: prefs.get("letters"), onchange: () => prefs.set("letters", letters.checked) });
  const dialog = openDialog("Keyboard", "help", null,
    el("p", null, el("label", { class: "radio" }, letters, "Plain letters are shortcuts"), el("span", { class: "faint" }, " None acts while a field has the focus. Ctrl, Alt, Tab and F keys stay the browser’s.")),
    el("div", { class: "help-groups", tabIndex: 0, role: "region", "aria-label": "Shortcuts" }, table.map(([title, rows]) => el("section", null, el("h3", null, title),
      el("dl", null, rows.map(([keys, , text]) => el("div", null, el("dt", null, keysOf(keys)), el("dd", null, text))))))),
    el("p", { class: "faint" }, "The filter is the filter language of docs/events.md. In the terminal the same things are done by show, search, transcript, extract and export."),
    el("p", null, button("Sign out", () => { dialog.close(); signOut(); }, { class: "small-button" })));
}
