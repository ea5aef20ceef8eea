import type { Graph } from "../graph/graph.ts";
import { defined } from "../support/assert.ts";
import { chooseSizes } from "./choose-sizes.ts";
import { countLayers, type LayerCost } from "./count-network.ts";
import { type Interval, interval } from "./fit.ts";
import { executedMacs } from "./lanes.ts";
import type { LayerModel } from "./layer-model.ts";
import { possibleGroups, regroupable } from "./regroup.ts";
import type { CostKind } from "./sweep-record.ts";

export interface LayerAdvice {
  readonly layer: string;
  readonly group_size: number;
  readonly proposed: number;
  readonly macs: number;
  readonly proposed_macs: number;
  readonly cost: number;
  readonly proposed_cost: number;
  /** Whether both costs were found on the board, not predicted. */
  readonly found: boolean;
}
/** The group size of each layer that costs least on a board at the MACs asked for. */
export interface Advice {
  readonly network: string;
  readonly cost_kind: CostKind;
  /** Layers before are those of `baseline`. */
  readonly layers: readonly LayerAdvice[];
  /** What the proposal is compared with: the network as it is, or one G in each layer when other MACs are wanted. */
  readonly baseline: "as it is" | number;
  /** Of the whole network: before, asked for, and with the proposal. */
  readonly macs: number;
  readonly wanted_macs: number;
  readonly proposed_macs: number;
  /** Of the layers that may change, before and as proposed. */
  readonly cost: number;
  readonly proposed_cost: number;
  /** How much less a MAC of these layers costs, 0 to 1, with the interval that 95 % of redrawn models give. */
  readonly gain: Interval;
  /** Part of the redrawn models in which there is a gain. */
  readonly sure: number;
}

/** MACs of the changed layers may exceed those asked for by this part; fewer would be a gain that anybody can have. */
export const MACS_ABOVE = 0.02;
const ROUNDING = 1e-6;
/** Larger groups are dense layers in all but name. */
const LARGEST_GROUP = 64;

/**
 * Proposes G for each layer that can be regrouped; `wantedMacs` are the whole network's, as it is when absent. Undefined when no choice
 * of sizes comes near enough to them.
 */
export function advise(
  graph: Graph,
  lanes: number,
  model: LayerModel,
  wantedMacs?: number,
): Advice | undefined {
  const costs = countLayers(graph);
  const names = new Set(regroupable(graph).map(({ name }) => name));
  const changing = costs.filter(({ name }) => names.has(name));
  const [total, now] = [macsOf(costs), macsOf(changing)];
  const wanted = wantedMacs ?? total;
  const room = wanted - (total - now);
  if (room <= 0) return undefined;
  const candidates = changing.map((layer) => sizesOf(layer).map((size) => withSize(layer, size)));
  const work = (layer: LayerCost) => ({
    name: layer.name,
    group_size: layer.group_size ?? 1,
    executed_macs: executedMacs(layer, lanes),
    bytes: layer.bytes,
  });
  const options = candidates.map((layers) =>
    layers.map((layer) => ({
      group_size: layer.group_size ?? 1,
      macs: layer.macs,
      cost: model.cost(work(layer)).cost,
    })),
  );
  const chosen = chooseSizes(options, room * (1 - ROUNDING), room * (1 + MACS_ABOVE));
  if (chosen === undefined) return undefined;
  const proposed = candidates.map((layers, i) => defined(layers[chosen.options[i]], "the chosen size"));
  const same = Math.abs(wanted - total) <= MACS_ABOVE * now;
  const { size, layers: before } = same
    ? { size: "as it is" as const, layers: changing }
    : nearestUniform(candidates, room);
  const found = (layer: LayerCost): number => model.cost(work(layer)).cost;
  const gain = (cost: (layer: LayerCost) => number): number =>
    1 - sum(proposed, cost) / macsOf(proposed) / (sum(before, cost) / macsOf(before));
  const gains = Array.from({ length: model.draws }, (_, i) => gain((layer) => model.draw(i, work(layer))));
  return {
    network: graph.name,
    cost_kind: model.kind,
    layers: before.map((layer, i) => adviceOf(layer, proposed[i], (l) => model.cost(work(l)))),
    baseline: size,
    macs: total - now + macsOf(before),
    wanted_macs: wanted,
    proposed_macs: total - now + chosen.macs,
    cost: sum(before, found),
    proposed_cost: sum(proposed, found),
    gain: interval(gain(found), gains),
    sure: gains.filter((g) => g > 0).length / gains.length,
  };
}

function sum(layers: readonly LayerCost[], of: (layer: LayerCost) => number): number {
  return layers.reduce((s, layer) => s + of(layer), 0);
}

function macsOf(layers: readonly LayerCost[]): number {
  return sum(layers, ({ macs }) => macs);
}

/** One G in each layer (the nearest it can have), the G whose MACs are nearest. */
function nearestUniform(
  candidates: readonly (readonly LayerCost[])[],
  macs: number,
): { readonly size: number; readonly layers: readonly LayerCost[] } {
  const far = (a: number, b: number): number => Math.abs(Math.log(a / b));
  const sizes = [...new Set(candidates.flatMap((layers) => layers.map((l) => l.group_size ?? 1)))];
  const uniform = sizes.map((size) => ({
    size,
    layers: candidates.map((layers) =>
      layers.reduce((best, l) => (far(l.group_size ?? 1, size) < far(best.group_size ?? 1, size) ? l : best)),
    ),
  }));
  return uniform.reduce((best, u) =>
    far(macsOf(u.layers), macs) < far(macsOf(best.layers), macs) ? u : best,
  );
}

function adviceOf(
  layer: LayerCost,
  proposed: LayerCost,
  cost: (layer: LayerCost) => ReturnType<LayerModel["cost"]>,
): LayerAdvice {
  const [a, b] = [cost(layer), cost(proposed)];
  return {
    layer: layer.name,
    group_size: layer.group_size ?? 1,
    proposed: proposed.group_size ?? 1,
    macs: layer.macs,
    proposed_macs: proposed.macs,
    cost: a.cost,
    proposed_cost: b.cost,
    found: a.found && b.found,
  };
}

/** Group sizes of at most LARGEST_GROUP that divide a layer, and the one it has. */
function sizesOf({ input, output, group_size = 1 }: LayerCost): readonly number[] {
  const [channels, outChannels] = [input[1], output[1]];
  const sizes = possibleGroups(channels, outChannels).map((g) => channels / g);
  return sizes.filter((size) => size <= LARGEST_GROUP || size === group_size);
}

function withSize(layer: LayerCost, size: number): LayerCost {
  const factor = size / (layer.group_size ?? 1);
  const params = layer.params * factor;
  const macs = layer.macs * factor;
  return {
    ...layer,
    group_size: size,
    groups: layer.input[1] / size,
    params,
    macs,
    arithmetic_intensity: macs / (params + layer.activations),
    bytes: layer.bytes + Float32Array.BYTES_PER_ELEMENT * (params - layer.params),
  };
}
