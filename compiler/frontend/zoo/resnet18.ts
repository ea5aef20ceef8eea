import { basicStages } from "./basic-block.ts";
import { makeNetBuilder } from "./builder.ts";
import { readGrouping, type ZooNetwork } from "./grouping.ts";

/**
 * ResNet-18 (He et al. 2016, table 1) as in ncnn's benchmark, which has Caffe's form of it: pools without padding, a
 * projection in the first block of the first stage too. Grouped form: separable.ts.
 */
export const resnet18: ZooNetwork = {
  summary: "ResNet-18; with --g or --G each 3x3 but the stem becomes grouped 3x3 + 1x1",
  defaultInput: [1, 3, 224, 224],
  build(options = {}) {
    const grouping = readGrouping("resnet18", options, () => 1);
    const net = makeNetBuilder(options, { inputSize: 224, seed: 18, sampleSize: 64 });
    let x = net.conv("stem.conv", net.input, 64, { kernel: 7, stride: 2 });
    x = net.relu("stem.relu", net.batchNorm("stem.bn", x));
    x = net.maxPool("stem.pool", x, { kernel: 3, stride: 2, pad: 0, ceil: true });
    x = basicStages(net, grouping, x, { blocks: [2, 2, 2, 2], projectsFirst: true });
    const scores = net.classifier(x, options.classes ?? 1000);
    return net.finish(`resnet18${grouping.suffix}`, net.softmax("probabilities", scores));
  },
};
