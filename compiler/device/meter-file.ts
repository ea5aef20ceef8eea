import { UserError } from "../support/diagnostic.ts";
import type { TimedReading } from "./energy-power.ts";

/** What a column of a meter's file holds, by its title, and what a number there is multiplied by. */
const KINDS = [
  ["time", /time|date/i],
  ["power", /power|watt|^m?w$|\(m?w\)/i],
  ["volts", /volt|^m?v$|\(m?v\)/i],
  ["amps", /curr|amp|^m?a$|\(m?a\)/i],
] as const;
type Kind = (typeof KINDS)[number][0];
type Columns = ReadonlyMap<Kind, { readonly at: number; readonly scale: number }>;

/**
 * Reads what a meter logged: CSV (commas, semicolons or tabs) whose first line names its columns, a time (ISO 8601, or seconds or
 * milliseconds since 1970) and power, or voltage and current (`m` before W, V, A: thousandths). Lines without all of
 * them are left out. Throws R192 where there are no such columns or lines.
 */
export function parseMeterFile(path: string, text: string): readonly TimedReading[] {
  const [head = "", ...lines] = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  const columns = columnsOf(cells(head));
  if (!columns.has("time") || !(columns.has("power") || (columns.has("volts") && columns.has("amps"))))
    throw noMeter(path, `its first line is \`${head.slice(0, 100)}\``);
  const readings = lines.flatMap((line) => readingOf(cells(line), columns));
  if (readings.length === 0) throw noMeter(path, "no line has a time and a power");
  return readings.sort((a, b) => a.seconds - b.seconds);
}

function cells(line: string): readonly string[] {
  return line.split(/[,;\t]/).map((cell) => cell.trim().replace(/^"(.*)"$/, "$1"));
}

function columnsOf(titles: readonly string[]): Columns {
  const found = new Map<Kind, { readonly at: number; readonly scale: number }>();
  for (const [at, title] of titles.entries()) {
    const kind = KINDS.find(([, pattern]) => pattern.test(title))?.[0];
    if (kind === undefined || found.has(kind)) continue;
    found.set(kind, { at, scale: /\bm[wva]\b|milli/i.test(title) ? 1e-3 : 1 });
  }
  return found;
}

function readingOf(row: readonly string[], columns: Columns): TimedReading[] {
  const number = (kind: Kind): number => {
    const { at, scale } = columns.get(kind) ?? { at: -1, scale: 1 };
    const text = row[at] ?? "";
    return /^-?\d{1,15}(\.\d+)?(e-?\d{1,2})?$/i.test(text) ? scale * Number(text) : Number.NaN;
  };
  const seconds = timeOf(row[columns.get("time")?.at ?? -1] ?? "");
  const watts = columns.has("power") ? number("power") : number("volts") * number("amps");
  if (!Number.isFinite(seconds) || !Number.isFinite(watts)) return [];
  return [{ seconds, reading: { sensors: [{ kind: "power", name: "meter", watts }] } }];
}

/** Seconds since 1970; NaN where it is no time. */
function timeOf(text: string): number {
  if (!/^\d{9,15}(\.\d+)?$/.test(text)) return Date.parse(text) / 1000;
  const number = Number(text);
  return number > 1e11 ? number / 1000 : number;
}

function noMeter(path: string, why: string): UserError {
  return new UserError({
    code: "R192",
    exit: "badInput",
    title: `\`${path}\` is no file of a power meter`,
    why,
    help: [
      "its first line has to name a column of times, and power, or voltage and current: `time,power (mW)`",
    ],
  });
}
