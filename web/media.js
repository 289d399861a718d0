// Pictures by their digest, fetched with the session and shown as blobs. What moves stands still until it is asked to.

import { el } from "./dom.js";
import { getBlob } from "./api.js";

const kept = new Map();

function blobOf(digest) {
  if (!kept.has(digest)) {
    const answer = getBlob("/media/" + digest).then((blob) => ({ blob, address: URL.createObjectURL(blob) }));
    answer.catch(() => kept.delete(digest));
    kept.set(digest, answer);
    if (kept.size > 64) {
      const [oldest, old] = kept.entries().next().value;
      kept.delete(oldest);
      old.then(({ address }) => setTimeout(() => URL.revokeObjectURL(address), 5000), () => {});
    }
  }
  return kept.get(digest);
}

/** A picture; a text of the same meaning stands there until it is loaded, and if it cannot be. */
export function picture(digest, description, name = "picture") {
  const box = el("span", { class: "media " + name }, el("span", { class: "faint" }, description));
  if (!/^[0-9a-f]{64}$/.test(digest ?? "")) return box;
  blobOf(digest).then(async ({ blob, address }) => {
    if (blob.type !== "image/gif") {
      const image = el("img", { alt: description, title: description });
      image.src = address;
      return box.replaceChildren(image);
    }
    const first = await createImageBitmap(blob), still = el("canvas", { width: first.width, height: first.height, role: "img", "aria-label": description });
    still.getContext("2d").drawImage(first, 0, 0);
    const play = el("button", { type: "button", class: "play", "aria-label": `Let it move: ${description}`, title: "Let it move", onclick: () => {
      const image = el("img", { alt: description });
      image.src = address;
      box.replaceChildren(image);
    } }, still);
    box.replaceChildren(play);
  }).catch(() => {});
  return box;
}
