// The frame around the views: header, bars, panes with splitters, footer, sign-in form.

import { announce, button, el, icon, link, put } from "./dom.js";
import { loaded } from "./api.js";
import { count, plural, size, visible, zoneName } from "./text.js";
import { prefs } from "./prefs.js";

const places = [["/", "Sign-ins", "home"], ["/talks", "Talks", "talks"], ["/live", "Live", "live"], ["/findings", "Findings", "findings"], ["/files", "Files", "files"], ["/search", "Search", "search"]];

export class Shell {
  constructor(app) {
    this.app = app;
    for (const name of ["header", "bars", "main", "footer"]) this[name] = document.getElementById(name);
    this.navPane = el("section", { class: "pane pane-nav", "data-pane": "nav", "aria-label": "Sign-ins and talks" });
    this.viewPane = el("section", { class: "pane pane-view", "data-pane": "view", "aria-label": "View", tabIndex: -1 });
    this.detailPane = el("section", { class: "pane pane-detail", "data-pane": "detail", "aria-label": "Detail", hidden: true });
    put(this.main, this.navPane, splitter("nav", "Width of the list of sign-ins", this.main), this.viewPane,
      splitter("detail", "Width of the detail", this.main), this.detailPane);
    this.main.tabIndex = -1;
    this.drawHeader();
    this.left = el("span", { class: "status-left" });
    this.right = el("span", { class: "status-right" });
    put(this.footer, this.left, this.right);
  }

  drawHeader() {
    this.archive = el("span", { class: "archive" });
    this.links = places.map(([address, name, view]) => link(address, { "data-view": view }, name));
    this.zone = el("button", { type: "button", class: "zone", onclick: () => this.toggleZone() });
    this.zoneChanged();
    put(this.header,
      el("a", { href: "/", class: "brand" }, icon("butterfly"), el("span", null, "butterflynet")),
      el("nav", { "aria-label": "Views" }, this.links), el("span", { class: "grow" }), this.archive, this.zone,
      button("Light or dark", () => this.turnTheme(), { icon: "theme" }),
      button("Help and shortcuts", () => this.app.help(), { icon: "help" }));
  }

