// Export: what a copy would hold, before it is made; redacted ones with what is replaced and what is refused.

import { announce, button, el, link, put } from "./dom.js";
import { get, post } from "./api.js";
import { count, size, visible } from "./text.js";
import { withParams } from "./router.js";
import { emptyState, loadingState } from "./list.js";
import { own } from "./files.js";

const formats = [["jsonl", "JSON lines"], ["pcapng", "pcapng, for Wireshark"], ["text", "transcript, text"], ["html", "transcript, HTML"], ["xml", "transcript, MessageLog"]];

class Export {
  constructor(app, route) {
    Object.assign(this, { app, route, title: "Export", leaveOut: new Set() });
    const { of, format = "jsonl", redacted } = route.params;
    this.of = of;
    this.format = format;
    this.isTranscript = ["text", "html", "xml"].includes(format);
    this.redacted = redacted === "1" && !this.isTranscript;
    this.body = el("div", { class: "page-body", "data-main": "", tabIndex: -1 });
    const change = (changes) => app.go(withParams(this.route, changes), { replace: true });
    const radio = (name, value, text, isOn, changes) => el("label", { class: "radio" }, el("input", { type: "radio", name, value, checked: isOn, onchange: () => change(changes) }), text);
    this.element = el("div", { class: "view export" }, el("div", { class: "head" }, el("div", { class: "head-line" }, el("h1", null, "Export", of ? [" of ", link("/" + of, { class: "id big" }, of)] : " of everything"))),
      el("div", { class: "options" }, el("fieldset", null, el("legend", null, "Format"), formats.map(([name, text]) => radio("format", name, text, name === format, { format: name, redacted: ["jsonl", "pcapng"].includes(name) ? redacted : undefined }))),
        el("fieldset", null, el("legend", null, "For whom"), radio("redacted", "0", "as it is", !this.redacted, { redacted: undefined }), radio("redacted", "1", "a copy for sharing (redacted)", this.redacted, { redacted: "1", format: this.isTranscript ? undefined : format }))), this.body);
  }

  async started() {
    if (this.isTranscript) return this.show({});
    const { signal } = (this.asking = new AbortController()), loading = loadingState("what would be exported", () => this.asking.abort());
    put(this.body, loading.element);
    try {
      const preview = await get("/export/preview", { of: this.of, format: this.format, redacted: this.redacted }, signal);
      loading.done();
      this.show(preview);
    } catch (error) {
      loading.done();
      if (error.name !== "AbortError") put(this.body, emptyState(error.message));
    }
  }

  show(preview) {
    const line = (row) => (row && typeof row === "object" ? (row.dir === "c2s" ? "C: " : row.dir === "s2c" ? "S: " : "") + (row.line ?? row.text ?? row.event ?? "") : row ?? "");
    const named = ([name, number]) => `${count(number)} ${visible(name).replaceAll("_", " ")}${number === 1 || /s$|data/.test(name) ? "" : name === "address" ? "es" : "s"}`;
    const refused = preview.refused ?? [], rows = preview.rows ?? [], counts = Object.entries(preview.counts ?? {}).filter(([, number]) => number);
    const save = button(`Save ${formats.find(([name]) => name === this.format)?.[1] ?? this.format}${preview.about_bytes ? ", about " + size(preview.about_bytes) : ""}`, () => this.save(), { class: "primary" });
    const enable = () => (save.disabled = refused.some(({ id }) => !this.leaveOut.has(id)));
    put(this.body, this.redacted ? [el("p", null, el("b", null, "Will be replaced: "), counts.length ? counts.map(named).join(" · ") : "nothing"),
      el("p", null, el("b", null, "Stays: "), "times, lengths, statuses, client versions, who talked with whom how often")] : [this.isTranscript ? el("p", null, "What people said to each other, with times and names, as they were.") : null, this.format === "pcapng" ? el("p", { class: "notice warning" }, "A pcapng as it is holds every byte, passwords and tickets too.") : null, counts.length ? el("p", null, counts.map(named).join(" · ")) : null],
    refused.length ? el("fieldset", { class: "refused" }, el("legend", null, "Refused, for it would hide what cannot be read"), refused.map(({ id, text }) => el("label", { class: "radio" }, el("input", { type: "checkbox", onchange: (event) => { event.target.checked ? this.leaveOut.add(id) : this.leaveOut.delete(id); enable(); } }), el("span", { class: "id" }, id), " ", visible(text ?? ""), el("span", { class: "faint" }, " leave it out")))) : null,
    rows.length ? el("div", { class: "preview", tabIndex: 0, role: "region", "aria-label": "The first rows" }, rows.slice(0, 200).map((row) => el("div", { class: "preview-row" }, this.redacted ? el("div", { class: "before" }, el("span", { class: "faint" }, "before "), el("code", null, visible(line(row.before), 300))) : null, el("div", null, this.redacted ? el("span", { class: "faint" }, "after  ") : null, el("code", null, visible(line(row.after ?? row.before), 300)))))) : null,
    el("div", { class: "line" }, save, this.redacted ? el("span", { class: "faint" }, "Look through a copy before you share it.") : null));
    enable();
  }

  async save() {
    if (!this.redacted && this.format === "pcapng" && !this.sure) {
      this.sure = true;
      return announce("This file holds every secret of the recording. Press once more to save it.", true);
    }
    try {
      const { url } = await post("/downloads", { of: this.of, format: this.format, redacted: this.redacted, leave_out: [...this.leaveOut] });
      location.assign(own(url));
      announce("The file is being saved.", true);
    } catch (error) {
      announce(error.message, true);
    }
  }

  destroy() {
    this.asking?.abort();
  }
}

export const create = (app, route) => new Export(app, route);
