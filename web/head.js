// The heading of a thing (s6, c14, r1, v17) with its views as tabs.

import { button, copy, el, icon, link, put } from "./dom.js";
import { visible, plural } from "./text.js";
import { addressOf } from "./router.js";

const names = [["protocol", "Protocol"], ["talk", "Talk"], ["ladder", "Ladder"], ["findings", "Findings"], ["files", "Files"]];

/** The heading for a route; fills itself when the thing is known. `onThing(thing)` gets it, `onMissing(error)` what is wrong. */
export function heading(app, route, { onThing, onMissing } = {}) {
  const title = el("h1", null, el("button", { type: "button", class: "id big", title: "Copy the address", onclick: () => copy(location.href, "the address") }, route.id));
  const tabs = el("nav", { class: "tabs", "aria-label": `Views of ${route.id}` }, names.map(([view, name]) =>
    link(addressOf({ view, id: route.id, at: null, params: {} }), { "data-view": view, "aria-current": view === route.view ? "page" : undefined }, name)));
  const box = el("div", { class: "head" }, el("div", { class: "head-line" },
    link(route.id[0] === "v" ? "/talks" : "/", { class: "back icon-button", "aria-label": route.id[0] === "v" ? "Back to the talks" : "Back to the sign-ins" }, icon("left")), title,
    el("span", { class: "grow" }), link(`/export?of=${route.id}`, { class: "export-link" }, icon("save"), " Export")), tabs);
  app.thing(route.id).then((thing) => {
    const parts = describe(thing, route.id);
    put(title, title.firstChild, parts.map((part) => [el("span", { class: "dot-between" }, "·"), el("span", { class: "part" }, part)]));
    const findings = thing.findings || 0;
    if (findings) tabs.querySelector("[data-view=findings]").append(" ", el("span", { class: "badge warning" }, String(findings)));
    onThing?.(thing);
  }, (error) => onMissing?.(error));
  return box;
}

export function describe(thing, id) {
  if (id[0] === "v") return [(thing.names ?? thing.participants ?? []).map((person) => visible(person.name || person.account || person, 60)).join(", "), plural(thing.messages ?? 0, "message")];
  if (id[0] === "c") return [thing.role, thing.account && visible(thing.account, 80), thing.dialect, visible(thing.server, 80), thing.end === "open" ? "● open" : thing.end === "cut_off" ? "cut off" : null].filter(Boolean);
  if (!thing.sign_in) return ["recording", visible((thing.origin ?? "").split("/").at(-1), 80), plural(thing.connections?.length ?? 0, "connection")].filter(Boolean);
  return [visible(thing.account ?? "", 80), thing.dialect, visible(thing.client_program ?? "", 60)].filter(Boolean);
}

/** A button for a state that is on or off. */
export function toggle(text, isOn, onChange) {
  const node = button(text, () => {
    const now = node.getAttribute("aria-pressed") !== "true";
    node.setAttribute("aria-pressed", now);
    onChange(now);
  }, { class: "toggle", "aria-pressed": isOn ? "true" : "false" });
  return node;
}
