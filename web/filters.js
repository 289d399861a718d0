// What chips write into a filter. Pure.

import { joined } from "./router.js";

/** Adds a condition to a filter, or takes it out again. */
export function toggled(where, condition) {
  const parts = where ? where.split(" and ") : [];
  if (!parts.includes(condition)) return joined(where, condition);
  return parts.filter((part) => part !== condition).join(" and ");
}
