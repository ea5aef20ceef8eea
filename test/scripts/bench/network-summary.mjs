// All networks on all cores: ours over the best peer's, the mean, the worst, and the slowest 1x1 layer.
import { millions } from "./network-lines.mjs";
import { geometricMean } from "./numbers.mjs";

/** What a 1x1 layer of many channels should do at least, in MACs a cycle. */
const LEAST_1X1 = { "cortex-a53": 2.1, "cortex-a72": 3.1, "cortex-a76": 5.8 };

/** Cores that any of the rows has figures of. */
export function coresOf(rows) {
  return [...new Set(rows.flatMap(({ cores = {} }) => Object.keys(cores)))];
}

export function summaryLines(rows) {
  const cores = coresOf(rows);
  if (cores.length === 0) return [];
  const cells = (of) => cores.map((core) => of(core, known(rows, core)));
  return [
    "million cycles, modelled: ours / the best peer's = ratio (below 1: ours are fewer)",
    ...aligned([
      ["network", ...cores],
      ...rows
        .filter((row) => row.cores)
        .map((row) => [row.name, ...cores.map((core) => pair(row.cores[core]))]),
      ["geometric mean", ...cells((_, all) => (all.length === 0 ? "-" : meanOf(all).toFixed(3)))],
      ["worst", ...cells((_, all) => worstOf(all))],
      [
        "fewer than the peer",
        ...cells((_, all) => `${all.filter(({ ratio }) => ratio < 1).length} of ${all.length}`),
      ],
    ]),
    ...cores.map((core) => slowest1x1(rows, core)),
  ];
}

const known = (rows, core) =>
  rows.flatMap(({ name, cores = {} }) =>
    cores[core]?.ratio === undefined ? [] : [{ name, ...cores[core] }],
  );
export const meanOf = (reports) => geometricMean(reports.map(({ ratio }) => ratio));

function pair(report) {
  if (report === undefined) return "";
  const { whole, peer, ratio } = report;
  return peer === undefined
    ? millions(whole.cycles)
    : `${millions(whole.cycles)} / ${millions(peer.cycles)} (${peer.peer}) = ${ratio.toFixed(3)}`;
}

function worstOf(reports) {
  const [worst] = [...reports].sort((a, b) => b.ratio - a.ratio);
  return worst === undefined ? "-" : `${worst.ratio.toFixed(3)} ${worst.name}`;
}

function slowest1x1(rows, core) {
  const layers = rows.flatMap(({ name, cores = {} }) =>
    (cores[core]?.layers ?? [])
      .filter((layer) => layer.wide1x1)
      .map((layer) => ({ network: name, ...layer })),
  );
  const [slowest] = [...layers].sort((a, b) => a.macsPerCycle - b.macsPerCycle);
  if (slowest === undefined) return `${core}: no 1x1 layer of 32 or more input channels`;
  const least = LEAST_1X1[core];
  const below = layers.filter(({ macsPerCycle }) => macsPerCycle < least).length;
  const limit = least === undefined ? "" : `; below ${least}: ${below} of ${layers.length}`;
  return `${core}: the slowest 1x1 layer of 32 or more input channels: ${slowest.macsPerCycle.toFixed(2)} MACs a cycle, ${slowest.name} of ${slowest.network} (${slowest.choice})${limit}`;
}

/** Rows of cells, columns of equal width. */
export function aligned(rows) {
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  return rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i]))
      .join(" | ")
      .trimEnd(),
  );
}
