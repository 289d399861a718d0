// A long list: at most 300 rows in the document, the rest by cursor, with the row that one reads kept in its place;
// and what views with such a list have in common.

import { announce, el } from "./dom.js";
import { timeParts } from "./text.js";
import { ListWindow, moved, slice } from "./window.js";
import { beginning, View } from "./view.js";
import { prefs } from "./prefs.js";

const near = 700;
let lists = 0;

/**
 * options: role (grid, feed, listbox), label, head (element), render(row, list) → element, load({ after | before }) → page,
 * onSelect(row, cause), onOpen(row), onRange(first, last), rowIndex(row), transform(rows), most.
 */
export class List {
  constructor(options) {
    this.options = options;
    this.prefix = `l${(lists += 1)}-`;
    this.most = options.most ?? 300;
    this.window = new ListWindow({ transform: (rows) => options.transform?.(rows, this) ?? rows });
    this.range = [0, 0];
    this.elements = new Map();
    this.selected = options.selected ?? null;
    this.following = false;
    this.loading = { after: null, before: null };
    this.rows = el("div", { class: "rows", role: { grid: "rowgroup", treegrid: "rowgroup", feed: "feed", listbox: "presentation" }[options.role],
      "aria-label": options.role === "feed" ? options.label : undefined });
    this.edgeBefore = el("div", { class: "edge", hidden: true }, "Reading earlier rows …");
    this.edgeAfter = el("div", { class: "edge", hidden: true }, "Reading further rows …");
    this.element = el("div", {
      class: `list list-${options.role}`, tabIndex: 0, role: options.role === "feed" ? "region" : options.role, "aria-label": options.label,
      "aria-rowcount": /grid/.test(options.role) ? -1 : undefined, "aria-readonly": options.role === "grid" ? "true" : undefined,
    }, options.head, this.edgeBefore, this.rows, this.edgeAfter);
    this.element.addEventListener("scroll", () => this.scrolled(), { passive: true });
    this.rows.addEventListener("click", (event) => this.clicked(event));
    this.rows.addEventListener("dblclick", (event) => {
      const row = this.rowOf(event.target);
      if (row && !event.target.closest("a, button")) options.onOpen?.(row);
    });
    this.observer = new ResizeObserver(() => this.scrolled());
    this.observer.observe(this.element);
  }

  destroy() {
    this.observer.disconnect();
    cancelAnimationFrame(this.frame);
    this.isGone = true;
  }

  get count() {
    return this.window.rows.length;
  }

  rowOf(target) {
    const node = target.closest?.("[data-key]");
    return node && this.rows.contains(node) ? this.window.rows.find((row) => row.key === node.dataset.key) : undefined;
  }

  clicked(event) {
    const row = this.rowOf(event.target);
    if (!row || event.target.closest("a, button, summary")) return;
    if (String(getSelection()) && this.options.role === "feed") return this.select(row.key, { cause: "words" });
    this.select(row.key, { cause: "click" });
  }

  /** Shows a page and puts a row into view: `key` in the middle, else the start or the end. */
  show(page, { key = null, to = "start", block = "middle" } = {}) {
    this.window.reset(page);
    this.elements.clear();
    const index = key ? this.window.indexOf(key) : -1;
    const anchor = index >= 0 ? index : to === "end" ? this.count - 1 : 0;
    this.range = slice(this.count, anchor, this.most);
    this.draw(false);
    if (index >= 0) this.reveal(this.window.rows[index].key, block);
    else this.element.scrollTop = to === "end" ? this.element.scrollHeight : 0;
    this.scrolled();
  }

  /** What stands at the top of the view: [key, distance]. */
  anchor() {
    const top = this.element.scrollTop + (this.options.head?.offsetHeight ?? 0);
    for (const node of this.rows.children) if (node.offsetTop + node.offsetHeight > top) return [node.dataset.key, node.offsetTop - this.element.scrollTop];
    return null;
  }

  /** Writes the rows of the range into the document, keeping the anchor where it was. */
  draw(keep = true, again = false) {
    const anchor = keep ? this.anchor() : null;
    const rows = this.window.rows;
    this.range = [Math.min(this.range[0], rows.length), Math.min(this.range[1], rows.length)];
    const wanted = rows.slice(...this.range), elements = new Map(), nodes = [];
    for (const row of wanted) {
      const old = this.elements.get(row.key);
      let node = old?.row === row && !again ? old.node : undefined;
      if (!node || old.above !== row.above?.key) {
        node = this.options.render(row, this);
        node.id = this.prefix + row.key.replace(/\W/g, "_");
        node.dataset.key = row.key;
        const index = this.options.rowIndex?.(row);
        if (index) node.setAttribute("aria-rowindex", index);
      }
      elements.set(row.key, { row, node, above: row.above?.key });
      nodes.push(node);
    }
    this.elements = elements;
    this.sync(nodes);
    this.mark();
    if (anchor) {
      const node = elements.get(anchor[0])?.node;
      if (node) this.element.scrollTop = node.offsetTop - anchor[1];
    }
    this.edgeAfter.hidden = !(this.window.next && this.range[1] === rows.length) || this.following;
    this.edgeBefore.hidden = !(this.window.previous && this.range[0] === 0);
  }

