// The stream of notices, cut at every byte.

import assert from "node:assert/strict";
import test from "node:test";
import { StreamParser } from "../notices.js";

const stream = ': comment\r\n\r\nid: 7\nevent: state\ndata: {"a":"\u00e8\ud83e\udd8b"}\n\n:\r\rdata:one\rdata: two\r\revent: state\r\nid: 8\r\ndata: x\r\n\r\nevent: nothing\n\ndata: last\n';
const wanted = [{ event: "state", id: "7", data: '{"a":"è🦋"}' }, { event: "message", id: "7", data: "one\ntwo" }, { event: "state", id: "8", data: "x" }];
const bytes = new TextEncoder().encode(stream);

test("whole", () => {
  assert.deepEqual(new StreamParser().feed(bytes), wanted);
});

test("cut at every byte, in two and in single bytes", () => {
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    const parser = new StreamParser();
    assert.deepEqual([...parser.feed(bytes.subarray(0, cut)), ...parser.feed(bytes.subarray(cut))], wanted, `cut at ${cut}`);
  }
  const parser = new StreamParser(), events = [];
  for (let at = 0; at < bytes.length; at += 1) events.push(...parser.feed(bytes.subarray(at, at + 1)));
  assert.deepEqual(events, wanted);
});
