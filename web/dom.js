// Builds the document: elements with text nodes, never markup from strings.

/** An element with properties, listeners (onclick …), attributes and children. Strings become text nodes. */
export function el(name, properties, ...children) {
  return fill(document.createElement(name), properties, children);
}

/** The same for SVG. */
export function svg(name, properties, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", name), properties, children);
}

const forbidden = /^(on|style$|srcdoc$|src$)/i;

function fill(node, properties, children) {
  for (const [key, value] of Object.entries(properties ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (typeof value === "function") node.addEventListener(key.replace(/^on/, ""), value);
    else if (key === "class") node.setAttribute("class", value);
    else if (key === "value" || key === "checked" || key === "disabled" || key === "tabIndex") node[key] = value;
    else if (!forbidden.test(key)) node.setAttribute(key, value === true ? "" : String(value));
  }
  add(node, children);
  return node;
}

function add(node, children) {
  for (const child of children) {
    if (Array.isArray(child)) add(node, child);
    else if (child !== undefined && child !== null && child !== false) node.append(child);
  }
}

/** Replaces all children. */
export function put(node, ...children) {
  node.replaceChildren();
  add(node, children);
  return node;
}

const shapes = {
  butterfly: "M12 8c-1-4-5-6-8-5-2 1-1 6 2 8-3 1-4 5-2 7 3 2 7-1 8-5 1 4 5 7 8 5 2-2 1-6-2-7 3-2 4-7 2-8-3-1-7 1-8 5zm0-1v12M12 7l-2-3M12 7l2-3",
  theme: "M12 3a9 9 0 1 0 0 18zM12 3a9 9 0 0 1 0 18",
  help: "M9 9a3 3 0 1 1 4 3c-1 .5-1 1-1 2M12 17.5v.5M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z",
  close: "M6 6l12 12M18 6L6 18",
  left: "M15 5l-7 7 7 7",
  right: "M9 5l7 7-7 7",
  down: "M5 9l7 7 7-7",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  save: "M12 4v11M7 11l5 5 5-5M5 20h14",
  search: "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM16 16l5 5",
  star: "M12 4l2.5 5.2 5.5.8-4 4 1 5.6-5-2.7-5 2.7 1-5.6-4-4 5.500-.8z",
  clock: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7v5l3 3",
};

/** A small line drawing; it is never the only name of a control. */
export function icon(name) {
  return svg("svg", { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false" }, svg("path", { d: shapes[name] }));
}

/** A button; with an icon its text is the accessible name. */
export function button(text, onclick, properties = {}) {
  const { icon: drawing, ...rest } = properties;
  if (!drawing) return el("button", { type: "button", onclick, ...rest }, text);
  return el("button", { type: "button", onclick, title: text, "aria-label": text, ...rest, class: "icon-button " + (rest.class ?? "") }, icon(drawing));
}

/** A link to an own address; a plain click stays in the page. */
export function link(address, properties, ...children) {
  if (!address.startsWith("/") || address.startsWith("//")) throw new Error("links lead to own addresses only");
  return el("a", { href: address, ...properties }, ...children);
}

let polite, toastTimer, toasts;

/** Says something to screen readers, and shows it for some seconds when `shown`. */
export function announce(text, shown = false) {
  polite ??= document.getElementById("polite");
  polite.textContent = polite.textContent === text ? text + "\u00a0" : text;
  if (!shown) return;
  toasts ??= document.getElementById("toast");
  toasts.textContent = text;
  toasts.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => (toasts.hidden = true), 2500);
}

/** Copies a text and says so. */
export async function copy(text, what) {
  try {
    await navigator.clipboard.writeText(text);
    announce(`Copied ${what}.`, true);
  } catch {
    announce("The browser does not let the page copy.", true);
  }
}

/** Saves bytes that the page has under a name that the page made. */
export function saveBlob(blob, name) {
  const address = URL.createObjectURL(blob);
  const anchor = el("a", { href: address, download: name });
  document.body.append(anchor);
  anchor.click();
  anchor.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** A menu that opens under a button. Items: [text, action]. */
export function menu(text, items, properties = {}) {
  const list = el("div", { class: "menu", role: "menu", hidden: true });
  const opener = el("button", { type: "button", "aria-haspopup": "menu", "aria-expanded": "false", ...properties }, text, " ", icon("down"));
  const box = el("span", { class: "menu-box" }, opener, list);
  const close = (focus) => {
    list.hidden = true;
    opener.setAttribute("aria-expanded", "false");
    if (focus) opener.focus();
  };
  const entries = () => [...list.children];
  opener.addEventListener("click", () => {
    if (!list.hidden) return close(true);
    put(list, (typeof items === "function" ? items() : items).map(([name, action]) =>
      el("button", { type: "button", role: "menuitem", tabIndex: -1, onclick: () => { close(true); action(); } }, name)));
    list.hidden = false;
    opener.setAttribute("aria-expanded", "true");
    entries()[0]?.focus();
  });
  box.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    const all = entries(), here = all.indexOf(document.activeElement);
    const to = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: all.length - 1 }[event.key];
    if (event.key === "Escape") close(true);
    else if (event.key === "Tab") return close(false);
    else if (to !== undefined) all[(to + all.length) % all.length]?.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  box.addEventListener("focusout", (event) => { if (!box.contains(event.relatedTarget) && !list.hidden) close(false); });
  return box;
}

let more;

/** Reads the styles of what is opened later: the detail, the ladder, pages and dialogs. */
export function moreStyles() {
  return more ??= new Promise((resolve) => document.head.append(el("link", { rel: "stylesheet", href: "/assets/more.css", onload: resolve, onerror: resolve })));
}

/** Opens a dialog with a title. `onClose` is called when it is closed, in whatever way. */
export function openDialog(title, name, onClose, ...content) {
  const dialog = el("dialog", { class: name, "aria-label": title },
    el("div", { class: "dialog-head" }, el("h2", null, title), button("Close", () => dialog.close(), { icon: "close" })), ...content);
  dialog.addEventListener("close", () => {
    dialog.remove();
    onClose?.();
  });
  document.body.append(dialog);
  moreStyles();
  dialog.showModal();
  return dialog;
}
