import { makeNetBuilder } from "./builder.ts";
import { readGrouping, type ZooNetwork } from "./grouping.ts";

/** Output channels and stride of each separable block. */
const BLOCKS: readonly (readonly [oc: number, stride: number])[] = [
  [64, 1],
  [128, 2],
  [128, 1],
  [256, 2],
  [256, 1],
  [512, 2],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [1024, 2],
  [1024, 1],
];

/** MobileNet-V1 1.0 (Howard et al. 2017, table 1); with --g or --G the depthwise 3x3 are grouped 3x3, as in E2GC. */
export const mobilenetV1: ZooNetwork = {
  summary: "MobileNet-V1 1.0; depthwise 3x3, or grouped with --g or --G",
  defaultInput: [1, 3, 224, 224],
  build(options = {}) {
    const grouping = readGrouping("mobilenet-v1", options, (channels) => channels);
    const net = makeNetBuilder(options, { inputSize: 224, seed: 1, sampleSize: 64 });
    let x = net.conv("stem.conv", net.input, 32, { kernel: 3, stride: 2 });
    x = net.relu("stem.relu", net.batchNorm("stem.bn", x));
    BLOCKS.forEach(([oc, stride], block) => {
      const name = `block${block + 1}`;
      const channels = x.shape[1] as number;
      const groups = grouping.groups(`${name}.conv1`, channels);
      x = net.conv(`${name}.conv1`, x, channels, { kernel: 3, stride, groups });
      x = net.relu(`${name}.relu1`, net.batchNorm(`${name}.bn1`, x));
      x = net.conv(`${name}.conv2`, x, oc, { kernel: 1 });
      x = net.relu(`${name}.relu2`, net.batchNorm(`${name}.bn2`, x));
    });
    // Small logits: a softmax of large ones is 0 and 1 whatever the convolutions do.
    const logits = net.classifier(x, options.classes ?? 1000, 0.5);
    return net.finish(`mobilenet-v1${grouping.suffix}`, net.softmax("probabilities", logits));
  },
};
