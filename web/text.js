// What is shown of strings, times and numbers. Pure: the same cases as the server's functions (web/test/text-cases.json).

/** Whether a character has no sign of its own between these two: the rules of the text format. */
function hides(value, last, next) {
  if (value === 0x200c || value === 0x200d) return !((joins(last) || last === 0xfe0f) && joins(next));
  if (value === 0xfe0e || value === 0xfe0f) {
    if (last === 0x23 || last === 0x2a || within(last, 0x30, 0x39)) return next !== 0x20e3;
    return !(last === 0xa9 || last === 0xae || (within(last, 0x203c, 0x3299) && !always(last)) || within(last, 0x1f000, 0x1faff));
  }
  if (within(value, 0xfe00, 0xfe0d)) return !(ideograph(last) || within(last, 0x2190, 0x2bff) || within(last, 0x1000, 0x109f));
  if (within(value, 0xe0100, 0xe01ef)) return !ideograph(last);
  return always(value);
}

const within = (value, from, to) => value >= from && value <= to;
const ideograph = (value) => within(value, 0x3400, 0x9fff) || within(value, 0xf900, 0xfaff) || within(value, 0x20000, 0x3fffd);
const directional = (value) => value === 0x61c || value === 0x200e || value === 0x200f || within(value, 0x2028, 0x202e) || within(value, 0x2066, 0x2069);

const ranges = [
  [0x80, 0x9f], [0xad, 0xad], [0x34f, 0x34f], [0x61c, 0x61c], [0x115f, 0x1160], [0x17b4, 0x17b5], [0x180b, 0x180f], [0x200b, 0x200b],
  [0x200e, 0x200f], [0x2028, 0x202e], [0x2060, 0x206f], [0x2800, 0x2800], [0x3164, 0x3164], [0xd800, 0xf8ff], [0xfdd0, 0xfdef], [0xfeff, 0xfeff],
  [0xffa0, 0xffa0], [0xfff0, 0xfffc], [0x13430, 0x1343f], [0x16fe4, 0x16fe4], [0x1bca0, 0x1bca3], [0x1d173, 0x1d17a], [0x40000, 0x10ffff],
];

function always(value) {
  return ranges.some(([from, to]) => within(value, from, to)) || (value & 0xfffe) === 0xfffe;
}

function joins(value) {
  if (value === undefined || value < 0x590 || always(value)) return false;
  if (value === 0x200c || value === 0x200d || within(value, 0xfe00, 0xfe0f) || within(value, 0xe0100, 0xe01ef)) return false;
  return !(within(value, 0x2000, 0x206f) || within(value, 0x3000, 0x3003));
}

const written = (value) => "\\u{" + value.toString(16) + "}";
const control = (value) => (value === 0x7f ? "␡" : String.fromCharCode(0x2400 + value));
const combining = /\p{M}/u;

/** A name or line from the wire: whatever hides or turns text is written out. */
export function visible(text, limit = 65536) {
  return clean(text, limit, (value, last, next) =>
    value === 9 ? null : value < 0x20 || value === 0x7f ? control(value) : hides(value, last, next) ? written(value) : null);
}

/** The words of a person: direction marks stay, for they are in an isolated block; what cannot be seen is written out. */
export function spoken(text, limit = 65536) {
  return clean(String(text ?? "").replace(/\r\n?/g, "\n"), limit, (value, last, next) =>
    value === 9 || value === 10 ? null : value < 0x20 || value === 0x7f ? control(value)
      : hides(value, last, next) && !directional(value) ? written(value) : null);
}

/** Of a run of combining marks the first 16 are kept. */
function clean(text, limit, replaced) {
  const codes = Array.from(String(text ?? ""), (character) => character.codePointAt(0));
  let out = "", marks = 0;
  for (let index = 0; index < codes.length; index += 1) {
    if (index === limit) return out + "…";
    const value = codes[index];
    if (value >= 0x20 && value < 0x7f) {
      marks = 0;
      out += String.fromCharCode(value);
      continue;
    }
    const character = String.fromCodePoint(value);
    marks = combining.test(character) && value !== 0xfe0e && value !== 0xfe0f ? marks + 1 : 0;
    if (marks > 16) {
      if (marks === 17) out += "…";
      continue;
    }
    out += replaced(value, codes[index - 1], codes[index + 1]) ?? character;
  }
  return out;
}

