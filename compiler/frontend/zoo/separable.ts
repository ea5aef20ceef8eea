import type { Layer, NetBuilder } from "./builder.ts";
import type { Grouping } from "./grouping.ts";

/**
 * A 3x3 convolution, or the grouped form of it that the GSPC authors measure: a grouped 3x3 from C to C channels with the
 * stride, batch norm, ReLU, and a 1x1 from C to OC. One group is the dense convolution.
 */
export function conv3x3(
  net: NetBuilder,
  grouping: Grouping,
  name: string,
  x: Layer,
  oc: number,
  stride: number,
  gain = 1,
): Layer {
  const channels = x.shape[1] as number;
  const groups = grouping.groups(name, channels);
  if (groups === 1) return net.conv(name, x, oc, { kernel: 3, stride, gain });
  const grouped = net.conv(`${name}.grouped`, x, channels, { kernel: 3, stride, groups });
  const active = net.relu(`${name}.relu`, net.batchNorm(`${name}.bn`, grouped));
  return net.conv(`${name}.pointwise`, active, oc, { kernel: 1, gain });
}
