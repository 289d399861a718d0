// What the reader likes, kept in the browser: theme, zone, columns, splitters, saved filters. Nothing of an archive.

const defaults = {
  theme: "system", local: false, letters: true, home: "home", pane: "both", hidden: [], fold: ["lists", "presence", "pings"],
  filters: [], nav: 250, detail: 430, half: 440, plain: false, typing: false, roles: [], names: "account", middle: false,
};

let values;

function load() {
  if (values) return values;
  values = { ...defaults };
  try {
    const kept = JSON.parse(localStorage.getItem("butterflynet.likes") ?? "{}");
    for (const key of Object.keys(defaults)) if (typeof kept[key] === typeof defaults[key]) values[key] = kept[key];
  } catch { /* no storage: the defaults */ }
  return values;
}

const listeners = new Set();

export const prefs = {
  get: (key) => load()[key],
  set(key, value) {
    load()[key] = value;
    try {
      localStorage.setItem("butterflynet.likes", JSON.stringify(values));
    } catch { /* kept for this tab only */ }
    for (const listener of listeners) listener(key, value);
  },
  onChange(listener) {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};

/** Saved filters as text, one a line, “name: expression”, and back. Lines without an expression are left out. */
export function filtersAsText(filters) {
  return filters.map(({ name, where }) => `${name}: ${where}`).join("\n");
}

export function filtersFromText(text) {
  return text.split("\n").map((line) => /^\s*([^:]{1,60}?)\s*:\s*(\S.*?)\s*$/.exec(line)).filter(Boolean)
    .map(([, name, where]) => ({ name, where })).slice(0, 200);
}

/** Sets the colours of the document. */
export function applyTheme() {
  const theme = prefs.get("theme");
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}
