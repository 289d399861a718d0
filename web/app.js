// Starts the page: session, addresses, which view is shown, and the keyboard.

import { announce, copy, el, moreStyles, put } from "./dom.js";
import { APIError, get, loaded, on, signIn } from "./api.js";
import { addressOf, parseAddress, samePlace, withParams } from "./router.js";
import { Keys, ownsKey, usedByControl } from "./keys.js";
import { applyTheme, prefs } from "./prefs.js";
import { Shell } from "./shell.js";

const withStyles = (module) => Promise.all([module, moreStyles()]).then(([loaded]) => loaded);
const modules = {
  home: () => import("./tree.js"), talks: () => import("./talks.js"),
  protocol: () => import("./protocol.js"), live: () => import("./protocol.js"), talk: () => withStyles(import("./talk.js")),
  ladder: () => withStyles(import("./ladder.js")), findings: () => withStyles(import("./findings.js")), files: () => withStyles(import("./files.js")),
  search: () => withStyles(import("./search.js")), export: () => withStyles(import("./export.js")),
};

class App {
  constructor() {
    this.info = this.route = this.view = this.detail = null;
    this.things = new Map();
    this.keys = new Keys();
    this.modules = modules;
    this.lastState = null;
  }

  async start() {
    applyTheme();
    this.shell = new Shell(this);
    on("down", (isDown) => this.shell.down(isDown));
    on("busy", () => announce("The program is busy; the page goes on trying.", true));
    on("signedOut", (text) => this.shell.askForToken(text));
    await leaveOldWorkers();
    await this.takeToken();
    addEventListener("popstate", (event) => this.shown(event.state));
    addEventListener("hashchange", () => this.takeToken().then(() => this.shown(history.state)));
    document.addEventListener("keydown", (event) => this.key(event));
    prefs.onChange((key) => {
      if (key === "theme") applyTheme();
      if (key === "local") this.everywhere("zoneChanged");
    });
    modules[parseAddress(location.pathname)?.view]?.().catch(() => {});
    this.info = await get("/");
    if (this.info.api !== 1 && !sessionStorage.getItem("butterflynet.reloaded")) {
      sessionStorage.setItem("butterflynet.reloaded", "1");
      return location.reload();
    }
    this.shell.show(this.info);
    if (this.info.mode !== "archive" || this.info.recording || (this.info.import && !this.info.import.finished)) this.followState();
    await this.shown(history.state);
  }

  /** The token of the printed link: taken out of the address at once, used when the page is really shown. */
  async takeToken() {
    if (!location.hash.startsWith("#token=")) return;
    const given = location.hash.slice(7);
    history.replaceState(history.state, "", location.pathname + location.search);
    let token = given;
    try {
      token = decodeURIComponent(given);
    } catch { /* not the program's: the answer says so */ }
    if (document.prerendering) await new Promise((resolve) => document.addEventListener("prerenderingchange", resolve, { once: true }));
    try {
      await signIn(token);
      this.shell.closeForm();
    } catch (error) {
      if (!(error instanceof APIError)) throw error;
      this.shell.askForToken("This link is not of the program that runs here now; the right one stands in its terminal.");
    }
  }

  /** Goes to a route or an address of the page. */
  go(target, { replace = false } = {}) {
    const address = typeof target === "string" ? target : addressOf(target);
    if (address === location.pathname + location.search && !replace) return this.view?.element?.focus?.();
    if (replace) history.replaceState(history.state, "", address);
    else {
      this.savePosition();
      history.pushState(null, "", address);
    }
    return this.shown(null);
  }

  savePosition() {
    const top = this.view?.position?.();
    if (top) history.replaceState({ top }, "");
  }

  async shown(state) {
    const route = parseAddress(location.pathname, location.search);
    const before = this.route;
    this.route = route;
    if (route?.params.tz && (route.params.tz === "local") !== prefs.get("local")) prefs.set("local", route.params.tz === "local");
    if (before && samePlace(before, route) && this.view?.update) {
      this.view.update(route, state);
      return this.shell.routed(route, this.view);
    }
    this.view?.destroy?.();
    this.view = null;
    this.closeDetail();
    // A view whose module is still loading is not shown any more.
    const current = (this.switching = {});
    if (!route) return this.notFound();
    if (route.view === "home" || route.view === "talks") {
      prefs.set("home", route.view);
      this.shell.routed(route, null);
      await this.shell.showNav(route.view);
      if (this.switching !== current) return;
      document.title = (route.view === "home" ? "Sign-ins" : "Talks") + " · butterflynet";
      return;
    }
    const { create } = await loaded(modules[route.view]);
    if (this.switching !== current) return;
    this.view = create(this, route, state ?? {});
    this.shell.showView(this.view.element);
    this.shell.routed(route, this.view);
    document.title = this.view.title + " · butterflynet";
    this.view.started();
    this.notices?.watching(this.view.of ?? "");
    if (route.id) this.shell.showNav(route.id[0] === "v" ? "talks" : "home");
  }

