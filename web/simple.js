// Keys of lists whose rows are links: the focus walks over them.

/** Moves the focus to the next summary, link or button with the class `item-link`. */
export function moveFocus(box, by) {
  const all = [...box.querySelectorAll("summary, .item-link")].filter((node) => node.offsetParent);
  const here = all.indexOf(document.activeElement);
  const to = all[Math.max(0, Math.min(all.length - 1, here < 0 ? 0 : here + by))];
  to?.focus();
  return !!to;
}
