import { BRANCH_GAIN, makeNetBuilder } from "./builder.ts";
import { readGrouping, type ZooNetwork } from "./grouping.ts";

/** Blocks, width of the grouped 3x3 and output channels of each stage. */
const STAGES = [
  { blocks: 3, width: 128, oc: 256 },
  { blocks: 4, width: 256, oc: 512 },
  { blocks: 6, width: 512, oc: 1024 },
  { blocks: 3, width: 1024, oc: 2048 },
] as const;

/** ResNeXt-50 32x4d (Xie et al. 2017, table 1): the 3x3 of each bottleneck is grouped and carries the stride. */
export const resnext50: ZooNetwork = {
  summary: "ResNeXt-50 32x4d; the 3x3 of each bottleneck in 32 groups",
  defaultInput: [1, 3, 224, 224],
  build(options = {}) {
    const grouping = readGrouping("resnext50", options, () => 32);
    const net = makeNetBuilder(options, { inputSize: 224, seed: 50, sampleSize: 64 });
    let x = net.conv("stem.conv", net.input, 64, { kernel: 7, stride: 2 });
    x = net.maxPool("stem.pool", net.relu("stem.relu", net.batchNorm("stem.bn", x)));
    STAGES.forEach(({ blocks, width, oc }, stage) => {
      for (let block = 0; block < blocks; block++) {
        const name = `stage${stage + 1}.${block + 1}`;
        const stride = block === 0 && stage > 0 ? 2 : 1;
        const groups = grouping.groups(`${name}.conv2`, width);
        let y = net.conv(`${name}.conv1`, x, width, { kernel: 1 });
        y = net.relu(`${name}.relu1`, net.batchNorm(`${name}.bn1`, y));
        y = net.conv(`${name}.conv2`, y, width, { kernel: 3, stride, groups });
        y = net.relu(`${name}.relu2`, net.batchNorm(`${name}.bn2`, y));
        y = net.batchNorm(`${name}.bn3`, net.conv(`${name}.conv3`, y, oc, { kernel: 1 }), BRANCH_GAIN);
        const shortcut =
          block > 0
            ? x
            : net.batchNorm(
                `${name}.shortcut.bn`,
                net.conv(`${name}.shortcut.conv`, x, oc, { kernel: 1, stride }),
              );
        x = net.relu(`${name}.relu3`, net.add(`${name}.add`, y, shortcut));
      }
    });
    return net.finish(`resnext50${grouping.suffix}`, net.classifier(x, options.classes ?? 1000));
  },
};