  notFound() {
    document.title = "not found · butterflynet";
    this.shell.showView(el("div", { class: "empty" }, el("p", { class: "empty-title" }, "There is no such page."), el("p", null, el("a", { href: "/" }, "All sign-ins"), " · ", el("a", { href: "/talks" }, "all talks"))));
  }

  /** What is known of s6, c14, r1 or v17; kept until something is recorded. */
  thing(id) {
    if (!this.things.has(id)) {
      const answer = get(`/${{ c: "connections", v: "talks" }[id[0]] ?? "sign-ins"}/${id}`);
      this.things.set(id, answer);
      answer.catch(() => this.things.delete(id));
    }
    return this.things.get(id);
  }

  async select(at, options = {}) {
    this.selected = at;
    if (!at) return this.closeDetail();
    const { Detail } = await loaded(() => withStyles(import("./detail.js")));
    if (this.selected !== at) return;
    this.detail ??= new Detail(this);
    this.shell.showDetail(this.detail.element, options.focus);
    await this.detail.show(at, options);
  }

  /** The contact list as of the selected row, or the row again. */
  contacts() {
    if (!this.selected) return false;
    if (this.detail?.at) this.detail.actions.contacts();
    else this.setParams({ panel: "contacts" });
    return true;
  }

  closeDetail() {
    this.selected = null;
    this.detail?.clear();
    this.shell.hideDetail();
  }

  /** Changes parameters of the address without a new history entry. */
  setParams(changes) {
    this.route = withParams(this.route, changes);
    history.replaceState(history.state, "", addressOf(this.route));
  }

  setAt(at, keepParams = false) {
    const params = keepParams ? this.route.params : { ...this.route.params, sel: undefined, b: undefined };
    if (this.route.id) this.route = { ...this.route, at, params };
    else this.route = { ...this.route, params: { ...params, at: at ?? undefined } };
    history.replaceState(history.state, "", addressOf(this.route));
  }

  async followState() {
    const { Notices } = await loaded(() => import("./notices.js"));
    this.notices ??= new Notices((state) => this.state(state));
    this.notices.start();
  }

  state(state) {
    this.lastState = state;
    this.things.clear();
    this.shell.state(state);
    this.view?.onState?.(state);
    this.shell.nav?.onState?.(state);
  }

  everywhere(name, ...values) {
    for (const part of [this.shell, this.shell.nav, this.view, this.detail]) part?.[name]?.(...values);
  }

  key(event) {
    const target = event.target;
    if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
    const inField = ownsKey(target, event.key);
    const action = this.keys.action(event, { letters: prefs.get("letters"), inField, now: performance.now() });
    if (!action || (usedByControl(target, event.key) && action !== "leave")) return;
    if (action === "leave" && inField) {
      event.preventDefault();
      return (this.view?.element?.querySelector("[data-main]") ?? this.shell.main).focus();
    }
    const nav = this.shell.nav, pane = target.closest?.(".pane")?.dataset.pane;
    const order = pane === "nav" || !this.view ? [nav, this.view, this] : pane === "detail" ? [this.detail, this.view, this] : [this.view, this];
    for (const part of order) {
      const handler = part?.actions?.[action];
      if (handler && handler.call(part.actions, event) !== false) return event.preventDefault();
    }
  }

  get actions() {
    const tab = (name) => () => this.route?.id ? (this.go({ view: name, id: this.route.id, at: null, params: {} }), true) : false;
    return {
      goHome: () => this.go("/"), goTalks: () => this.go("/talks"), goLive: () => this.go("/live"), goFindings: () => this.go("/findings"),
      goFiles: () => this.go("/files"), goSearch: () => this.go("/search"), help: () => this.help(), zone: () => this.shell.toggleZone(),
      tab1: tab("protocol"), tab2: tab("talk"), tab3: tab("ladder"), tab4: tab("findings"), tab5: tab("files"),
      copyAddress: () => copy(location.href, "the address"),
      find: () => { this.go("/search"); },
      leave: () => (this.selected ? (this.leaveDetail(), true) : false),
    };
  }

  leaveDetail() {
    this.closeDetail();
    this.view?.deselect?.();
  }

  async help() {
    const { openHelp } = await import("./help.js");
    openHelp();
  }
}

/** A worker that another program left on this address and port could answer in our place. */
async function leaveOldWorkers() {
  const found = await navigator.serviceWorker?.getRegistrations().catch(() => []) ?? [];
  if (!found.length) return;
  await Promise.all(found.map((registration) => registration.unregister()));
  location.reload();
}

document.addEventListener("click", (event) => {
  const anchor = event.target.closest?.("a[href^='/']");
  if (!anchor || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || anchor.hasAttribute("download")) return;
  event.preventDefault();
  app.go(anchor.getAttribute("href"));
});

const app = new App();
app.start().catch((error) => {
  put(document.getElementById("main"), el("div", { class: "empty", role: "alert" }, el("p", { class: "empty-title" }, error.message)));
});
