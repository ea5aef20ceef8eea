import type { StorageDim } from "../../ir/storage.ts";
import type { Schedule } from "../../schedule/schedule.ts";
import { dims, inner, outer } from "../memory-dims.ts";
import type { ConvAxes } from "./conv-axes.ts";
import type { ConvSizes } from "./conv2d.kernel.ts";
import type { DirectTile } from "./direct-tile.ts";

// Weights and numbers of channels in the order that tiles take them.

/** Input channels of a block, taken by lane. */
export function blockOf(d: ConvSizes, lanes: number): number {
  return d.IC % lanes === 0 ? lanes : d.IC;
}

/** Weights packed for blocks of `oct` output and `ic` input channels. */
export function packedWeights(s: Schedule<ConvAxes>, oct: number, ic: number): Schedule<ConvAxes> {
  const order = [...dims(0), outer(1, oct), outer(2, ic), ...dims(3, 4), inner(2, ic), inner(1, oct)];
  return packedConstants(s, order);
}

/** Weights in the order that a tile takes them, where they are known when the network is compiled; others stay as they are computed. */
export function packedConstants(s: Schedule<ConvAxes>, order: readonly StorageDim[]): Schedule<ConvAxes> {
  const constant = s.proc.params.some(({ name, role }) => name === "w" && role === "weight");
  return constant ? s.pack("w", order) : s;
}

/** Weights packed as a direct tile takes them: where it goes through windows pixel after pixel, all of one after those of another. */
export function directWeights(
  s: Schedule<ConvAxes>,
  { ocv, inPixels }: DirectTile,
  d: ConvSizes,
  lanes: number,
): Schedule<ConvAxes> {
  const [oct, ic] = [ocv * lanes, blockOf(d, lanes)];
  if (inPixels === 0) return packedWeights(s, oct, ic);
  const order = [...dims(0), outer(1, oct), ...dims(3, 4), outer(2, ic), inner(2, ic), inner(1, oct)];
  return packedConstants(s, order);
}

/** Bias and slopes of neighbouring groups side by side, as their lanes want them. */
export function packedBias<A extends string>(s: Schedule<A>, d: ConvSizes, lanes: number): Schedule<A> {
  const side = [outer(0, lanes), ...dims(1), inner(0, lanes)];
  const biased = d.BIAS ? s.pack("b", side) : s;
  return d.SLOPES ? biased.pack("a", side) : biased;
}
