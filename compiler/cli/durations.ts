import { badValue } from "./usage-errors.ts";

/** Seconds of the units that times are typed in. */
export const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, min: 60, h: 3600 };

/** `90s`, `10m`, `2h`, or a number of seconds. Throws C205. */
export function readSeconds(option: string, text: string): number {
  const { n, unit = "s" } =
    /^(?<n>\d{1,9}(\.\d{1,3})?) ?(?<unit>s|m|min|h)?$/.exec(text.trim())?.groups ?? {};
  const factor = SECONDS[unit];
  if (n === undefined || factor === undefined) throw badValue(option, text, "a time such as 90s, 10m or 2h");
  return Math.ceil(Number(n) * factor);
}
