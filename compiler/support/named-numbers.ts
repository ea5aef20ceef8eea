/** For `JSON.stringify`: JSON has neither infinities nor NaN, so they become words. */
export function namedNumbers(_: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}
