/** A number as JSON can hold it: it has neither infinities nor NaN. */
export function namedNumber(n: number): number | "NaN" | "Infinity" | "-Infinity" {
  if (Number.isFinite(n)) return n;
  return Number.isNaN(n) ? "NaN" : n > 0 ? "Infinity" : "-Infinity";
}

/** For `JSON.stringify`: every number as JSON can hold it. */
export function namedNumbers(_: string, value: unknown): unknown {
  return typeof value === "number" ? namedNumber(value) : value;
}
