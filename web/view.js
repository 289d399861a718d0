// What the views share: the heading of a thing with its tabs, grey rows while something is read, sentences, and lists as text.

import { announce, button, copy, el, icon, link, moreStyles, put } from "./dom.js";
import { plural, visible } from "./text.js";
import { addressOf, withParams } from "./router.js";

/** Asks for the oldest rows. */
export const beginning = "1970-01-01T00:00:00Z";

const tabs = [["protocol", "Protocol"], ["talk", "Talk"], ["ladder", "Ladder"], ["findings", "Findings"], ["files", "Files"]];

/** A view shows `element`; what it reads appears in `body`. */
export class View {
  constructor(app, route, state) {
    Object.assign(this, { app, route, state: state ?? {} });
    this.body = el("div", { class: "page-body", tabIndex: -1, "data-main": "" });
  }

  /** The heading: that of a thing with its views as tabs, or a title. */
  heading(title, ...more) {
    const { id, view } = this.route;
    if (!id) return el("div", { class: "head" }, el("div", { class: "head-line" }, el("h1", null, title), ...more));
    const names = el("h1", null, button(id, () => copy(location.href, "the address"), { class: "id big", title: "Copy the address" }));
    const links = el("nav", { class: "tabs", "aria-label": `Views of ${id}` }, tabs.map(([name, text]) =>
      link(addressOf({ view: name, id, at: null, params: {} }), { "data-view": name, "aria-current": name === view ? "page" : undefined }, text)));
    const [list, name] = id[0] === "v" ? ["/talks", "talks"] : ["/", "sign-ins"];
    this.app.thing(id).then((thing) => {
      if (this.isGone) return;
      names.append(...describe(thing, id).flatMap((part) => [el("span", { class: "faint" }, "·"), el("span", { class: "part" }, part)]));
      if (thing.findings) links.querySelector("[data-view=findings]").append(" ", el("span", { class: "badge warning" }, String(thing.findings)));
      this.known?.((this.thing = thing));
    }, (error) => this.missing(error));
    return el("div", { class: "head" }, el("div", { class: "head-line" },
      link(list, { class: "back icon-button", "aria-label": "Back to the " + name }, icon("left")), names, el("span", { class: "grow" }),
      link(`/export?of=${id}`, { class: "export-link" }, icon("save"), " Export")), links);
  }

  missing(error) {
    this.destroy();
    put(this.element, emptyState(error.status === 404 ? `There is no ${this.route.id} in this archive.` : error.message,
      el("p", null, link("/", {}, "All sign-ins"), " · ", link("/talks", {}, "all talks"))));
  }

  /** Reads something: grey rows meanwhile, a sentence if it fails. What was read before is given up. */
  async read(what, work) {
    this.asking?.abort();
    const asking = (this.asking = new AbortController()), loading = loadingState(what, () => asking.abort());
    if (!this.list) put(this.body, loading.element);
    try {
      await work(asking.signal);
    } catch (error) {
      if (error.name !== "AbortError") this.failed(error);
    } finally {
      loading.done();
    }
  }

  failed(error) {
    this.dropList();
    if (error.status === 404 && this.route.id) return this.missing(error);
    put(this.body, emptyState(error.message, button("Try again", () => this.load())));
  }

  started() {
    return this.load();
  }

  /** What of a page without a long list is loaded, for the scrubber. */
  show(items, isFirst) {
    if (isFirst) this.first = items[0]?.time;
    this.scrubber.show(this.first, items.at(-1)?.time);
  }

  dropList() {
    this.list?.destroy();
    this.list = null;
  }

  textToggle() {
    return toggle("as text", this.route.params.as === "text", (isOn) => this.app.go(withParams(this.route, { as: isOn ? "text" : undefined })));
  }

