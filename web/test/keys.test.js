// The keyboard, saved filters, and the fields of an event.

import assert from "node:assert/strict";
import test from "node:test";
import { bindings, Keys, table } from "../keys.js";
import { filtersAsText, filtersFromText } from "../saved.js";
import { fieldRows, innermost, rowFor, spanOf, textSpan } from "../fields.js";

const press = (key, more) => ({ key, ...more });

test("single keys and sequences", () => {
  const keys = new Keys();
  assert.equal(keys.action(press("j")), "next");
  assert.equal(keys.action(press("ArrowDown")), "next");
  assert.equal(keys.action(press("N")), "findPrevious");
  assert.equal(keys.action(press(" ")), "pause");
  assert.equal(keys.action(press("g"), { now: 0 }), undefined);
  assert.equal(keys.action(press("s"), { now: 500 }), "goHome");
  assert.equal(keys.action(press("g"), { now: 0 }), undefined);
  assert.equal(keys.action(press("f"), { now: 2000 }), "filter");
});

test("keys of the browser and of fields are never taken", () => {
  const keys = new Keys();
  for (const more of [{ ctrlKey: true }, { metaKey: true }, { altKey: true }]) assert.equal(keys.action(press("f", more)), undefined);
  for (const key of ["Tab", "F5", "F1", "Shift"]) assert.equal(keys.action(press(key)), undefined);
  assert.equal(keys.action(press("j"), { inField: true }), undefined);
  assert.equal(keys.action(press("Escape"), { inField: true }), "leave");
});

test("plain letters can be switched off, other keys stay", () => {
  const keys = new Keys();
  for (const key of ["j", "?", "/", "1", "]", "g"]) assert.equal(keys.action(press(key), { letters: false }), undefined);
  assert.equal(keys.action(press("s"), { letters: false }), undefined);
  assert.equal(keys.action(press("ArrowDown"), { letters: false }), "next");
});

test("no key does two things", () => {
  const all = table.flatMap(([, rows]) => rows).map(([, action]) => action);
  assert.equal(new Set(all).size, all.length);
  assert.ok(bindings.get("g s") && !bindings.has("g"));
});

test("saved filters as text and back", () => {
  const filters = [{ name: "errors", where: "has error_name" }, { name: "bob", where: "from == bob@example.com and text contains \"a: b\"" }];
  assert.deepEqual(filtersFromText(filtersAsText(filters)), filters);
  assert.deepEqual(filtersFromText("nothing\n: x\nname:\n"), []);
});

const bytes = new TextEncoder().encode("MSG 1 N 20\r\nA: b\r\n\r\nhi \u00e8!");
const event = { event: "frame", verb: "MSG", args: ["1", "N", "20"], names: { "args.0": "trid", "args.1": "ack" }, fields: { trid: 1, ack: "N", ack_name: "negative only", body: { kind: "text", format: { font: "Tahoma" } } }, message: { text: "hi è!" },
  spans: [[0, 3, "verb"], [4, 5, "args.0"], [6, 7, "args.1"], [8, 10, "args.2"], [10, 12, "line_end"], [12, bytes.length, "payload"], [12, 13, "headers.0.name"], [15, 16, "headers.0.value"]] };

test("fields, with names and meanings", () => {
  const rows = fieldRows(event, bytes);
  assert.deepEqual(rows.map((row) => row.path), ["verb", "args.0", "args.1", "args.2", "headers.0.value", "payload.text", "body.kind", "body.format.font", "line_end"]);
  assert.equal(rows[2].meaning, "negative only");
  assert.equal(rows[3].name, "argument 3");
  assert.equal(rows[4].name, "A");
});

test("a field marks its bytes, bytes select the innermost field, words theirs", () => {
  const rows = fieldRows(event, bytes);
  assert.deepEqual(spanOf(event.spans, "args.1"), [6, 7]);
  assert.deepEqual(spanOf(event.spans, "args.1.part"), [6, 7]);
  assert.deepEqual(spanOf(event.spans, "body.format.font"), [12, bytes.length]);
  assert.equal(innermost(event.spans, 6, 7), "args.1");
  assert.equal(innermost(event.spans, 15, 16), "headers.0.value");
  assert.equal(innermost(event.spans, 3, 4), null);
  assert.equal(rowFor(rows, "headers.0.name").path, "headers.0.value");
  assert.equal(rowFor(rows, "payload").path, "payload.text");
  const span = textSpan(event.spans, bytes, "hi è!");
  assert.deepEqual(span, [20, bytes.length]);
  assert.deepEqual(textSpan([...event.spans, [1, 2, "body.text"]], bytes, "x"), [1, 2]);
});
