/** One group size a layer may have. */
export interface SizeOption {
  readonly group_size: number;
  readonly macs: number;
  readonly cost: number;
}
export interface ChosenSizes {
  /** Index of the option of each layer. */
  readonly options: readonly number[];
  readonly macs: number;
  readonly cost: number;
}

/** MACs are counted in this many parts of the sum. */
const PARTS = 4000;

/**
 * The option of each layer that costs least in sum with at least `least` and at most `most` MACs, by dynamic programming
 * over sums of MACs. Undefined when there is no such choice.
 */
export function chooseSizes(
  layers: readonly (readonly SizeOption[])[],
  least: number,
  most: number,
): ChosenSizes | undefined {
  const part = most / PARTS;
  // Rounding of each layer may take it half a part further.
  const end = PARTS + layers.length;
  let costs = new Float64Array(end + 1).fill(Number.POSITIVE_INFINITY);
  costs[0] = 0;
  const taken: Int16Array[] = [];
  for (const options of layers) {
    const next = new Float64Array(end + 1).fill(Number.POSITIVE_INFINITY);
    const choice = new Int16Array(end + 1).fill(-1);
    options.forEach((option, at) => {
      const step = Math.round(option.macs / part);
      for (let sum = step; sum <= end; sum++) {
        const cost = costs[sum - step] + option.cost;
        if (cost < next[sum]) {
          next[sum] = cost;
          choice[sum] = at;
        }
      }
    });
    costs = next;
    taken.push(choice);
  }
  let best: ChosenSizes | undefined;
  for (let sum = 0; sum <= end; sum++) {
    if (!Number.isFinite(costs[sum]) || (best !== undefined && costs[sum] >= best.cost)) continue;
    const chosen = trace(layers, taken, sum, part);
    if (chosen.macs >= least && chosen.macs <= most && (best === undefined || chosen.cost < best.cost))
      best = chosen;
  }
  return best;
}

function trace(
  layers: readonly (readonly SizeOption[])[],
  taken: readonly Int16Array[],
  last: number,
  part: number,
): ChosenSizes {
  const options = new Array<number>(layers.length).fill(0);
  let [sum, macs, cost] = [last, 0, 0];
  for (let layer = layers.length - 1; layer >= 0; layer--) {
    const at = taken[layer][sum];
    const option = layers[layer][at];
    options[layer] = at;
    macs += option.macs;
    cost += option.cost;
    sum -= Math.round(option.macs / part);
  }
  return { options, macs, cost };
}
