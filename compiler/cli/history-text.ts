import type { Trend } from "../results/trends.ts";
import { visible } from "../support/text.ts";
import { plainTable } from "./tables.ts";
import type { Terminal } from "./terminal.ts";

const BARS = "\u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588";
/** Runs that a line has room for: the latest. */
const SHOWN = 40;

/** Trends as a table, one line each, and below it where they changed. */
export async function historyText(trends: readonly Trend[], colors: Terminal["outColors"]): Promise<string> {
  const head = ["case", "board", "kind", "runs", "first", "last", "change", "trend"];
  const rows = trends.map(({ case: name, layer, board, threads, kind, points }) => {
    const values = points.map(({ value }) => value);
    const [first, last] = [values[0], values[values.length - 1]];
    return [
      visible(layer === undefined ? name : `${name}: ${layer}`),
      threads === 1 ? board : `${board}, ${threads} threads`,
      kind,
      String(points.length),
      number(first),
      number(last),
      percent(first === 0 ? 0 : last / first - 1),
      sparkline(values),
    ];
  });
  const changes = trends.flatMap(changeLines);
  const said = changes.length === 0 ? ["nothing changed"] : [colors.bold("changed:"), ...changes];
  return [await plainTable(head, rows, [3, 4, 5, 6]), "", ...said].join("\n");
}

function changeLines({ case: name, layer, board, kind, changes, points }: Trend): readonly string[] {
  return changes.map(({ run, label, before, after, change, at, p }) => {
    const which = label === undefined ? `run ${run}` : `run ${run} (${label})`;
    const sure = p === undefined ? "" : `, p ${p < 1e-6 ? "< 1e-6" : p.toPrecision(2)}`;
    const [old, made] = [points[at - 1].kernel, points[at].kernel];
    const kernel = made === undefined || old === made ? "" : `, another kernel: ${made}`;
    const what = visible(`${layer === undefined ? name : `${name}: ${layer}`} on ${board}`);
    return `  ${what}: ${percent(change)} ${kind} at ${visible(which)}, from ${number(before)} to ${number(after)}${sure}${visible(kernel)}`;
  });
}

function number(value: number): string {
  return value >= 1000 || Number.isInteger(value) ? String(Math.round(value)) : value.toPrecision(4);
}

function percent(part: number): string {
  if (part === 0) return "0 %";
  const digits = Math.abs(part) < 0.001 ? 3 : 1;
  return `${part > 0 ? "+" : "-"}${Math.abs(100 * part).toFixed(digits)} %`;
}

function sparkline(all: readonly number[]): string {
  const values = all.slice(-SHOWN);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const bar = (value: number): string =>
    BARS[most === least ? 3 : Math.round(((value - least) / (most - least)) * (BARS.length - 1))];
  return values.map(bar).join("");
}
