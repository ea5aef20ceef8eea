import { type LayerCost, sumCosts } from "./count-network.ts";
import type { SweepRow } from "./sweep-record.ts";

type Counted = Pick<LayerCost, "macs" | "params" | "activations" | "bytes">;

/** What one frame costs when `batch` frames are computed together, so that weights are loaded once for all of them. */
export function frameCosts(layers: readonly LayerCost[], batch = 1): Omit<SweepRow, "setting" | "cost"> {
  const { macs, params, activations } = sumCosts(layers);
  const spared = Float32Array.BYTES_PER_ELEMENT * (1 - 1 / batch);
  const bytes = layers.reduce((sum, layer) => sum + layer.bytes - spared * layer.params, 0);
  return { macs, params, activations, bytes, imbalance: imbalance(layers, batch) };
}

/**
 * Sum over layers of macs / AI^2: the E2GC balance term of each layer with beta = 2 and alpha = 1. A layer that reuses
 * little of what it loads weighs much, however few MACs it has.
 */
export function imbalance(layers: readonly Omit<Counted, "bytes">[], batch = 1): number {
  return layers.reduce(
    (sum, { macs, params, activations }) =>
      macs === 0 ? sum : sum + (params / batch + activations) ** 2 / macs,
    0,
  );
}
