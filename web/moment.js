// The dialog that asks for a date and time to go to.

import { button, el } from "./dom.js";
import { timeParts, typedTime, zoneName } from "./text.js";
import { prefs } from "./prefs.js";

/** Asks for a time, which is `now` at first; `onTime` gets it in UTC. */
export function askTime(now, onTime, onClose) {
  const local = prefs.get("local"), parts = timeParts(now, local), zone = zoneName(local);
  const field = el("input", { type: "text", placeholder: "2005-05-06 15:28", value: now ? `${parts.date} ${parts.clock}` : "" });
  const dialog = el("dialog", { class: "small-dialog", "aria-label": "Go to a time" }, el("form", { onsubmit: (event) => {
    event.preventDefault();
    const time = typedTime(field.value, local);
    field.setAttribute("aria-invalid", time ? "false" : "true");
    if (!time) return;
    dialog.close();
    onTime(time);
  } }, el("label", null, `Date and time (${zone})`, field), el("div", { class: "line" }, el("button", { type: "submit", class: "primary" }, "Go"), button("Cancel", () => dialog.close()))));
  dialog.addEventListener("close", () => {
    dialog.remove();
    onClose();
  });
  document.body.append(dialog);
  dialog.showModal();
}
