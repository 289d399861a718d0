// The stream of notices: that something was recorded, and the sums. Read when there is something to follow.

import { base, get, headers, patience, pause } from "./api.js";
import { parseJSON } from "./text.js";

/** Reads Server-Sent Events from bytes that are cut anywhere. */
export class StreamParser {
  constructor() {
    this.decoder = new TextDecoder();
    this.rest = "";
    this.event = { event: "message", data: [], id: undefined };
    this.afterReturn = false;
  }

  /** The events that are complete with these bytes: [{ event, id, data }]. */
  feed(bytes) {
    let text = this.decoder.decode(bytes, { stream: true });
    if (text === "") return [];
    if (this.afterReturn && text[0] === "\n") text = text.slice(1);
    this.afterReturn = text === "" ? false : text.endsWith("\r");
    const lines = (this.rest + text).split(/\r\n|\r|\n/);
    this.rest = lines.pop();
    const done = [];
    for (const line of lines) this.line(line, done);
    return done;
  }

  line(line, done) {
    if (line === "") {
      if (this.event.data.length) done.push({ event: this.event.event, id: this.event.id, data: this.event.data.join("\n") });
      this.event = { event: "message", data: [], id: this.event.id };
      return;
    }
    const [, name, value = ""] = /^([^:]*)(?:: ?([^]*))?$/.exec(line);
    if (name === "data") this.event.data.push(value);
    else if (name === "event") this.event.event = value;
    else if (name === "id") this.event.id = value;
  }
}

/** Follows the state while the tab is seen. One stream a tab; where the server has no place, it asks every two seconds. */
export class Notices {
  constructor(listener) {
    this.listener = listener;
    this.watch = "";
    this.lastId = undefined;
    this.stopper = null;
    document.addEventListener("visibilitychange", () => {
      clearTimeout(this.hiding);
      if (document.hidden) this.hiding = setTimeout(() => this.stop(), 5000);
      else this.start();
    });
  }

  /** What is watched besides the totals; reconnects when it changes. */
  watching(things) {
    if (things === this.watch) return;
    this.watch = things;
    if (this.stopper) {
      this.stop();
      this.start();
    }
  }

  stop() {
    this.stopper?.abort();
    this.stopper = null;
  }

  start() {
    if (!this.stopper && !document.hidden) this.run((this.stopper = new AbortController()).signal).catch(() => {});
  }

  async run(signal) {
    for (let failures = 0; !signal.aborted;) {
      try {
        const answer = await fetch(base + "/state" + (this.watch ? "?watch=" + encodeURIComponent(this.watch) : ""), {
          signal, cache: "no-store", headers: headers(this.lastId ? { "Last-Event-ID": this.lastId } : {}),
        });
        if (answer.status === 429) {
          await pause(2000, signal);
          const { totals } = await get("/", {}, signal);
          this.listener({ totals, watched: {} });
          continue;
        }
        if (answer.status === 401) {
          await get("/", {}, signal);
          continue;
        }
        if (!answer.ok) throw new Error("no stream");
        failures = 0;
        const parser = new StreamParser(), reader = answer.body.getReader();
        for (;;) {
          const { done, value } = await reader.read();
          if (done) break;
          for (const event of parser.feed(value)) {
            if (event.id) this.lastId = event.id;
            if (event.event === "state") this.listener(parseJSON(event.data));
          }
        }
        await pause(1000, signal);
      } catch {
        if (signal.aborted) return;
        await pause(patience((failures += 1)), signal);
        await get("/", {}, signal);
      }
    }
  }
}
