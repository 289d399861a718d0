// Export: what a copy would hold, before it is made; redacted ones with what is replaced and what is refused.

import { announce, button, el, link, put } from "./dom.js";
import { download, get } from "./api.js";
import { count, size, visible } from "./text.js";
import { withParams } from "./router.js";
import { View } from "./view.js";

const formats = [["jsonl", "JSON lines"], ["pcapng", "pcapng, for Wireshark"], ["text", "transcript, text"], ["html", "transcript, HTML"], ["xml", "transcript, MessageLog"]];

class Export extends View {
  constructor(app, route) {
    super(app, route);
    this.title = "Export";
    this.leftOut = new Set();
    const { of, format = "jsonl", redacted } = route.params;
    this.format = format;
    this.isTranscript = ["text", "html", "xml"].includes(format);
    this.isRedacted = redacted === "1" && !this.isTranscript;
    const radio = (name, value, text, checked, changes) => el("label", { class: "radio" },
      el("input", { type: "radio", name, value, checked, onchange: () => app.go(withParams(this.route, changes), { replace: true }) }), text);
    this.element = el("div", { class: "view export" }, el("div", { class: "head" }, el("div", { class: "head-line" },
      el("h1", null, "Export", of ? [" of ", link("/" + of, { class: "id big" }, of)] : " of everything"))),
    el("div", { class: "options" },
      el("fieldset", null, el("legend", null, "Format"), formats.map(([name, text], index) => radio("format", name, text, name === format, { format: name, redacted: index < 2 ? redacted : undefined }))),
      el("fieldset", null, el("legend", null, "For whom"), radio("redacted", "0", "as it is", !this.isRedacted, { redacted: undefined }),
        radio("redacted", "1", "a copy for sharing (redacted)", this.isRedacted, { redacted: "1", format: this.isTranscript ? undefined : format }))), this.body);
  }

  load() {
    return this.read("what would be exported", async (signal) =>
      this.show(await get("/export/preview", { of: this.route.params.of, format: this.format, redacted: this.isRedacted }, signal)));
  }

  show({ counts = {}, refused = [], rows = [], about_bytes: bytes }) {
    const { isRedacted } = this, text = (row) => el("code", null, visible(row, 300));
    const sums = Object.entries(counts).filter(([, number]) => number)
      .map(([name, number]) => `${count(number)} ${number === 1 ? visible(name).replace(/(?<=ss)es\b|s(?=_|$)/, "") : visible(name)}`.replaceAll("_", " ")).join(" · ");
    const save = button(`Save ${formats.find(([name]) => name === this.format)?.[1] ?? this.format}${bytes ? ", about " + size(bytes) : ""}`, () => this.save(), { class: "primary" });
    const enable = () => (save.disabled = refused.some(({ id }) => !this.leftOut.has(id)));
    const leaveOut = (id) => (event) => { this.leftOut[event.target.checked ? "add" : "delete"](id); enable(); };
    put(this.body,
      isRedacted ? [el("p", null, el("b", null, "Will be replaced: "), sums || "nothing"), el("p", null, el("b", null, "Stays: "), "times, lengths, statuses, client versions, who talked with whom how often")]
        : this.isTranscript ? el("p", null, "What people said to each other, with times and names, as they were.")
          : this.format === "pcapng" ? el("p", { class: "notice warning" }, "A pcapng as it is holds every byte, passwords and tickets too.") : null,
      refused.length ? el("fieldset", { class: "refused" }, el("legend", null, "Refused, for it would hide what cannot be read"), refused.map(({ id, text: reason }) =>
        el("label", { class: "radio" }, el("input", { type: "checkbox", onchange: leaveOut(id) }), el("span", { class: "id" }, id), " ", visible(reason ?? ""), el("span", { class: "faint" }, " leave it out")))) : null,
      rows.length ? el("div", { class: "preview", tabIndex: 0, role: "region", "aria-label": "The first rows" }, rows.map(({ before, after }) => el("div", { class: "preview-row" },
        isRedacted ? [el("span", { class: "faint" }, "before"), text(before), el("span", null, "after"), text(after ?? "")] : text(before)))) : null,
      el("div", { class: "line" }, save, isRedacted ? el("span", { class: "faint" }, "Look through a copy before you share it.") : null));
    enable();
  }

  async save() {
    if (!this.isRedacted && this.format === "pcapng" && !this.isSure) {
      this.isSure = true;
      return announce("This file holds every secret of the recording. Press once more to save it.", true);
    }
    try {
      await download({ of: this.route.params.of, format: this.format, redacted: this.isRedacted, leave_out: [...this.leftOut] });
      announce("The file is being saved.", true);
    } catch (error) {
      announce(error.message, true);
    }
  }
}

export const create = (app, route) => new Export(app, route);
