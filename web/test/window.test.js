// Long lists: pages, bounds, what passed by, folds; and which rows answer which.

import assert from "node:assert/strict";
import test from "node:test";
import { fold, groupOf, ListWindow, moved, slice } from "../window.js";
import { answers, keyed } from "../rows.js";

const page = (from, to, previous = "p" + from, next = "n" + to) => ({ items: Array.from({ length: to - from }, (_, index) => ({ key: "k" + (from + index), at: "c1." + (from + index), time: String(from + index) })), previous, next });

test("pages in front and behind keep their order and cursors", () => {
  const list = new ListWindow();
  list.reset(page(100, 200));
  list.append(page(200, 300));
  list.prepend(page(0, 100, null));
  assert.equal(list.count, 300);
  assert.deepEqual(list.rows.map((row) => row.key), Array.from({ length: 300 }, (_, index) => "k" + index));
  assert.equal(list.previous, null);
  assert.equal(list.next, "n300");
  assert.equal(list.indexOf("k150"), 150);
  assert.equal(list.indexOf("c1.150"), 150);
  assert.equal(list.indexOf("nothing"), -1);
});

test("memory is bounded: the far side goes, and its cursor leads back", () => {
  const list = new ListWindow({ limit: 500 });
  for (let from = 0; from < 2000; from += 100) list.append(page(from, from + 100));
  assert.ok(list.count <= 500);
  assert.equal(list.rows.at(-1).key, "k1999");
  assert.equal(list.previous, "p" + list.rows[0].time);
  list.prepend(page(1400, 1500));
  assert.ok(list.count <= 500);
  assert.equal(list.rows[0].key, "k1400");
});

test("an empty page moves the cursor only", () => {
  const list = new ListWindow();
  list.reset(page(0, 10, null, "x"));
  list.append({ items: [], previous: "x", next: null });
  assert.equal(list.count, 10);
  assert.equal(list.next, null);
});

test("what passed by is a row that shrinks and goes", () => {
  const list = new ListWindow();
  list.reset(page(0, 10));
  list.passedBy(300, page(310, 320, "q", null), "n10");
  const gap = list.rows[10];
  assert.equal(gap.passed, 300);
  assert.equal(gap.after, "n10");
  list.fill(gap.key, page(10, 210));
  assert.equal(list.rows[210].passed, 100);
  assert.equal(list.rows[210].after, "n210");
  list.fill(gap.key, page(210, 410));
  assert.equal(list.rows.filter((row) => row.passed).length, 0);
  assert.deepEqual(list.rows.map((row) => row.key), Array.from({ length: 320 }, (_, index) => "k" + index));
});

test("nothing passed by: no row", () => {
  const list = new ListWindow();
  list.reset(page(0, 10));
  list.passedBy(0, page(10, 20), "n10");
  assert.equal(list.count, 20);
  assert.equal(list.lastRow().key, "k19");
});

test("the slice in the document is bounded and moves by a third", () => {
  assert.deepEqual(slice(1000, 500, 300), [350, 650]);
  assert.deepEqual(slice(1000, 0, 300), [0, 300]);
  assert.deepEqual(slice(1000, 999, 300), [700, 1000]);
  assert.deepEqual(slice(20, 10, 300), [0, 20]);
  assert.deepEqual(moved([0, 300], 1000, "end", 300), [100, 400]);
  assert.deepEqual(moved([100, 400], 1000, "front", 300), [0, 300]);
  assert.deepEqual(moved([700, 1000], 1000, "end", 300), [700, 1000]);
  assert.deepEqual(moved([0, 300], 1000, "front", 300), [0, 300]);
});

const frame = (at, verb, more) => ({ at, key: at, event: "frame", verb, conn: 1, line: verb, notes: [], time: "2005-05-06T00:00:00.000000Z", ...more });

test("runs of folded groups are one row; open ones and the selected row are shown", () => {
  const rows = [frame("a", "USR"), ...["b", "c", "d"].map((at) => frame(at, "LST")), frame("e", "MSG"), frame("f", "LST"), frame("g", "LST")];
  const group = (row) => groupOf(row, ["lists"]);
  assert.deepEqual(fold(rows, group, new Set(), null).map((row) => row.key), ["a", "fold b", "e", "f", "g"]);
  assert.deepEqual(fold(rows, group, new Set(["fold b"]), null).map((row) => row.key), ["a", "fold b", "b", "c", "d", "e", "f", "g"]);
  assert.deepEqual(fold(rows, group, new Set(), "c").map((row) => row.key), ["a", "b", "c", "d", "e", "f", "g"]);
  assert.equal(groupOf(frame("x", "LST", { notes: ["wrong"] }), ["lists"]), undefined);
  assert.equal(groupOf(frame("x", "LST"), []), undefined);
});

test("keys are unique though derived events share an address", () => {
  const rows = keyed([frame("c1.2", "MSG"), { at: "c1.2", event: "message" }, { at: "c1.2", event: "finding", name: "n" }, { at: "c1.2", event: "finding", name: "n" }]);
  assert.equal(new Set(rows.map((row) => row.key)).size, 4);
  assert.equal(rows[0].key, "c1.2");
});

test("a reply finds its request by transaction and connection", () => {
  const rows = [frame("1", "USR", { dir: "c2s", line: "USR 3 TWN", ns: "1000" }), frame("2", "USR", { dir: "s2c", line: "USR 3 OK", ns: "41000" }), frame("3", "XFR", { dir: "s2c", conn: 2, line: "XFR 3 SB", ns: "50000" }),
    frame("4", "PNG", { dir: "c2s", line: "PNG", ns: "1" }), frame("5", "QNG", { dir: "s2c", line: "QNG 40", ns: "9" }), frame("6", "CHL", { dir: "s2c", line: "CHL 0 1", ns: "10" })];
  const pairs = answers(rows);
  assert.deepEqual(pairs.get("1"), { key: "2", at: "2", ns: 40000 });
  assert.equal(pairs.get("2").key, "1");
  assert.equal(pairs.has("3"), false);
  assert.equal(pairs.get("4").ns, 8);
  assert.equal(pairs.has("6"), false);
});
