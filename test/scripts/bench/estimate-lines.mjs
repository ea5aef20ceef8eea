// What `check-estimates` prints.
import { nameOf, rankCorrelation, slowdown, summaryOf } from "./estimate-summary.mjs";
import { aligned } from "./network-summary.mjs";

const millions = (cycles) => `${(cycles / 1e6).toFixed(3)} M`;
const figure = (correlation) => (correlation === undefined ? "-" : correlation.toFixed(2));
const percent = (factor) => `${((factor - 1) * 100).toFixed(1)} %`;

/** A layer on a core: its options, the estimate's choice first. */
export function layerLines(row) {
  const table = aligned([
    ["  tile", "order", "estimated", "modelled", "modelled / estimated"],
    ...row.options.map(({ choices, estimated, modelled }) => [
      ...[`  ${choices.tile}`, choices.order ?? "", millions(estimated), millions(modelled)],
      (modelled / estimated).toFixed(2),
    ]),
  ]);
  const figures = `rank correlation ${figure(rankCorrelation(row))}, choice ${percent(slowdown(row))} slower than the best`;
  return [`${nameOf(row)}, ${row.schedule}: ${figures}`, ...table];
}

/** All layers, then those of each core and of each schedule. */
export function summaryLines(rows) {
  const parts = [
    ["all", rows],
    ...parted(rows, ({ core }) => core),
    ...parted(rows, ({ schedule }) => schedule),
  ];
  return aligned([
    ["", "layers", "options", "median rank corr.", "log corr.", "slower", "worst", "within 2 %"],
    ...parts.map(([name, of]) => summaryCells(name, summaryOf(of))),
  ]);
}

function summaryCells(name, { layers, options, medianWithin, overall, slowdown, worst, asGood }) {
  return [
    ...[name, `${layers}`, `${options}`, figure(medianWithin), figure(overall), percent(slowdown)],
    ...[`${percent(worst.slowdown)} (${worst.name})`, `${asGood} of ${layers}`],
  ];
}

/** Rows by what `of` says of them, in the order that these come. */
function parted(rows, of) {
  return [...new Set(rows.map(of))].map((name) => [name, rows.filter((row) => of(row) === name)]);
}