  /** Changes only what differs, so that focus and selection of text stay. */
  sync(nodes) {
    const keep = new Set(nodes), hadFocus = this.element.contains(document.activeElement);
    for (const child of [...this.rows.children]) if (!keep.has(child)) child.remove();
    let at = this.rows.firstChild;
    for (const node of nodes) {
      if (node === at) at = at.nextSibling;
      else this.rows.insertBefore(node, at);
    }
    if (hadFocus && !this.element.contains(document.activeElement)) this.element.focus({ preventScroll: true });
  }

  /** Draws all rows anew, after what they depend on has changed. */
  refresh() {
    this.window.changed();
    if (this.following) this.range = slice(this.count, this.count, this.most);
    else if (this.range[1] - this.range[0] < this.most) this.range = slice(this.count, this.range[0] + this.most / 2, this.most);
    this.draw(true, true);
  }

  scrolled() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = undefined;
      if (this.isGone) return;
      this.check();
    });
  }

  check() {
    const box = this.element, atEnd = box.scrollHeight - box.scrollTop - box.clientHeight;
    if (this.following && atEnd > 60 && !this.drawing) this.options.onLeaveEnd?.();
    let range = this.range;
    if (atEnd < near) range = moved(range, this.count, "end", this.most);
    else if (box.scrollTop < near) range = moved(range, this.count, "front", this.most);
    if (range[0] !== this.range[0] || range[1] !== this.range[1]) {
      this.range = range;
      this.draw();
    }
    // Where nearly all is folded away, memory would fill without end.
    const isFull = this.count < 100 && this.window.count > 1500;
    if (atEnd < near && this.range[1] === this.count && this.window.next && !this.following && !isFull) this.more("after");
    if (box.scrollTop < near && this.range[0] === 0 && this.window.previous && !isFull) this.more("before");
    this.reportRange();
  }

  reportRange() {
    if (!this.options.onRange) return;
    const top = this.element.scrollTop, bottom = top + this.element.clientHeight;
    let first, last;
    for (const node of this.rows.children) {
      if (node.offsetTop + node.offsetHeight <= top) continue;
      if (node.offsetTop >= bottom) break;
      first ??= node;
      last = node;
    }
    if (first) this.options.onRange(this.elements.get(first.dataset.key)?.row, this.elements.get(last.dataset.key)?.row);
  }

  /** Loads the next page on one side; one request a side. */
  async more(side) {
    if (this.loading[side] || !this.options.load) return this.loading[side];
    const window = this.window, pages = window.pages, cursor = side === "after" ? window.next : window.previous;
    if (!cursor) return;
    this.loading[side] = (async () => {
      try {
        const page = await this.options.load({ [side]: cursor });
        if (this.isGone || this.window.pages !== pages) return;
        const anchor = this.anchor()?.[0];
        if (side === "after") window.append(page);
        else window.prepend(page);
        const index = anchor ? window.indexOf(anchor) : 0;
        this.range = slice(this.count, Math.max(0, index), this.most);
        this.draw();
      } catch (error) {
        if (error?.name !== "AbortError") this.options.onError?.(error);
      } finally {
        this.loading[side] = null;
      }
    })();
    await this.loading[side];
    if (!this.isGone) this.scrolled();
  }

  follow(page, skipped, after) {
    this.window.passedBy(skipped, page, after);
    if (this.following) {
      this.range = slice(this.count, this.count, this.most);
      this.drawing = true;
      this.draw(false);
      this.element.scrollTop = this.element.scrollHeight;
      requestAnimationFrame(() => (this.drawing = false));
    } else this.draw();
    this.reportRange();
  }

  fill(key, page) {
    this.window.fill(key, page);
    const index = this.window.indexOf(page.items[0]?.key);
    this.range = slice(this.count, Math.max(index, 0), this.most);
    this.draw();
  }

  /** Shows the current row as such; it is named to screen readers while it is in the document. */
  mark() {
    for (const { row, node } of this.elements.values()) {
      const isSelected = row.key === this.selected;
      node.classList.toggle("selected", isSelected);
      if (this.options.role !== "feed") node.setAttribute("aria-selected", isSelected ? "true" : "false");
    }
    const node = this.selected && this.elements.get(this.selected)?.node;
    if (this.options.role === "feed") {
      if (node) node.tabIndex = -1;
      if (node && this.element.contains(document.activeElement)) node.focus({ preventScroll: true });
    } else if (node) this.element.setAttribute("aria-activedescendant", node.id);
    else this.element.removeAttribute("aria-activedescendant");
  }

  /** Selects a row that is in memory; says whether it was there. */
  select(key, { cause = "key", quiet = false, block } = {}) {
    const index = this.window.indexOf(key);
    if (index < 0) return false;
    const row = this.window.rows[index];
    this.selected = row.key;
    if (index < this.range[0] || index >= this.range[1]) {
      this.range = slice(this.count, index, this.most);
      this.draw(false);
    } else this.mark();
    if (cause !== "click" && cause !== "words") this.reveal(row.key, block);
    if (!quiet) this.options.onSelect?.(row, cause);
    return true;
  }

  get current() {
    const index = this.selected ? this.window.indexOf(this.selected) : -1;
    return index >= 0 ? this.window.rows[index] : null;
  }

  reveal(key, block = "near") {
    const node = this.elements.get(key)?.node;
    if (!node) return;
    const box = this.element, head = this.options.head?.offsetHeight ?? 0;
    const top = node.offsetTop - head, bottom = node.offsetTop + node.offsetHeight;
    if (block === "middle") box.scrollTop = node.offsetTop - (box.clientHeight + head - node.offsetHeight) / 2;
    else if (block === "start" || top < box.scrollTop) box.scrollTop = top;
    else if (bottom > box.scrollTop + box.clientHeight) box.scrollTop = bottom - box.clientHeight;
  }

  async move(by, block) {
    const rows = this.window.rows;
    if (!rows.length) return;
    let index = this.selected ? this.window.indexOf(this.selected) : -1;
    if (index < 0) index = by > 0 ? Math.max(-1, this.firstVisible() - 1) : this.firstVisible() + 1;
    let to = index + by;
    const key = rows[index]?.key;
    if (!rows[to] && this.window[to < 0 ? "previous" : "next"]) {
      await this.more(to < 0 ? "before" : "after");
      to = this.window.indexOf(key) + by;
    }
    const row = this.window.rows[Math.max(0, Math.min(this.count - 1, to))];
    if (row) this.select(row.key, { block });
  }

  firstVisible() {
    const key = this.anchor()?.[0];
    return key ? Math.max(0, this.window.indexOf(key)) : 0;
  }

  page(direction) {
    const height = this.rows.firstChild?.offsetHeight || 22;
    return this.move(direction * Math.max(1, Math.floor(this.element.clientHeight / height) - 2));
  }
}

