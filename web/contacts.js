// The contact list as of the selected row: who is on it, in which groups, with which state and name.

import { el, link, put } from "./dom.js";
import { get } from "./api.js";
import { plural, spoken, timeParts, visible } from "./text.js";
import { prefs } from "./prefs.js";

const signs = { NLN: "●", BSY: "⊘", AWY: "◐", BRB: "◐", LUN: "◐", IDL: "◔", PHN: "☏" };

/** Fills a box with the contact list at an event. */
export async function contactList(box, at, event, signal) {
  put(box, el("p", { class: "faint" }, "Reading the contact list …"));
  try {
    const list = await get("/contacts", { at, of: event.sign_in ? "s" + event.sign_in : undefined }, signal), parts = timeParts(list.time ?? event.time, prefs.get("local"));
    const names = new Map((list.groups ?? []).map((group) => [group.id, group.name])), groups = new Map();
    for (const person of list.items) for (const id of person.groups?.length ? person.groups : [""]) groups.set(id, [...(groups.get(id) ?? []), person]);
    const own = (lists) => lists.filter((name) => name !== "forward").map((name) => el("span", { class: "badge" + (name === "block" ? " danger" : "") }, visible(name)));
    put(box, el("h2", null, visible(list.account ?? "", 80), " ", el("span", { class: "faint" }, list.status ? visible(list.status_name ?? list.status) : "not signed in")),
      el("p", { class: "faint" }, `As of ${parts.date} ${parts.clock}.${parts.micro} ${parts.zone}, after `, link("/" + at, {}, at), list.complete === false ? ". The list itself was not recorded whole: these people were seen." : ""),
      list.items.length ? [...groups].map(([id, people]) => el("section", null, el("h3", null, visible(names.get(id) ?? (id ? id : groups.size > 1 ? "no group" : "people"), 60), " ", el("span", { class: "faint" }, plural(people.filter((person) => person.status).length, "online", "online"), ` of ${people.length}`)),
        el("ul", { class: "people-list" }, people.map((person) => el("li", { class: person.status ? "on" : "off" }, el("span", { class: "presence state-" + (/^[A-Z]{3}$/.test(person.status ?? "") ? person.status : "off"), "aria-hidden": "true" }, signs[person.status] ?? "○"),
          el("span", { class: "person" }, visible(person.name || person.account, 120), el("span", { class: "faint" }, " ", person.status_name ?? (person.status ? visible(person.status) : "offline"))), person.message ? el("span", { class: "words personal", dir: "auto" }, spoken(person.message, 200)) : null, el("span", { class: "faint account" }, visible(person.account, 120)), own(person.lists ?? [])))))) : el("p", { class: "faint" }, "Nobody is on it yet."));
  } catch (error) {
    if (error.name !== "AbortError") put(box, el("p", { class: "faint" }, error.status === 404 ? "No contact list is known at this moment." : error.message));
  }
}
