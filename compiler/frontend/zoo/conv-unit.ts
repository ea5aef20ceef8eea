import type { ZooActivation } from "./activations.ts";
import type { ConvOptions, Layer, NetBuilder } from "./builder.ts";

export interface ConvUnit extends Omit<ConvOptions, "gain"> {
  /** None when absent. */
  readonly activation?: ZooActivation;
  /** Of the batch norm. */
  readonly gain?: number;
}

/** Convolution, batch norm, activation. */
export function convUnit(net: NetBuilder, name: string, x: Layer, oc: number, unit: ConvUnit): Layer {
  const { activation, gain, ...conv } = unit;
  const normal = net.batchNorm(`${name}.bn`, net.conv(`${name}.conv`, x, oc, conv), gain);
  return activation === undefined ? normal : net.activate(`${name}.${activation}`, normal, activation);
}

/** A unit with a filter of its own for each channel. */
export function depthwiseUnit(
  net: NetBuilder,
  name: string,
  x: Layer,
  unit: Omit<ConvUnit, "groups">,
): Layer {
  const channels = x.shape[1] as number;
  return convUnit(net, name, x, channels, { ...unit, groups: channels });
}
