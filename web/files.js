// Files: what was transferred, with pictures, digests and where it came from.

import { announce, button, copy, el, link, put } from "./dom.js";
import { get, post } from "./api.js";
import { count, size, timeParts, visible } from "./text.js";
import { emptyState, loadingState } from "./list.js";
import { heading } from "./head.js";
import { picture } from "./media.js";
import { moveFocus } from "./simple.js";
import { prefs } from "./prefs.js";

class Files {
  constructor(app, route) {
    Object.assign(this, { app, route, thingId: route.id, title: route.id ? "Files of " + route.id : "Files" });
    this.of = route.id ?? route.params.of;
    this.body = el("div", { class: "page-body", tabIndex: -1, "data-main": "" });
    this.element = el("div", { class: "view files" }, route.id ? heading(app, route, { onMissing: (error) => put(this.element, emptyState(error.status === 404 ? `There is no ${route.id} in this archive.` : error.message)) }) : el("div", { class: "head" }, el("div", { class: "head-line" }, el("h1", null, "Files"))), this.body);
  }

  async started(cursor) {
    const { signal } = (this.asking = new AbortController()), loading = loadingState("the files", () => this.asking.abort());
    if (!cursor) put(this.body, loading.element);
    try {
      const page = await get("/media", { of: this.of, limit: 100, after: cursor }, signal);
      loading.done();
      if (!cursor && !page.items.length) return put(this.body, emptyState("No file or picture was transferred here."));
      this.body.querySelector(".more")?.remove();
      this.grid = cursor ? this.grid : el("div", { class: "file-grid" });
      if (!cursor) this.body.append(this.grid);
      this.grid.append(...page.items.map((item) => this.item(item)));
      if (page.next) this.body.append(button("Further files", () => this.started(page.next), { class: "more" }));
    } catch (error) {
      loading.done();
      if (error.name !== "AbortError") put(this.body, emptyState(error.message));
    }
  }

  item(item) {
    const parts = timeParts(item.time, prefs.get("local")), name = visible(item.name ?? item.file ?? item.kind.replaceAll("_", " "), 120), missing = item.missing ?? [];
    const fact = (title, ...content) => el("div", { class: "fact" }, el("dt", null, title), el("dd", null, content));
    const whole = item.complete ? "whole" : item.reason ? visible(item.reason.replaceAll("_", " ")) : "incomplete";
    return el("article", { class: "file" }, el("div", { class: "thumb-box" }, item.media ? picture(item.media, name, "thumbnail") : el("span", { class: "file-kind", "aria-hidden": "true" }, visible(item.kind, 16).replaceAll("_", " "))),
      el("div", { class: "file-text" }, el("h2", { title: name }, name), el("p", null, item.from ? [visible(item.from, 80), " → ", visible(item.to ?? "?", 80)] : ""), el("p", { class: "faint" }, `${visible(item.kind).replaceAll("_", " ")} · ${size(item.size ?? item.declared_size)} · `, el("span", { class: item.complete ? "" : "badge warning" }, whole)),
        el("div", { class: "line" }, item.complete ? button("Save", () => this.save(item), { class: "small-button item-link" }) : null, link("/" + (item.at ?? item.origins?.[0]?.id), { class: "id" }, item.at ?? item.origins?.[0]?.id ?? "")),
        el("details", null, el("summary", null, "Digests and origin"), el("dl", null, fact("time", `${parts.date} ${parts.clock} ${parts.zone}`), fact("type", visible(item.media_type ?? "unknown")), item.sha256 ? fact("SHA-256", el("code", null, item.sha256), button("Copy the SHA-256", () => copy(item.sha256, "the SHA-256"), { icon: "copy", class: "small" })) : null,
          item.sha1 ? fact("SHA-1", el("code", null, item.sha1)) : null, item.sha1d ? fact("SHA1D", visible(item.sha1d)) : null, missing.length ? fact("missing", missing.slice(0, 5).map((span) => Array.isArray(span) ? `${count(span[0])}–${count(span[1])}` : JSON.stringify(span)).join(", ")) : null,
          fact("origin", (item.origins ?? []).slice(0, 12).map((origin) => [link("/" + origin.id, {}, origin.id), " "]))))));
  }

  async save(item) {
    try {
      const { url } = await post("/downloads", { of: this.of ?? item.origins?.[0]?.id, format: "file", sha256: item.sha256 });
      location.assign(own(url));
    } catch (error) {
      announce(error.message, true);
    }
  }

  zoneChanged() {
    this.started();
  }

  destroy() {
    this.asking?.abort();
  }

  get actions() {
    return { next: () => moveFocus(this.body, 1), previous: () => moveFocus(this.body, -1) };
  }
}

/** A ticket's address; nothing else is followed. */
export function own(url) {
  if (!/^\/download\/[\w-]+$/.test(url)) throw new Error("not a download");
  return url;
}

export const create = (app, route) => new Files(app, route);
