import { basicStages } from "./basic-block.ts";
import { makeNetBuilder } from "./builder.ts";
import { readGrouping, type ZooNetwork } from "./grouping.ts";

/** ResNet-34 (He et al. 2016, table 1) with projection shortcuts where the shape changes; grouped form: separable.ts. */
export const resnet34: ZooNetwork = {
  summary: "ResNet-34; with --g or --G each 3x3 but the stem becomes grouped 3x3 + 1x1",
  defaultInput: [1, 3, 224, 224],
  build(options = {}) {
    const grouping = readGrouping("resnet34", options, () => 1);
    const net = makeNetBuilder(options, { inputSize: 224, seed: 34, sampleSize: 64 });
    let x = net.conv("stem.conv", net.input, 64, { kernel: 7, stride: 2 });
    x = net.maxPool("stem.pool", net.relu("stem.relu", net.batchNorm("stem.bn", x)));
    x = basicStages(net, grouping, x, { blocks: [3, 4, 6, 3], projectsFirst: false });
    return net.finish(`resnet34${grouping.suffix}`, net.classifier(x, options.classes ?? 1000));
  },
};
