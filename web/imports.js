// How far the import of captures is, while the program reads them.

import { el } from "./dom.js";
import { get } from "./api.js";
import { size, visible } from "./text.js";

let timer = null;

/** Shows it over all panes, and asks again once a second until it is done. */
export function showImport(shell, { finished, text, file, done_bytes: done, total_bytes: total }) {
  if (finished) return text ? shell.bar("import", "warning", visible(text)) : shell.bar("import");
  const share = total ? Math.floor((100 * done) / total) : 0;
  shell.bar("import", "info", `Importing ${visible(file ?? "", 80)} `, el("progress", { max: 100, value: share, "aria-label": "Import" }),
    ` ${share} %, ${size(done)} of ${size(total)}`, text ? " · " + visible(text) : "");
  timer ??= setTimeout(async () => {
    timer = null;
    const info = await get("/");
    shell.app.info = info;
    shell.show(info);
    if (info.import?.finished) shell.nav?.load?.();
  }, 1000);
}
