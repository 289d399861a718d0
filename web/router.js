// Addresses of the page: from a path to what it shows, and back. Pure.

const tabs = new Set(["protocol", "talk", "ladder", "findings", "files"]);
const plain = { "/": "home", "/talks": "talks", "/live": "live", "/files": "files", "/findings": "findings", "/search": "search", "/export": "export" };
/** The order in which parameters are written. */
const known = ["of", "q", "name", "where", "at", "sel", "b", "beside", "panel", "as", "format", "redacted", "tz"];

/** { view, id, at, params } of an address, or null when the page has no such form. */
export function parseAddress(path, query = "") {
  const params = {};
  for (const [key, value] of new URLSearchParams(query)) if (known.includes(key) && !(key in params)) params[key] = value;
  if (path in plain) return { view: plain[path], id: null, at: null, params };
  let found = /^\/(c[1-9]\d{0,17})\.([1-9]\d{0,17})$/.exec(path);
  if (found) return { view: "protocol", id: found[1], at: `${found[1]}.${found[2]}`, params };
  found = /^\/([scvr][1-9]\d{0,17})(?:\/([a-z]+))?$/.exec(path);
  if (found?.[2] === "contacts") return { view: "protocol", id: found[1], at: /^c\d+\.\d+$/.test(params.at ?? "") ? params.at : null, params: { ...params, panel: "contacts" } };
  if (!found || (found[2] && !tabs.has(found[2]))) return null;
  const at = /^c\d+\.\d+$/.test(params.at ?? "") ? params.at : null;
  return { view: found[2] ?? (found[1][0] === "v" ? "talk" : "protocol"), id: found[1], at, params };
}

/** The address of a thing's view with parameters. */
export function addressOf(route) {
  const params = { ...route.params };
  let path;
  if (!route.id) path = Object.keys(plain).find((key) => plain[key] === route.view) ?? "/";
  else {
    const usual = route.id[0] === "v" ? "talk" : "protocol";
    path = "/" + route.id;
    if (route.view !== usual) path += "/" + route.view;
    else if (route.at && usual === "protocol" && route.at.startsWith(route.id + ".")) {
      path = "/" + route.at;
      delete params.at;
    }
    if (route.at && path !== "/" + route.at) params.at = route.at;
  }
  const written = known.filter((key) => params[key] !== undefined && params[key] !== null && params[key] !== "")
    .map((key) => key + "=" + encodeURIComponent(params[key]).replace(/%20/g, "+").replace(/%3A/g, ":").replace(/%2C/g, ","));
  return path + (written.length ? "?" + written.join("&") : "");
}

/** The same route with other parameters; undefined takes one away. */
export function withParams(route, changes) {
  return { ...route, params: { ...route.params, ...changes } };
}

/** A `b` parameter as [from, to] (to is behind the last byte). */
export function byteRange(text) {
  const found = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(text ?? "");
  if (!found) return null;
  const from = Number(found[1]), to = Number(found[2] ?? found[1]) + 1;
  return to > from ? [from, to] : null;
}

/** Whether two routes show the same list, so that only the selection changed. */
export function samePlace(a, b) {
  if (!a || !b || a.view !== b.view || a.id !== b.id) return false;
  return ["of", "q", "name", "where", "beside", "as", "format", "redacted", "tz"].every((key) => (a.params[key] ?? "") === (b.params[key] ?? ""));
}

/** The filter of a list, or of what `x` and `o` write: an expression joined to another by `and`. */
export function joined(where, condition) {
  if (!where) return condition;
  return /\bor\b|\|\|/.test(where) ? `(${where}) and ${condition}` : `${where} and ${condition}`;
}

/** Adds a verb to “not verb in {…}” at the end of a filter, or writes it. */
export function hiding(where, verb) {
  const found = /^(.*?)(?:^| and )not verb in \{([A-Z0-9 ]+)\}$/.exec(where ?? "");
  if (!found) return joined(where, `not verb in {${verb}}`);
  const verbs = found[2].trim().split(/ +/);
  if (verbs.includes(verb)) return where;
  return joined(found[1], `not verb in {${[...verbs, verb].join(" ")}}`);
}

/** A value in quotation marks, as the filter language requires it. */
export function quoted(text) {
  return '"' + text.replace(/["\\]/g, "\\$&") + '"';
}

/** Adds a condition to a filter, or takes it out again. */
export function toggled(where, condition) {
  const parts = where ? where.split(" and ") : [];
  if (!parts.includes(condition)) return joined(where, condition);
  return parts.filter((part) => part !== condition).join(" and ");
}