  /** The list as text, in which the browser's own find, selection and printing work. `part(cursor, signal)` gives { text, next }. */
  asText(part) {
    this.scrubber.element.hidden = true;
    moreStyles();
    return this.read("the text", async (signal) => {
      this.dropList();
      const pre = el("pre", { class: "as-text", tabIndex: 0, "data-main": "" });
      const add = async () => {
        const { text, next } = await part(more.next, signal);
        pre.append(visible(text, 4e6).replaceAll("␊", "\n"));
        Object.assign(more, { next, hidden: !next });
      };
      const more = button("Further text", add, { hidden: true });
      await add();
      put(this.body, el("div", { class: "text-box" }, pre, more));
      this.focus();
    });
  }

  /** A switch over the list keeps the focus. */
  focus() {
    if (!document.activeElement.closest(".toolbar")) (this.list?.element ?? this.body.querySelector("[data-main]"))?.focus({ preventScroll: true });
  }

  zoneChanged() {
    if (this.list) this.list.refresh();
    else this.load();
  }

  destroy() {
    this.isGone = true;
    this.asking?.abort();
    this.dropList();
  }

  /** Keys of a page whose rows are links: the focus walks over them. */
  get actions() {
    return { next: () => this.moveFocus(1), previous: () => this.moveFocus(-1) };
  }

  moveFocus(by) {
    const all = [...this.body.querySelectorAll("summary, .item-link")].filter((node) => node.offsetParent);
    const here = all.indexOf(document.activeElement);
    all[Math.max(0, Math.min(all.length - 1, here < 0 ? 0 : here + by))]?.focus();
  }
}

function describe(thing, id) {
  if (id[0] === "v") return [people(thing), plural(thing.messages ?? 0, "message")];
  if (id[0] === "c") return [thing.role, thing.account && visible(thing.account, 80), thing.dialect, visible(thing.server, 80), { open: "● open", cut_off: "cut off" }[thing.end]].filter(Boolean);
  if (!thing.sign_in) return ["recording", visible((thing.origin ?? "").split("/").at(-1), 80), plural(thing.connections?.length ?? 0, "connection")].filter(Boolean);
  return [visible(thing.account ?? "", 80), thing.dialect, visible(thing.client_program ?? "", 60)].filter(Boolean);
}

/** Those who talk, by their names. */
export function people(talk, most = 6) {
  const all = talk.names?.length ? talk.names : (talk.participants ?? []).map((account) => ({ account }));
  return all.slice(0, most).map((person) => visible(person.name || person.account, 60)).join(", ") + (all.length > most ? ` and ${all.length - most} more` : "");
}

/** A button for a state that is on or off. */
export function toggle(text, isOn, onChange) {
  const node = button(text, () => {
    const now = node.getAttribute("aria-pressed") !== "true";
    node.setAttribute("aria-pressed", now);
    onChange(now);
  }, { class: "toggle", "aria-pressed": String(isOn) });
  return node;
}

/** Grey rows of the right height while the first page is read: nothing for 100 ms, a sentence and Cancel after 2 s. */
function loadingState(what, onCancel) {
  const box = el("div", { class: "loading", "aria-busy": "true" }), grey = () => Array.from({ length: 12 }, () => el("div", { class: "grey" }));
  const timers = [setTimeout(() => put(box, grey()), 100), setTimeout(() => {
    put(box, el("p", null, `Reading ${what} …`), button("Cancel", onCancel), grey());
    announce(`Reading ${what}.`);
  }, 2000)];
  return { element: box, done: () => { timers.forEach(clearTimeout); box.remove(); } };
}

/** A sentence in the place of a list, with what one can do. */
export function emptyState(title, ...more) {
  return el("div", { class: "empty" }, el("p", { class: "empty-title" }, title), ...more);
}

/** Where a relay listens, if there is one. */
export function listeningAt(info) {
  return info?.listening?.length ? el("p", null, "The relay listens at ", info.listening.map((address) => [el("code", null, address), " "]), ". Set this address as the server of a client.") : null;
}

/** A filter with which nothing is left. */
export function nothingLeft(title, where, onClear) {
  announce("Nothing matches the filter.");
  return emptyState(title, el("p", null, el("code", null, visible(where))), button("Clear the filter", onClear));
}