  turnTheme() {
    const dark = prefs.get("theme") === "dark" || (prefs.get("theme") === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
    prefs.set("theme", dark ? "light" : "dark");
    announce(`Theme: ${prefs.get("theme")}.`, true);
  }

  toggleZone() {
    prefs.set("local", !prefs.get("local"));
    announce("Times are in " + zoneName(prefs.get("local")) + ".", true);
  }

  zoneChanged() {
    const local = prefs.get("local");
    put(this.zone, icon("clock"), zoneName(local));
    this.zone.setAttribute("aria-label", `Times are in ${zoneName(local)}; change to ${local ? "UTC" : "local time"}`);
    this.zone.title = local ? "Local time; click for UTC (t)" : "UTC; click for local time (t)";
  }

  show(info) {
    const { archive } = info;
    put(this.archive, visible(archive.name, 60), el("small", null, " ", size(archive.bytes), info.mode === "captures" ? " · temporary" : " · read only"));
    this.archive.title = `${visible(archive.name)}, schema ${archive.schema}`;
    if (info.shows_secrets) this.bar("secrets", "danger", "⚠ Secrets are shown (started with --show-secrets).");
    if (info.import) this.importing(info.import);
    this.totals(info.totals, info.recording);
  }

  bar(name, kind, ...content) {
    let bar = this.bars.querySelector(`[data-bar="${name}"]`);
    if (!content.length) return bar?.remove();
    if (!bar) this.bars.append((bar = el("div", { class: "notice " + kind, "data-bar": name, role: kind === "danger" ? "alert" : "status" })));
    put(bar, ...content);
  }

  async importing(progress) {
    const { showImport } = await import("./imports.js");
    showImport(this, progress);
  }

  totals(totals, recording) {
    if (!totals) return;
    const parts = [plural(totals.sign_ins, "sign-in"), plural(totals.connections, "connection"), plural(totals.events, "event"), plural(totals.messages, "message"),
      totals.findings ? "▲ " + plural(totals.findings, "finding") : null].filter(Boolean);
    put(this.left, recording ? [el("span", { class: "dot", "aria-hidden": "true" }, "●"), ` recording · ${count(totals.open)} open · `] : null, parts.join(" · "));
  }

  state(state) {
    this.totals(state.totals, this.app.info.recording);
    if (state.import) this.importing(state.import);
  }

  status(text) {
    this.right.textContent = text ?? "";
  }

  down(isDown) {
    if (isDown) this.bar("down", "warning", "The program is not running; what is on the page stays readable. The page tries again.");
    else {
      this.bar("down");
      announce("The program is running again.", true);
    }
  }

  routed(route, view) {
    for (const anchor of this.links) {
      if (route && !route.id && anchor.dataset.view === route.view) anchor.setAttribute("aria-current", "page");
      else anchor.removeAttribute("aria-current");
    }
    const home = route && (route.view === "home" || route.view === "talks");
    this.main.dataset.layout = home ? "home" : route?.id && !route.params.beside ? "thing" : "wide";
    if (!view) this.status("");
  }

  showView(element) {
    put(this.viewPane, element);
  }

  /** The list of sign-ins or talks at the left, or all over the page. */
  async showNav(which) {
    if (this.app.route && !this.app.route.id && !["home", "talks"].includes(this.app.route.view)) return;
    if (this.navShown !== which) {
      this.navShown = which;
      const { create } = await loaded(this.app.modules[which]);
      if (this.navShown !== which) return;
      this.nav?.destroy?.();
      this.nav = create(this.app);
      put(this.navPane, this.nav.element);
    }
    this.nav?.routed?.(this.app.route);
    if (this.main.dataset.layout === "home") {
      put(this.viewPane);
      this.nav?.focus?.();
    }
  }

  showDetail(element, focus) {
    if (this.detailPane.firstChild !== element) put(this.detailPane, element);
    this.detailPane.hidden = false;
    this.main.dataset.detail = focus ? "focus" : this.main.dataset.detail === "focus" ? "focus" : "open";
  }

  hideDetail() {
    this.detailPane.hidden = true;
    delete this.main.dataset.detail;
  }

  /** The sign-in form lies over the page, which keeps its address. */
  async askForToken(text) {
    if (this.form) return;
    this.form = document.createComment("");
    const { signInForm } = await import("./sign-in.js");
    if (!this.form) return;
    for (const part of [this.header, this.main, this.footer]) part.inert = true;
    this.form = signInForm(text, () => this.closeForm());
  }

  closeForm() {
    this.form?.remove();
    this.form = null;
    for (const part of [this.header, this.main, this.footer]) part.inert = false;
  }
}

const least = { nav: 200, detail: 300 };

/** A line between two panes that is moved with the mouse or with arrow keys. */
function splitter(name, label, main) {
  const apply = (value) => {
    const to = Math.round(Math.max(least[name], Math.min(value, Math.max(least[name], innerWidth * 0.6))));
    main.style.setProperty(`--${name}`, to + "px");
    handle.setAttribute("aria-valuenow", to);
    return to;
  };
  const direction = name === "nav" ? 1 : -1;
  const handle = el("div", {
    class: `splitter splitter-${name}`, role: "separator", tabIndex: 0, "aria-label": label, "aria-orientation": "vertical", "aria-valuemin": least[name], "aria-valuemax": 1200,
    onkeydown: (event) => {
      const step = { ArrowLeft: -16, ArrowRight: 16 }[event.key];
      if (!step) return;
      event.preventDefault();
      event.stopPropagation();
      prefs.set(name, apply(prefs.get(name) + step * direction));
    },
    onpointerdown: (event) => {
      const from = event.clientX, start = prefs.get(name);
      handle.setPointerCapture(event.pointerId);
      const move = (moved) => apply(start + (moved.clientX - from) * direction);
      handle.addEventListener("pointermove", move);
      handle.addEventListener("pointerup", (up) => {
        handle.removeEventListener("pointermove", move);
        prefs.set(name, apply(start + (up.clientX - from) * direction));
      }, { once: true });
    },
  });
  apply(prefs.get(name));
  return handle;
}
