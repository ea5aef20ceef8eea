// How well estimates agree with modelled cycles, within layers and over all of them, and what their choices cost.
import { sampleCorrelation, sampleRankCorrelation } from "simple-statistics";
import { geometricMean, median } from "./numbers.mjs";

/** Fewer options than this have no order worth a figure. */
const FEWEST_RANKED = 3;
/** A choice this near the best is as good. */
const AS_GOOD = 0.02;

/** Spearman's correlation of a layer's estimated and modelled cycles; undefined where there is too little to rank. */
export function rankCorrelation({ options }) {
  if (options.length < FEWEST_RANKED) return undefined;
  const found = sampleRankCorrelation(
    options.map(({ estimated }) => estimated),
    options.map(({ modelled }) => modelled),
  );
  return Number.isNaN(found) ? undefined : found;
}

/** How much slower the estimate's choice, the first option, is than the best one that was tried: a factor. */
export function slowdown({ options: [chosen, ...others] }) {
  return chosen.modelled / Math.min(chosen.modelled, ...others.map(({ modelled }) => modelled));
}

export function summaryOf(rows) {
  const within = rows.map(rankCorrelation).filter((found) => found !== undefined);
  const options = rows.flatMap((row) => row.options);
  const worst = rows.reduce((a, b) => (slowdown(b) > slowdown(a) ? b : a));
  return {
    layers: rows.length,
    options: options.length,
    medianWithin: within.length === 0 ? undefined : median(within),
    overall: overallCorrelation(options),
    slowdown: geometricMean(rows.map(slowdown)),
    worst: { name: nameOf(worst), slowdown: slowdown(worst) },
    asGood: rows.filter((row) => slowdown(row) <= 1 + AS_GOOD).length,
  };
}

/** Of logarithms, so that small layers count as much as large ones. */
function overallCorrelation(options) {
  if (options.length < FEWEST_RANKED) return undefined;
  return sampleCorrelation(
    options.map(({ estimated }) => Math.log(estimated)),
    options.map(({ modelled }) => Math.log(modelled)),
  );
}

export function nameOf({ layer, core }) {
  return `${layer}, ${core}`;
}
