import { bottleneckStages } from "./bottleneck.ts";
import { makeNetBuilder } from "./builder.ts";
import { readGrouping, type ZooNetwork } from "./grouping.ts";

/** ResNeXt-50 32x4d (Xie et al. 2017, table 1): the 3x3 of each bottleneck is grouped and carries the stride. */
export const resnext50: ZooNetwork = {
  summary: "ResNeXt-50 32x4d; the 3x3 of each bottleneck in 32 groups",
  defaultInput: [1, 3, 224, 224],
  build(options = {}) {
    const grouping = readGrouping("resnext50", options, () => 32);
    const net = makeNetBuilder(options, { inputSize: 224, seed: 50, sampleSize: 64 });
    let x = net.conv("stem.conv", net.input, 64, { kernel: 7, stride: 2 });
    x = net.maxPool("stem.pool", net.relu("stem.relu", net.batchNorm("stem.bn", x)));
    x = bottleneckStages(net, grouping, x, { width: 128, strideAt: "conv2" });
    return net.finish(`resnext50${grouping.suffix}`, net.classifier(x, options.classes ?? 1000));
  },
};