/** A view with one long list: the selected row and the place are in the address and the history. Subclasses have `page(cursor)`. */
export class ListView extends View {
  /** Makes the list and shows a page in it. `place` says which row is to be seen. */
  showList(page, options, place) {
    this.dropList();
    this.list = new List({
      most: 240, load: (cursor) => this.page(cursor), onError: (error) => announce(error.message, true),
      onSelect: (row, cause) => this.selected(row, cause), onOpen: (row) => this.openRow(row), onRange: (first, last) => this.range(first, last), ...options,
    });
    this.list.element.dataset.main = "";
    this.body.replaceChildren(this.list.element);
    this.list.show(page, place);
  }

  /** Where a list begins: what was seen when this address was left, what the address names, or what is asked for. */
  place(given) {
    const top = given ? null : this.state.top;
    this.state = {};
    return { top, at: given ?? this.route.at ?? this.route.params.at };
  }

  /** The address changed within this list: another row or another place. */
  update(route, state) {
    const before = this.route;
    this.route = route;
    this.state = state ?? {};
    if (route.at === before.at && route.params.at === before.params.at) return;
    if (route.at && this.pick(route.at)) return this.app.select(route.at);
    if (route.at || route.params.at) return this.load();
    this.deselect();
    if (state?.top) this.load();
  }

  /** Selects a row by its address, if it is in memory. */
  pick(at) {
    return this.list?.select(at, { quiet: true, block: "middle" });
  }

  setAt(at, keepsParams) {
    this.app.setAt(at, keepsParams);
    this.route = this.app.route;
  }

  deselect() {
    if (!this.list) return;
    this.list.selected = null;
    this.list.mark();
    this.setAt(null);
    this.focus();
  }

  range(first, last) {
    const time = (row) => row?.time ?? row?.folded?.[0].time;
    this.top = first?.at ?? first?.folded?.[0].at;
    this.scrubber?.show(time(first), time(last));
    clearTimeout(this.saving);
    this.saving = setTimeout(() => this.app.view === this && this.app.savePosition(), 300);
  }

  position() {
    return this.top;
  }

  status(row, text) {
    const parts = timeParts(row.time, prefs.get("local"));
    this.app.shell.status(`${text} · ${parts.date} ${parts.clock}.${parts.micro} ${parts.zone}`);
  }

  get actions() {
    const withList = (action) => () => (this.list ? (action(this.list), true) : false);
    return {
      next: withList((list) => list.move(1)), previous: withList((list) => list.move(-1)), pageDown: withList((list) => list.page(1)), pageUp: withList((list) => list.page(-1)),
      first: withList((list) => (list.window.previous ? this.toStart() : list.move(-1e9))), last: withList((list) => this.toEnd(list)),
      open: withList((list) => list.current && this.openRow(list.current)),
      contacts: () => this.app.contacts(), panes: () => this.app.detail?.actions.panes() ?? false,
    };
  }

  async toStart() {
    await this.load({ at: beginning });
    this.list?.move(-1e9);
  }

  async toEnd(list) {
    if (list.window.next) list.show(await this.page({}), { to: "end" });
    list.move(1e9);
  }
}
