// The keyboard: which key does what, sequences such as “g s”, and what is never taken.

/** Groups of [keys, action, what it does]. The help dialog shows them, the dispatcher uses them. */
export const table = [
  ["Move", [
    ["j ArrowDown", "next", "Next row"], ["k ArrowUp", "previous", "Previous row"],
    ["PageDown", "pageDown", "A page down"], ["PageUp", "pageUp", "A page up"],
    ["Home", "first", "First row"], ["End", "last", "Newest row; in live: follow"],
    ["Enter", "open", "Open, go into the detail; in fields: mark it everywhere"], ["Escape", "leave", "Out of a field, the detail, a dialog"],
    ["ArrowLeft", "fold", "Fold; in bytes: one byte back"], ["ArrowRight", "unfold", "Unfold; in bytes: one byte on"],
    [".", "middle", "Keep the selected row in the middle"],
  ]],
  ["Go to", [
    ["g s", "goHome", "Sign-ins"], ["g t", "goTalks", "Talks"], ["g l", "goLive", "Live"],
    ["g f", "goFindings", "Findings"], ["g p", "goFiles", "Files"], ["g /", "goSearch", "Search"],
    ["1", "tab1", "Protocol"], ["2", "tab2", "Talk"], ["3", "tab3", "Ladder"], ["4", "tab4", "Findings of this"], ["5", "tab5", "Files of this"],
    ["v", "beside", "Talk beside protocol"], ["b", "panes", "Fields, bytes, both"], ["c", "contacts", "Contact list as of the selected row"],
  ]],
  ["Find and filter", [
    ["/", "find", "Find in this list"], ["n", "findNext", "Next hit"], ["N", "findPrevious", "Previous hit"],
    ["f", "filter", "Filter"], ["F", "clearFilter", "Clear the filter"],
    ["x", "hideLike", "Hide rows like this one"], ["o", "onlyLike", "Only rows like this one"],
  ]],
  ["Follow", [
    ["a", "answer", "Jump between request and answer"], ["r", "redirect", "Follow a redirect to its connection, and back"],
    ["]", "nextMark", "Next finding, error, gap or change"], ["[", "previousMark", "Previous one"],
    ["m", "mark", "Mark: time differences count from here"], ["M", "unmark", "Take the mark away"],
    [" ", "pause", "In live: pause and go on"],
  ]],
  ["Page", [
    ["y", "copyAddress", "Copy the address"], ["Y", "copyLine", "Copy the line"],
    ["t", "zone", "UTC or local time"], ["?", "help", "This table"],
  ]],
];

/** All keys, from “g s” to the action's name. */
export const bindings = new Map(table.flatMap(([, rows]) => rows).flatMap(([keys, action]) =>
  (/^\S( \S)$/.test(keys) && keys.startsWith("g ") ? [keys] : keys === " " ? [" "] : keys.split(" ")).map((key) => [key, action])));

/** Whether a key is a plain character, which can be switched off. */
export function isLetter(key) {
  return key.length === 1 && key !== " ";
}

/** Decides what a key does. Keeps the first key of a sequence for 1.5 seconds. */
export class Keys {
  constructor() {
    this.pending = null;
    this.since = 0;
  }

  /** The action of a key, or undefined. `key` is like a KeyboardEvent; `letters` whether plain characters act. */
  action(key, { letters = true, inField = false, now = 0 } = {}) {
    if (key.ctrlKey || key.metaKey || key.altKey || key.isComposing) return undefined;
    if (inField) return key.key === "Escape" ? "leave" : undefined;
    if (isLetter(key.key) && !letters) return undefined;
    const before = this.pending !== null && now - this.since < 1500 ? this.pending : null;
    this.pending = null;
    if (before !== null) return bindings.get(before + " " + key.key);
    if (key.key === "g") {
      this.pending = "g";
      this.since = now;
      return undefined;
    }
    return bindings.get(key.key);
  }
}

/** Whether keys belong to the element: fields, and for some keys buttons and links. */
export function ownsKey(target, key) {
  if (!target || !target.tagName) return false;
  if (target.isContentEditable || target.tagName === "TEXTAREA" || target.tagName === "SELECT") return true;
  if (target.tagName === "INPUT") return !/^(checkbox|radio|button)$/.test(target.type) || key === " ";
  return false;
}

/** Whether a focused control uses the key itself, so that no shortcut may take it. */
export function usedByControl(target, key) {
  if (!target?.closest) return false;
  if (key === "Enter" || key === " ") return !!target.closest("button, a[href], summary, [role=menuitem], [role=separator]");
  if (/^(Arrow|Page|Home|End)/.test(key)) return !!target.closest("[role=slider], [role=separator], [role=tablist], [role=menu], [data-keys], input, pre");
  return false;
}
