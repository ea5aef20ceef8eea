// What changed since an earlier run.
import { millions } from "./network-lines.mjs";
import { aligned, coresOf } from "./network-summary.mjs";
import { geometricMean } from "./numbers.mjs";

const signed = (factor) => `${factor < 1 ? "" : "+"}${(100 * (factor - 1)).toFixed(1)} %`;

/** A line for each network with its change on each core, and the mean change. */
export function baselineLines(before, rows) {
  const cores = coresOf(rows);
  const factors = new Map(cores.map((core) => [core, []]));
  const cell = (row, core) => {
    const old = before.find(({ name }) => name === row.name)?.cores?.[core]?.whole.cycles;
    const now = row.cores?.[core]?.whole.cycles;
    if (old === undefined || now === undefined) return "-";
    factors.get(core).push(now / old);
    return now === old
      ? `${millions(now)}, as before`
      : `${millions(old)} to ${millions(now)}: ${signed(now / old)}`;
  };
  const lines = rows.map((row) => [row.name, ...cores.map((core) => cell(row, core))]);
  const means = cores.map((core) => {
    const all = factors.get(core);
    return all.length === 0 ? "-" : signed(geometricMean(all));
  });
  if (cores.length === 0) return [];
  return [
    "million cycles, modelled: before and now",
    ...aligned([["network", ...cores], ...lines, ["geometric mean", ...means]]),
  ];
}
