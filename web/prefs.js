// The reader’s settings, kept in the browser: theme, zone, columns, splitters, saved filters. Nothing of an archive.

const defaults = {
  theme: "system", local: false, letters: true, home: "home", pane: "both", hidden: [], fold: ["lists", "presence", "pings"],
  filters: [], nav: 250, detail: 430, plain: false, typing: false, names: "account", middle: false,
};

let values;

function load() {
  if (values) return values;
  values = { ...defaults };
  try {
    const kept = JSON.parse(localStorage.getItem("butterflynet.preferences") ?? "{}");
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
      localStorage.setItem("butterflynet.preferences", JSON.stringify(values));
    } catch { /* kept for this tab only */ }
    for (const listener of listeners) listener(key, value);
  },
  onChange(listener) {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};

/** Sets the colours of the document. */
export function applyTheme() {
  const theme = prefs.get("theme");
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}
