import type { ZooActivation } from "./activations.ts";
import { BRANCH_GAIN, type Layer, type NetBuilder } from "./builder.ts";
import { convUnit, depthwiseUnit } from "./conv-unit.ts";
import { type SqueezeExcite, squeezeExcite } from "./squeeze-excite.ts";

export interface InvertedResidual {
  readonly kernel: number;
  readonly stride: number;
  /** Channels that a 1x1 makes for the depthwise convolution; without it, that takes the input as it is. */
  readonly width?: number;
  readonly oc: number;
  readonly activation: ZooActivation;
  /** On the depthwise convolution's result, before its activation or after. */
  readonly excite?: SqueezeExcite & { readonly at: "before" | "after" };
  /** False where the input is not added although its shape would allow it. */
  readonly shortcut?: boolean;
}

/** Inverted residual block (Sandler et al. 2018, table 1): wide depthwise convolution between two 1x1, the last linear. */
export function invertedResidual(net: NetBuilder, name: string, x: Layer, block: InvertedResidual): Layer {
  const { kernel, stride, width, oc, activation, excite, shortcut = true } = block;
  let y = x;
  if (width !== undefined) y = convUnit(net, `${name}.expand`, x, width, { kernel: 1, activation });
  if (excite?.at === "before") {
    y = depthwiseUnit(net, `${name}.depthwise`, y, { kernel, stride });
    y = squeezeExcite(net, `${name}.se`, y, excite);
    y = net.activate(`${name}.${activation}`, y, activation);
  } else {
    y = depthwiseUnit(net, `${name}.depthwise`, y, { kernel, stride, activation });
    if (excite !== undefined) y = squeezeExcite(net, `${name}.se`, y, excite);
  }
  const added = shortcut && stride === 1 && x.shape[1] === oc;
  y = convUnit(net, `${name}.project`, y, oc, { kernel: 1, gain: added ? BRANCH_GAIN : 1 });
  return added ? net.add(`${name}.add`, x, y) : y;
}
