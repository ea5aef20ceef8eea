import { BRANCH_GAIN, makeNetBuilder } from "./builder.ts";
import { readGrouping, type ZooNetwork } from "./grouping.ts";
import { conv3x3 } from "./separable.ts";

const STAGES = [
  { blocks: 3, oc: 64 },
  { blocks: 4, oc: 128 },
  { blocks: 6, oc: 256 },
  { blocks: 3, oc: 512 },
] as const;

/** ResNet-34 (He et al. 2016, table 1) with projection shortcuts where the shape changes; grouped form: separable.ts. */
export const resnet34: ZooNetwork = {
  summary: "ResNet-34; with --g or --G each 3x3 but the stem becomes grouped 3x3 + 1x1",
  defaultInput: [1, 3, 224, 224],
  build(options = {}) {
    const grouping = readGrouping("resnet34", options, () => 1);
    const net = makeNetBuilder(options, { inputSize: 224, seed: 34, sampleSize: 64 });
    let x = net.conv("stem.conv", net.input, 64, { kernel: 7, stride: 2 });
    x = net.maxPool("stem.pool", net.relu("stem.relu", net.batchNorm("stem.bn", x)));
    STAGES.forEach(({ blocks, oc }, stage) => {
      for (let block = 0; block < blocks; block++) {
        const name = `stage${stage + 1}.${block + 1}`;
        const stride = block === 0 && stage > 0 ? 2 : 1;
        let y = conv3x3(net, grouping, `${name}.conv1`, x, oc, stride);
        y = net.relu(`${name}.relu1`, net.batchNorm(`${name}.bn1`, y));
        y = net.batchNorm(`${name}.bn2`, conv3x3(net, grouping, `${name}.conv2`, y, oc, 1), BRANCH_GAIN);
        const same = stride === 1 && x.shape[1] === oc;
        const shortcut = same
          ? x
          : net.batchNorm(
              `${name}.shortcut.bn`,
              net.conv(`${name}.shortcut.conv`, x, oc, { kernel: 1, stride }),
            );
        x = net.relu(`${name}.relu2`, net.add(`${name}.add`, y, shortcut));
      }
    });
    return net.finish(`resnet34${grouping.suffix}`, net.classifier(x, options.classes ?? 1000));
  },
};
