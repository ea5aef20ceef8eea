// Which values of the estimates' constants would have chosen best among the options that were modelled.

import { loadTarget } from "../../../dist/machine/load.js";
import { ESTIMATE } from "../../../dist/ops/estimate/estimate-constants.js";
import { ESTIMATE_LAYERS } from "./estimate-layers.mjs";
import { summaryOf } from "./estimate-summary.mjs";
import { estimateTask } from "./estimate-tasks.mjs";
import { estimatedTiles } from "./estimated-options.mjs";
import { aligned } from "./network-summary.mjs";

/** Values tried of each constant that choices depend on, the one it has among them. */
const GRID = {
  unhidden: [0, 0.025, 0.05, 0.1, 0.15],
  stillThere: [0.15, 0.3, 0.6, 1],
  inTurns: [1, 2, 4],
};
/** Settings printed. */
const SHOWN = 8;
/** Less than this is no reason to change a constant. */
const WORTH_CHANGING = 0.01;

const has =
  ({ tile, order }) =>
  ({ choices }) =>
    choices.tile === tile && choices.order === order;

/** The same row with estimates, and the choice of them, as the constants are now. */
function estimatedAnew(row, task, target) {
  // the order of a tile is the first of those tried
  const tried = estimatedTiles(task, row.schedule, target).flatMap(({ tile, orders }) =>
    orders
      .map(({ order, cost }) => ({ ...row.options.find(has({ tile, order })), estimated: cost }))
      .filter(({ modelled }) => modelled !== undefined)
      .map((option, i) => ({ ...option, first: i === 0 })),
  );
  const chosen = tried.filter(({ first }) => first).reduce((a, b) => (b.estimated < a.estimated ? b : a));
  return { ...row, options: [chosen, ...tried.filter((option) => option !== chosen)] };
}

/** Every setting of the grid. */
function settings() {
  return Object.entries(GRID).reduce(
    (all, [name, values]) => all.flatMap((one) => values.map((value) => ({ ...one, [name]: value }))),
    [{}],
  );
}

/** Settings with what their choices cost, the best first; the constants are as before afterwards. */
export function fittedSettings(rows) {
  const known = rows.map((row) => {
    const target = loadTarget(row.target);
    const layer = ESTIMATE_LAYERS.find(({ name }) => name === row.layer);
    return [row, estimateTask(layer, target), target];
  });
  const before = { ...ESTIMATE };
  try {
    return settings()
      .map((setting) => {
        Object.assign(ESTIMATE, setting);
        return { setting, ...summaryOf(known.map((one) => estimatedAnew(...one))) };
      })
      .sort((a, b) => a.slowdown - b.slowdown);
  } finally {
    Object.assign(ESTIMATE, before);
  }
}

export function fitLines(rows) {
  const found = fittedSettings(rows);
  const isPresent = ({ setting }) =>
    Object.entries(setting).every(([name, value]) => ESTIMATE[name] === value);
  const present = found.find(isPresent);
  const shown = [...found.slice(0, SHOWN), present];
  const cells = ({ setting, slowdown, medianWithin, asGood, layers }, i) => [
    i === shown.length - 1 ? "as it is" : `${i + 1}`,
    ...Object.values(setting).map(String),
    `${((slowdown - 1) * 100).toFixed(2)} %`,
    medianWithin?.toFixed(2) ?? "-",
    `${asGood} of ${layers}`,
  ];
  const gain = present.slowdown / found[0].slowdown - 1;
  return [
    ...aligned([
      ["", ...Object.keys(GRID), "slower", "median rank corr.", "within 2 %"],
      ...shown.map(cells),
    ]),
    `the best setting is ${(gain * 100).toFixed(2)} % faster than the constants as they are: ${gain > WORTH_CHANGING ? "worth a change" : "they stay"}`,
  ];
}
