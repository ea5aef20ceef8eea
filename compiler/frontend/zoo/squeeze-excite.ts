import type { ZooActivation } from "./activations.ts";
import type { Layer, NetBuilder } from "./builder.ts";

export interface SqueezeExcite {
  /** Channels between its two layers. */
  readonly squeezed: number;
  /** After the first layer. */
  readonly activation: ZooActivation;
  readonly gate: "sigmoid" | "hard-sigmoid";
}

/** Squeeze-and-excitation (Hu et al. 2018, figure 2): each channel by a factor made of the means of all channels. */
export function squeezeExcite(net: NetBuilder, name: string, x: Layer, unit: SqueezeExcite): Layer {
  const { squeezed, activation, gate } = unit;
  const means = net.globalPool(`${name}.pool`, x);
  let y = net.biasedConv(`${name}.squeeze`, means, squeezed, { kernel: 1 });
  y = net.activate(`${name}.${activation}`, y, activation);
  y = net.biasedConv(`${name}.excite`, y, x.shape[1] as number, { kernel: 1 });
  return net.scale(`${name}.scale`, x, net.activate(`${name}.gate`, y, gate));
}
