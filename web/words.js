// The words of a message: a marked part of them, and what the reader selected in them.

import { el } from "./dom.js";
import { spoken } from "./text.js";

/** A text with a part of it marked; offsets count the text as it was sent. */
export function markedWords(text, range) {
  if (!range) return [spoken(text)];
  return [spoken(text.slice(0, range[0])), el("mark", { class: "bound" }, spoken(text.slice(...range))), spoken(text.slice(range[1]))];
}

/** What is selected in an element, as offsets of its text; null if nothing is, or if what is shown is not what was sent. */
export function selectedRange(element, text) {
  const selection = getSelection();
  if (!selection.rangeCount || selection.isCollapsed || !element.contains(selection.anchorNode) || !element.contains(selection.focusNode)) return null;
  const range = selection.getRangeAt(0), before = document.createRange();
  before.selectNodeContents(element);
  before.setEnd(range.startContainer, range.startOffset);
  const from = before.toString().length, to = from + range.toString().length;
  if (spoken(text) !== text) {
    const map = (offset) => { let index = 0; while (index < text.length && spoken(text.slice(0, index)).length < offset) index += 1; return index; };
    return [map(from), map(to)];
  }
  return [from, to];
}

/** The offset in UTF-8 of an offset in UTF-16, and back. */
export function byteOffset(text, index) {
  return new TextEncoder().encode(text.slice(0, index)).length;
}

export function textOffset(text, bytes) {
  let index = 0, seen = 0;
  for (const character of text) {
    if (seen >= bytes) break;
    const code = character.codePointAt(0);
    seen += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    index += character.length;
  }
  return index;
}
