// Files: what was transferred, with pictures, digests and where it came from.

import { announce, button, copy, el, link, put } from "./dom.js";
import { download, get } from "./api.js";
import { count, size, timeParts, visible } from "./text.js";
import { emptyState, View } from "./view.js";
import { Scrubber } from "./scrub.js";
import { picture } from "./media.js";
import { prefs } from "./prefs.js";

class Files extends View {
  constructor(app, route) {
    super(app, route);
    this.title = route.id ? "Files of " + route.id : "Files";
    this.of = route.id ?? route.params.of;
    this.scrubber = new Scrubber((time) => { app.setParams({ at: time }); this.load(time); });
    this.element = el("div", { class: "view files" }, this.heading("Files"), el("div", { class: "with-scrubber" }, this.body, this.scrubber.element));
  }

  load(at = this.route.params.at) {
    return this.read("the files", async (signal) => {
      const grid = el("div", { class: "file-grid" });
      const add = async (after) => {
        const page = await get("/media", { of: this.of, limit: 100, after, at: after ? undefined : at }, signal);
        this.body.querySelector(".more")?.remove();
        if (!after) put(this.body, page.items.length ? grid : emptyState(`No file or picture was transferred here${at ? " from then on" : ""}.`));
        this.show(page.items, !after);
        grid.append(...page.items.map((item) => this.item(item)));
        if (page.next) this.body.append(button("Further files", () => add(page.next), { class: "more" }));
      };
      await add();
      this.scrubber.load({ of: this.of }, signal);
    });
  }

  item(item) {
    const parts = timeParts(item.time, prefs.get("local")), kind = visible(item.kind).replaceAll("_", " "), name = visible(item.name ?? kind, 120), place = item.at ?? "c" + item.conn;
    const fact = (title, ...content) => el("div", { class: "fact" }, el("dt", null, title), el("dd", null, content));
    return el("article", { class: "file" },
      el("div", { class: "thumb-box" }, item.media ? picture(item.media, name, "thumbnail") : el("span", { "aria-hidden": "true" }, kind)),
      el("div", { class: "file-text" }, el("h2", { title: name }, name), el("p", null, item.from ? [visible(item.from, 80), " → ", visible(item.to ?? "?", 80)] : ""),
        el("p", { class: "faint" }, `${kind} · ${size(item.size ?? item.declared_size)} · `,
          item.complete ? "whole" : el("span", { class: "badge warning" }, visible(item.reason ?? "incomplete").replaceAll("_", " "))),
        el("div", { class: "line" }, item.complete ? button("Save", () => this.save(item), { class: "small-button item-link" }) : null, link("/" + place, { class: "id" }, place)),
        el("details", null, el("summary", null, "Digests and origin"), el("dl", null,
          fact("time", `${parts.date} ${parts.clock} ${parts.zone}`), fact("type", visible(item.media_type ?? "unknown")),
          item.sha256 ? fact("SHA-256", el("code", null, item.sha256), button("Copy the SHA-256", () => copy(item.sha256, "the SHA-256"), { icon: "copy", class: "small" })) : null,
          item.sha1d ? fact("SHA1D", visible(item.sha1d)) : null,
          item.complete ? null : fact("received", count(item.received_bytes) + " B"), fact("origin", link("/" + place, {}, place), " by ", visible(item.method ?? ""))))));
  }

  save(item) {
    return download({ of: this.of ?? "c" + item.conn, format: "file", sha256: item.sha256 }).catch((error) => announce(error.message, true));
  }
}

export const create = (app, route) => new Files(app, route);
