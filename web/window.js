// The part of a long list that is in memory: pages by cursor, bounded, with rows that stand for what passed by, and folds. Pure.

export const inMemory = 5000;

/** Pages of rows in their order. A page: { items, previous, next }. Rows have a `key`. */
export class ListWindow {
  constructor({ limit = inMemory, transform = (rows) => rows } = {}) {
    this.limit = limit;
    this.transform = transform;
    this.reset(null);
  }

  reset(page) {
    this.pages = page ? [page] : [];
    this.changed();
  }

  changed() {
    this.shown = null;
  }

  get rows() {
    this.shown ??= this.transform(this.pages.flatMap((page) => page.items));
    return this.shown;
  }

  get count() {
    return this.pages.reduce((sum, page) => sum + page.items.length, 0);
  }

  get previous() {
    return this.pages[0]?.previous ?? null;
  }

  get next() {
    return this.pages.at(-1)?.next ?? null;
  }

  /** Adds a page behind; what is too much goes at the front. */
  append(page) {
    const last = this.pages.at(-1);
    if (page.items.length === 0 && last) last.next = page.next;
    else this.pages.push(page);
    this.evict("front");
  }

  /** Adds a page in front; what is too much goes at the end. */
  prepend(page) {
    if (page.items.length === 0 && this.pages.length) this.pages[0].previous = page.previous;
    else this.pages.unshift(page);
    this.evict("end");
  }

  evict(side) {
    while (this.pages.length > 1 && this.count > this.limit) {
      if (side === "front") this.pages.shift();
      else this.pages.pop();
    }
    this.changed();
  }

  /** A row for `count` rows that were not loaded between what is here and the page, which follows. */
  passedBy(count, page, after) {
    if (count > 0) {
      const key = "passed " + (page.items[0]?.key ?? after);
      this.pages.push({ items: [{ key, passed: count, after, since: this.lastRow()?.time }], previous: after, next: null, gap: key });
    }
    this.append(page);
  }

  lastRow() {
    return this.pages.flatMap((page) => page.items).findLast((row) => !row.passed) ?? null;
  }

  /** Puts rows that had passed by in front of their row, which shrinks or goes. */
  fill(key, page) {
    const index = this.pages.findIndex((candidate) => candidate.gap === key);
    if (index < 0) return;
    const row = this.pages[index].items[0], left = row.passed - page.items.length;
    const done = left <= 0 || page.items.length === 0 || !page.next;
    const items = left < 0 ? page.items.slice(0, row.passed) : page.items;
    const replaced = [{ ...page, items }];
    if (!done) replaced.push({ items: [{ ...row, passed: left, after: page.next, since: items.at(-1)?.time }], previous: page.next, next: null, gap: key });
    this.pages.splice(index, 1, ...replaced);
    this.evict("front");
  }

  indexOf(key) {
    const exact = this.rows.findIndex((row) => row.key === key);
    if (exact >= 0) return exact;
    const same = this.rows.findIndex((row) => row.at === key);
    return same >= 0 ? same : this.rows.findIndex((row) => row.folded?.some((inner) => inner.key === key || inner.at === key));
  }
}

/** The rows to have in the document around an anchor: [from, to) with at most `most` rows. */
export function slice(count, anchor, most = 300) {
  const from = Math.max(0, Math.min(anchor - Math.floor(most / 2), count - most));
  return [from, Math.min(count, from + most)];
}

/** The slice moved by a third when its edge comes near; the same one when nothing is to be done. */
export function moved([from, to], count, edge, most = 300) {
  const step = Math.floor(most / 3);
  if (edge === "end" && to < count) {
    const end = Math.min(count, to + step);
    return [Math.max(0, end - most), end];
  }
  if (edge === "front" && from > 0) {
    const start = Math.max(0, from - step);
    return [start, Math.min(count, start + most)];
  }
  return [from, to];
}

/** Groups that can be folded away, with the commands in them. */
export const groups = [
  ["lists", "lists", new Set(["SYN", "LST", "LSG", "GTC", "BLP", "PRP", "BPR", "ADL", "SBP", "GCF"])],
  ["presence", "presence", new Set(["NLN", "FLN", "ILN", "CHG", "UBX", "UUX", "UBN", "UUN"])],
  ["pings", "pings", new Set(["PNG", "QNG", "CHL", "QRY"])],
  ["typing", "typing", new Set()],
  ["data", "P2P data", new Set()],
];

/** The group of a row, or undefined. */
export function groupOf(row, folded) {
  if (row.event !== "frame" || row.notes?.length || row.changed) return undefined;
  if (row.kind === "typing") return folded.includes("typing") ? "typing" : undefined;
  if (row.kind === "p2p" || row.kind === "peer") return folded.includes("data") ? "data" : undefined;
  return groups.find(([name, , verbs]) => folded.includes(name) && verbs.has(row.verb))?.[0];
}

/** Folds runs of at least three rows of groups that are folded away. `group(row)` names the group, `open` are keys of open folds. */
export function fold(rows, group, open, selected) {
  const out = [];
  for (let index = 0; index < rows.length;) {
    let end = index;
    const name = group(rows[index]);
    if (name) while (end < rows.length && group(rows[end])) end += 1;
    const run = rows.slice(index, Math.max(end, index + 1));
    const key = "fold " + run[0].key;
    if (run.length < 3 || run.some((row) => row.key === selected) && !open.has(key)) out.push(...run);
    else if (open.has(key)) out.push({ key, folded: run, isOpen: true }, ...run);
    else out.push({ key, folded: run, isOpen: false });
    index += run.length;
  }
  return out;
}

/** Rows with keys: that of each is its event's address with `kind`, made different where several are equal. */
export function withKeys(rows, kind = (row) => "~" + row.kind) {
  const seen = new Set();
  return rows.map((row) => {
    let key = (row.at ?? row.time) + kind(row);
    while (seen.has(key)) key += "'";
    seen.add(key);
    return { ...row, key };
  });
}
