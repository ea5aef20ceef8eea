import type { Layer, NetBuilder } from "./builder.ts";
import { fixedNetwork } from "./fixed-network.ts";
import type { ZooNetwork } from "./grouping.ts";

/** Channels of the squeezing 1x1 of each fire module, by pool that comes before; both expanding layers have four times as many. */
const FIRES: readonly (readonly number[])[] = [
  [16, 16],
  [32, 32],
  [48, 48, 64, 64],
];
const POOL = { kernel: 3, stride: 2, pad: 0, ceil: true } as const;
/** Averages of ReLUs over a map vary little from class to class; these are scores that a softmax tells apart. */
const SCORE_GAIN = 6;

/**
 * SqueezeNet 1.1 (Iandola et al. 2016, as its authors' repository revises it), as in ncnn's benchmark: no batch norm, and the
 * classifying 1x1 has a padding of 1, so its map has a border of nothing but biases.
 */
export const squeezenet: ZooNetwork = fixedNetwork({
  name: "squeezenet1.1",
  summary: "SqueezeNet 1.1; 1x1 and 3x3 side by side, biases instead of batch norms",
  seed: 11,
  scores(net, classes) {
    let x = net.biasedConv("conv1", net.input, 64, { kernel: 3, stride: 2, pad: 0 });
    x = net.relu("relu1", x);
    let number = 1;
    for (const fires of FIRES) {
      x = net.maxPool(`pool${number}`, x, POOL);
      for (const squeezed of fires) x = fire(net, `fire${++number}`, x, squeezed);
    }
    x = net.biasedConv("conv10", x, classes, { kernel: 1, pad: 1, gain: SCORE_GAIN });
    return net.flatten("flatten", net.globalPool("pool10", net.relu("relu10", x)));
  },
});

/** Iandola et al. 2016, figure 1. */
function fire(net: NetBuilder, name: string, x: Layer, squeezed: number): Layer {
  const unit = (part: string, from: Layer, oc: number, kernel: number): Layer =>
    net.relu(`${name}.${part}.relu`, net.biasedConv(`${name}.${part}`, from, oc, { kernel }));
  const narrow = unit("squeeze1x1", x, squeezed, 1);
  const expanded = ([1, 3] as const).map((k) => unit(`expand${k}x${k}`, narrow, 4 * squeezed, k));
  return net.concat(`${name}.concat`, expanded);
}
