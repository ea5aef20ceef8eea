import { BRANCH_GAIN, makeNetBuilder } from "./builder.ts";
import { readGrouping, type ZooNetwork } from "./grouping.ts";
import { conv3x3 } from "./separable.ts";

/** Depth 40: (40 - 4) / 6 blocks in each of three stages; width 2. */
const BLOCKS = 6;
const STAGES = [32, 64, 128] as const;

/**
 * WRN-40-2 for CIFAR (Zagoruyko and Komodakis 2016): batch norm and ReLU come before each convolution, so the batch norm
 * that opens a block folds into nothing; grouped form: separable.ts.
 */
export const wrn402: ZooNetwork = {
  summary: "WRN-40-2 for CIFAR; with --g or --G each 3x3 but the stem becomes grouped 3x3 + 1x1",
  defaultInput: [1, 3, 32, 32],
  build(options = {}) {
    const grouping = readGrouping("wrn-40-2", options, () => 1);
    const net = makeNetBuilder(options, { inputSize: 32, seed: 402, sampleSize: 32 });
    let x = net.conv("stem.conv", net.input, 16, { kernel: 3 });
    STAGES.forEach((oc, stage) => {
      for (let block = 0; block < BLOCKS; block++) {
        const name = `stage${stage + 1}.${block + 1}`;
        const stride = block === 0 && stage > 0 ? 2 : 1;
        const active = net.relu(`${name}.relu1`, net.batchNorm(`${name}.bn1`, x));
        let y = conv3x3(net, grouping, `${name}.conv1`, active, oc, stride);
        y = net.relu(`${name}.relu2`, net.batchNorm(`${name}.bn2`, y));
        y = conv3x3(net, grouping, `${name}.conv2`, y, oc, 1, BRANCH_GAIN);
        const shortcut = block > 0 ? x : net.conv(`${name}.shortcut.conv`, active, oc, { kernel: 1, stride });
        x = net.add(`${name}.add`, y, shortcut);
      }
    });
    x = net.relu("final.relu", net.batchNorm("final.bn", x));
    return net.finish(`wrn-40-2${grouping.suffix}`, net.classifier(x, options.classes ?? 10));
  },
};
