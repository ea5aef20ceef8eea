import { convUnit } from "./conv-unit.ts";
import { fixedNetwork } from "./fixed-network.ts";
import type { ZooNetwork } from "./grouping.ts";
import { invertedResidual } from "./inverted-residual.ts";

/** Kernel, stride, channels of the depthwise convolution and output channels of each block. */
const BLOCKS: readonly (readonly [kernel: number, stride: number, width: number, oc: number])[] = [
  [5, 2, 48, 32],
  [3, 1, 96, 32],
  [7, 2, 96, 40],
  [3, 1, 120, 40],
  [5, 1, 120, 40],
  [5, 1, 120, 40],
  [7, 2, 240, 80],
  [5, 1, 240, 80],
  [5, 1, 240, 80],
  [5, 1, 240, 80],
  [5, 1, 480, 96],
  [5, 1, 288, 96],
  [5, 1, 288, 96],
  [5, 1, 288, 96],
  [7, 2, 576, 192],
  [7, 1, 1152, 192],
  [7, 1, 576, 192],
  [7, 1, 576, 192],
  [7, 1, 1152, 320],
];

/**
 * ProxylessNAS for mobile processors (Cai et al. 2019, figure 4) as in ncnn's benchmark: its first block gives 32 channels,
 * and does not add its input.
 */
export const proxylessnas: ZooNetwork = fixedNetwork({
  name: "proxylessnas",
  summary: "ProxylessNAS for mobile processors; depthwise 3x3, 5x5 and 7x7",
  seed: 19,
  scores(net, classes) {
    const activation = "relu";
    let x = convUnit(net, "stem", net.input, 32, { kernel: 3, stride: 2, activation });
    x = invertedResidual(net, "block1", x, { kernel: 3, stride: 1, oc: 32, activation, shortcut: false });
    BLOCKS.forEach(([kernel, stride, width, oc], block) => {
      x = invertedResidual(net, `block${block + 2}`, x, { kernel, stride, width, oc, activation });
    });
    x = convUnit(net, "head", x, 1280, { kernel: 1, activation });
    return net.classifier(x, classes);
  },
});
