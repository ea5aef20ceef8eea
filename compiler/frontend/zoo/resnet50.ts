import { bottleneckStages } from "./bottleneck.ts";
import { makeNetBuilder } from "./builder.ts";
import { readGrouping, type ZooNetwork } from "./grouping.ts";

/** ResNet-50 v1 (He et al. 2016, table 1), as in ncnn's benchmark: the first 1x1 of a stage carries its stride. */
export const resnet50: ZooNetwork = {
  summary: "ResNet-50 v1; with --g or --G the 3x3 of each bottleneck is grouped",
  defaultInput: [1, 3, 224, 224],
  build(options = {}) {
    const grouping = readGrouping("resnet50", options, () => 1);
    const net = makeNetBuilder(options, { inputSize: 224, seed: 51, sampleSize: 64 });
    let x = net.conv("stem.conv", net.input, 64, { kernel: 7, stride: 2 });
    x = net.relu("stem.relu", net.batchNorm("stem.bn", x));
    x = net.maxPool("stem.pool", x, { kernel: 3, stride: 2, pad: 0, ceil: true });
    x = bottleneckStages(net, grouping, x, { width: 64, strideAt: "conv1" });
    const scores = net.classifier(x, options.classes ?? 1000);
    return net.finish(`resnet50${grouping.suffix}`, net.softmax("probabilities", scores));
  },
};