/** 1234567 → 1,234,567 */
export function count(number) {
  return String(Math.trunc(number ?? 0)).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** “1 talk”, “2 talks” */
export function plural(number, one, many = one + "s") {
  return `${count(number)} ${number === 1 ? one : many}`;
}

/** 1430 → “1,430 B”, 3100000 → “3.0 MB” */
export function size(bytes) {
  if (bytes === null || bytes === undefined) return "size unknown";
  if (bytes < 10_000) return count(bytes) + " B";
  for (const unit of ["KB", "MB", "GB", "TB"]) {
    bytes /= 1024;
    if (bytes < 1024 || unit === "TB") return (bytes < 10 ? bytes.toFixed(1) : count(Math.round(bytes))) + " " + unit;
  }
}

/** Nanoseconds (number) as people read them: “39 µs”, “1.2 s”, “3 min 12 s”. */
export function duration(ns) {
  const size = Math.abs(ns), sign = ns < 0 ? "−" : "";
  const short = (value, unit) => sign + (value < 10 ? value.toFixed(1).replace(/\.0$/, "") : Math.round(value)) + " " + unit;
  if (size < 1e3) return sign + Math.round(size) + " ns";
  if (size < 999.5e3) return short(size / 1e3, "µs");
  if (size < 999.5e6) return short(size / 1e6, "ms");
  if (size < 60e9) return short(size / 1e9, "s");
  const seconds = Math.round(size / 1e9);
  const parts = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];
  const first = parts.findIndex(([unit]) => seconds >= unit);
  const [a, b] = [parts[first], parts[first + 1]];
  const more = b ? Math.floor((seconds % a[0]) / b[0]) : 0;
  return sign + Math.floor(seconds / a[0]) + " " + a[1] + (more ? ` ${more} ${b[1]}` : "");
}

/** The difference of two recorded times in nanoseconds; exact where both have `ns` as text. */
export function difference(later, earlier) {
  if (later.ns && earlier.ns) return Number(BigInt(later.ns) - BigInt(earlier.ns));
  return (microseconds(later.time) - microseconds(earlier.time)) * 1e3;
}

function microseconds(time) {
  return Date.parse(time.slice(0, 19) + "Z") * 1e3 + Number((time.slice(20, 26).replace("Z", "") + "000000").slice(0, 6));
}

/** Parts of an RFC 3339 time in UTC or in the system's zone: { date, clock, micro, zone }. */
export function timeParts(time, local) {
  if (typeof time !== "string" || time.length < 19) return { date: "", clock: "", micro: "", zone: "" };
  const micro = (time[19] === "." ? time.slice(20).replace(/\D.*$/, "") : "").padEnd(6, "0").slice(0, 6);
  if (!local) return { date: time.slice(0, 10), clock: time.slice(11, 19), micro, zone: "UTC" };
  const date = new Date(time.slice(0, 19) + "Z"), minutes = -date.getTimezoneOffset(), here = new Date(date.getTime() + minutes * 60e3).toISOString();
  return { date: here.slice(0, 10), clock: here.slice(11, 19), micro, zone: zoneOf(minutes) };
}

/** Minutes east of UTC as “+02:00”. */
export function zoneOf(minutes) {
  return (minutes < 0 ? "−" : "+") + new Date(Math.abs(minutes) * 60e3).toISOString().slice(11, 16);
}

/** The zone of the system as the head of a column names it. */
export function zoneName(local) {
  if (!local) return "UTC";
  return Intl.DateTimeFormat().resolvedOptions().timeZone || "local";
}

/** “2026-11-21 Saturday” */
export function dayName(date) {
  return date + " " + new Date(date).toLocaleDateString("en", { weekday: "long", timeZone: "UTC" });
}

/** JSON whose `ns` stay text: they have more digits than a number holds. */
export function parseJSON(text) {
  return JSON.parse(text.replace(/"ns":(\d{15,})/g, '"ns":"$1"'));
}

/** The pieces of a line from the server: { text } and { mask }. Masks are those that the server names; others were written by somebody. */
export function maskPieces(line, masks = []) {
  return String(line).split(/(‹secret:[0-9a-f]{6}›)/).filter((piece) => piece !== "")
    .map((piece) => (/^‹secret:[0-9a-f]{6}›$/.test(piece) && masks.includes(piece.slice(8, -1)) ? { mask: piece.slice(8, -1) } : { text: piece }));
}

/** Where `needle` occurs in `text`, in any case: [[from, to], …], at most 50. */
export function occurrences(text, needle) {
  const found = [];
  if (!needle) return found;
  const low = text.toLowerCase(), small = needle.toLowerCase();
  if (low.length !== text.length) return found;
  for (let at = low.indexOf(small); at >= 0 && found.length < 50; at = low.indexOf(small, at + small.length)) found.push([at, at + small.length]);
  return found;
}

/** Which of six tones an account has. */
export function toneOf(account) {
  let sum = 7;
  for (const character of String(account)) sum = (sum * 31 + character.codePointAt(0)) % 9973;
  return sum % 6;
}
