// Strings, times and numbers as they are shown.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { typedTime } from "../moment.js";
import * as text from "../text.js";
import { byteOffset, textOffset } from "../words.js";

const { cases } = JSON.parse(readFileSync(new URL("text-cases.json", import.meta.url), "utf8"));

test("what hides is written out, by the table shared with the server", () => {
  for (const row of cases) {
    assert.equal(text.visible(row.text), row.visible, JSON.stringify(row.text));
    assert.equal(text.spoken(row.text), row.spoken, JSON.stringify(row.text));
  }
});

test("texts are cut at a limit", () => {
  assert.equal(text.visible("abcdef", 3), "abc…");
  assert.equal(text.spoken("🦋🦋🦋", 2), "🦋🦋…");
  assert.equal(text.visible(null), "");
});

test("nanoseconds stay exact", () => {
  const row = text.parseJSON('{"ns":1795225290564928123,"latency_ns":39000,"text":"\\"ns\\":1795225290564928123"}');
  assert.equal(row.ns, "1795225290564928123");
  assert.equal(row.latency_ns, 39000);
  assert.equal(row.text, '"ns":1795225290564928123');
  assert.equal(text.difference({ ns: "1795225290564928123" }, { ns: "1795225290564928000" }), 123);
  assert.equal(text.difference({ time: "2026-11-21T01:41:30.564928Z" }, { time: "2026-11-21T01:41:30.564859Z" }), 69000);
  assert.equal(text.difference({ time: "2026-11-21T01:41:31Z" }, { time: "2026-11-21T01:41:30.5Z" }), 5e8);
});

test("durations, sizes and numbers", () => {
  const durations = [[0, "0 ns"], [999, "999 ns"], [39000, "39 µs"], [189000, "189 µs"], [1.2e9, "1.2 s"], [6e6, "6 ms"], [999600, "1 ms"], [-82000, "−82 µs"], [59.9e9, "60 s"],
    [75e9, "1 min 15 s"], [11520e9, "3 h 12 min"], [2 * 86400e9, "2 d"]];
  for (const [ns, shown] of durations) assert.equal(text.duration(ns), shown);
  assert.equal(text.count(1234567), "1,234,567");
  assert.equal(text.count(0), "0");
  assert.equal(text.size(1430), "1,430 B");
  assert.equal(text.size(3251200), "3.1 MB");
  assert.equal(text.size(null), "size unknown");
  assert.equal(text.plural(1, "talk") + text.plural(2, "talk"), "1 talk2 talks");
});

test("times in UTC and in the system's zone, with their zone", () => {
  assert.deepEqual(text.timeParts("2026-11-21T01:41:30.564928Z", false), { date: "2026-11-21", clock: "01:41:30", micro: "564928", zone: "UTC" });
  assert.equal(text.timeParts("2026-11-21T01:41:30Z", false).micro, "000000");
  const local = text.timeParts("2026-11-21T01:41:30.564928Z", true);
  assert.equal(local.micro, "564928");
  assert.match(local.zone, /^[+−]\d\d:\d\d$/);
  assert.equal(text.timeParts(null, false).clock, "");
  assert.equal(text.zoneOf(-330), "−05:30");
  assert.equal(text.dayName("2005-05-06"), "2005-05-06 Friday");
  assert.equal(typedTime("2005-05-06 15:28", false), "2005-05-06T15:28:00.000Z");
  assert.equal(typedTime("2005-05-06", false), "2005-05-06T00:00:00.000Z");
  for (const wrong of ["", "yesterday", "2005-13-01", "2005-05-06 15"]) assert.equal(typedTime(wrong, false), undefined);
});

test("masks are pieces of their own; what only looks like one is text", () => {
  assert.deepEqual(text.maskPieces("USR 7 ‹secret:caa87c›!", ["caa87c"]), [{ text: "USR 7 " }, { mask: "caa87c" }, { text: "!" }]);
  assert.deepEqual(text.maskPieces("USR 7 ‹secret:caa87c›!", ["caa87d"]), [{ text: "USR 7 " }, { text: "‹secret:caa87c›" }, { text: "!" }]);
  assert.deepEqual(text.maskPieces("‹secret:aa›"), [{ text: "‹secret:aa›" }]);
});

test("offsets of text and bytes", () => {
  const words = "a🦋è你";
  assert.equal(byteOffset(words, words.length), 10);
  for (const [bytes, index] of [[0, 0], [1, 1], [5, 3], [7, 4], [10, 5]]) assert.equal(textOffset(words, bytes), index);
  assert.deepEqual(text.occurrences("abABab", "ab"), [[0, 2], [2, 4], [4, 6]]);
  assert.deepEqual(text.occurrences("abc", ""), []);
});
