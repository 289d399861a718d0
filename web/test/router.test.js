// Addresses, and what the keys write into filters.

import assert from "node:assert/strict";
import test from "node:test";
import * as router from "../router.js";

test("every form of address is read and written again", () => {
  for (const address of ["/", "/talks", "/live", "/files", "/findings", "/search?q=holiday", "/export?of=s6&format=pcapng&redacted=1", "/s6", "/r1", "/c14", "/c14.12", "/v17", "/v17?at=c17.5",
    "/v17/protocol", "/s6/talk", "/s6/ladder", "/c14/findings", "/v17/files", "/s6?where=verb+%3D%3D+MSG&at=c14.12&sel=args.2", "/v17?at=c17.5&beside=protocol", "/c14.12?b=4-9", "/live?of=s6", "/?where=findings+%3E+0"]) {
    const [path, query] = address.split("?");
    const route = router.parseAddress(path, query ?? "");
    assert.ok(route, address);
    const again = router.addressOf(route).split("?");
    assert.deepEqual(router.parseAddress(again[0], again[1] ?? ""), route, address);
  }
});

test("other forms are none", () => {
  for (const path of ["/x", "/s", "/s0", "/s06", "/c14.0", "/c14.12/talk", "/s6/nothing", "/s6/ladder/x", "/S6", "//s6", "/s6/", "/c1.2.3", "/talks/v1", "/..", "/s99999999999999999999"]) assert.equal(router.parseAddress(path), null, path);
});

test("unknown parameters are left out, the first of a name counts", () => {
  assert.deepEqual(router.parseAddress("/s6", "where=a&x=1&where=b").params, { where: "a" });
  assert.equal(router.parseAddress("/s6", "at=2005-05-06T00:00:00Z").at, null);
});

test("bytes", () => {
  assert.deepEqual(router.byteRange("4-9"), [4, 10]);
  assert.deepEqual(router.byteRange("4"), [4, 5]);
  for (const wrong of ["9-4", "-1", "x", "", undefined]) assert.equal(router.byteRange(wrong), null);
});

test("the same place with another selection", () => {
  const a = router.parseAddress("/c14.12"), b = router.parseAddress("/c14.13");
  assert.ok(router.samePlace(a, b));
  assert.ok(!router.samePlace(a, router.parseAddress("/c14", "where=x")));
});

test("filters are joined, hidden commands are collected", () => {
  assert.equal(router.joined("", "a"), "a");
  assert.equal(router.joined("a or b", "c"), "(a or b) and c");
  assert.equal(router.hiding("", "LST"), "not verb in {LST}");
  assert.equal(router.hiding("not verb in {LST}", "LSG"), "not verb in {LST LSG}");
  assert.equal(router.hiding("role == NS and not verb in {LST}", "PNG"), "role == NS and not verb in {LST PNG}");
  assert.equal(router.hiding("not verb in {LST}", "LST"), "not verb in {LST}");
  assert.equal(router.quoted('a "b" \\'), '"a \\"b\\" \\\\"');
  assert.equal(router.toggled("dir == c2s and role == NS", "dir == c2s"), "role == NS");
  assert.equal(router.toggled("role == NS", "dir == c2s"), "role == NS and dir == c2s");
});
