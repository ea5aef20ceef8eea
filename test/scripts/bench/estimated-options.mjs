// What schedules of convolutions estimate: every tile and order of loops with its cost, and those that are worth a run.
import { directCandidates, directLabel } from "../../../dist/ops/conv2d/direct-tile.js";
import { groupCandidates, groupLabel } from "../../../dist/ops/conv2d/group-tile.js";
import { pointwiseCandidates, pointwiseLabel } from "../../../dist/ops/conv2d/pointwise-tile.js";
import { isAskedBeside } from "../../../dist/ops/conv2d/tile-below.js";
import { productLabel, targetProducts } from "../../../dist/ops/product-tiles.js";
import { blockedBy } from "../../../dist/ops/tiles.js";
import { winogradInstructions } from "../../../dist/ops/winograd/winograd-blocks.js";
import { winogradOf } from "../../../dist/ops/winograd/winograd-tiles.js";
import { operator, seenBy, taskKnobs } from "../../../dist/task/compile-task.js";

/** Those of inputs in blocks of channels. */
const pointwiseOrders = (d, target) => [
  ...["weights", "pixels", "packed"],
  ...(isAskedBeside(d, target) ? ["streamed"] : []),
];
/** Options of a layer that are run. */
const MOST_TRIED = 6;

/**
 * All tiles of a task's schedule: the knob's option, and the orders of loops with their estimates for the whole layer, the
 * preferred one first. A schedule without the knob `order` has one that has no name.
 */
export function estimatedTiles({ op, dims: d, storage }, schedule, target) {
  const { lanes } = target.isa;
  const winograd = winogradOf(op, d);
  if (winograd !== undefined) return winogradTiles(winograd, d, target);
  if (schedule === "groups-in-lanes") {
    const vectors = d.N * Math.ceil(d.G / lanes);
    return groupCandidates(d, target).map((tile) => ({
      tile: groupLabel(tile),
      orders: [{ cost: tile.cost * vectors }],
    }));
  }
  const inOrders = (label) => (tile) => ({
    tile: label(tile),
    orders: tile.orders.map(({ order, cost }) => ({ order, cost: cost * d.N * d.G })),
  });
  if (schedule === "direct")
    return directCandidates(d, target, !blockedBy(storage.x, 2)).map(inOrders(directLabel));
  if (schedule === "pointwise")
    return pointwiseCandidates(d, target, { orders: pointwiseOrders(d, target), cuts: true }).map(
      inOrders(pointwiseLabel),
    );
  throw new Error(`no estimates are known of the schedule ${schedule}`);
}

function winogradTiles(winograd, d, target) {
  const { lanes } = target.isa;
  const tiles = d.N * d.G * d.RB * d.TR * d.CB * d.TC;
  return targetProducts(d, target).map((tile) => ({
    tile: productLabel(tile),
    orders: [{ cost: tiles * winogradInstructions(winograd, d, tile.cost, lanes) }],
  }));
}

/**
 * The options to run, the estimate's choice first: the preferred tile in each order, then the next offered tiles, each in its
 * own best order.
 */
export function triedOptions(task, schedule, target) {
  const offered = taskKnobs(task, target).find(({ name }) => name === "tile").options;
  const tiles = estimatedTiles(seenBy(operator(task.op), schedule, task), schedule, target);
  const ordersOf = (label) => tiles.find(({ tile }) => tile === label).orders;
  const option = (tile, { order, cost }) => ({
    choices: { tile, ...(order !== undefined && { order }) },
    estimated: cost,
  });
  const [preferred, ...others] = offered;
  return [
    ...ordersOf(preferred).map((order) => option(preferred, order)),
    ...others.map((tile) => option(tile, ordersOf(tile)[0])),
  ].slice(0, MOST_TRIED);
}
