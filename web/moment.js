// The dialog that asks for a date and time to go to.

import { button, el, openDialog } from "./dom.js";
import { timeParts, typedTime, zoneName } from "./text.js";
import { prefs } from "./prefs.js";

/** Asks for a time, which is `now` at first; `onTime` gets it in UTC. */
export function askTime(now, onTime, onClose) {
  const local = prefs.get("local"), parts = timeParts(now, local);
  const field = el("input", { type: "text", placeholder: "2005-05-06 15:28", value: now ? `${parts.date} ${parts.clock}` : "" });
  const submit = (event) => {
    event.preventDefault();
    const time = typedTime(field.value, local);
    field.setAttribute("aria-invalid", !time);
    if (!time) return;
    dialog.close();
    onTime(time);
  };
  const dialog = openDialog("Go to a time", "small-dialog", onClose, el("form", { onsubmit: submit }, el("label", null, `Date and time (${zoneName(local)})`, field),
    el("div", { class: "line" }, el("button", { type: "submit", class: "primary" }, "Go"), button("Cancel", () => dialog.close()))));
  field.focus();
}
