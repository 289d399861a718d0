// The dialog that asks for a date and time to go to.

import { button, el, openDialog } from "./dom.js";
import { timeParts, zoneName } from "./text.js";
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

/** What was typed as a date or a time, as RFC 3339 in UTC; undefined when it is none. */
export function typedTime(text, local) {
  const found = /^\s*(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d))?)?\s*(Z?)$/.exec(text);
  if (!found) return undefined;
  const [year, month, day, hour, minute, second] = found.slice(1, 7).map((part) => Number(part ?? 0));
  const date = local && !found[7]
    ? new Date(year, month - 1, day, hour, minute, second)
    : new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  return isNaN(date) || month > 12 || day > 31 ? undefined : date.toISOString();
}
