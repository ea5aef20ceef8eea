import { BRANCH_GAIN, type Layer, type NetBuilder } from "./builder.ts";
import type { Grouping } from "./grouping.ts";

/** Blocks of each stage of the networks of 50 layers (He et al. 2016, table 1). */
const BLOCKS = [3, 4, 6, 3] as const;

export interface BottleneckStages {
  /** Channels of the 3x3 in the first stage; each later one has twice as many. */
  readonly width: number;
  /** Which layer of a stage's first block has the stride of 2. */
  readonly strideAt: "conv1" | "conv2";
}

/** Stages of blocks of 1x1, 3x3, 1x1 with 256, 512, 1024, 2048 channels at the end; the 3x3 may be grouped. */
export function bottleneckStages(
  net: NetBuilder,
  grouping: Grouping,
  input: Layer,
  { width: first, strideAt }: BottleneckStages,
): Layer {
  let x = input;
  BLOCKS.forEach((blocks, stage) => {
    const width = first * 2 ** stage;
    const oc = 256 * 2 ** stage;
    for (let block = 0; block < blocks; block++) {
      const name = `stage${stage + 1}.${block + 1}`;
      const stride = block === 0 && stage > 0 ? 2 : 1;
      const strideOf = (conv: "conv1" | "conv2"): number => (conv === strideAt ? stride : 1);
      const groups = grouping.groups(`${name}.conv2`, width);
      let y = net.conv(`${name}.conv1`, x, width, { kernel: 1, stride: strideOf("conv1") });
      y = net.relu(`${name}.relu1`, net.batchNorm(`${name}.bn1`, y));
      y = net.conv(`${name}.conv2`, y, width, { kernel: 3, stride: strideOf("conv2"), groups });
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
  return x;
}
