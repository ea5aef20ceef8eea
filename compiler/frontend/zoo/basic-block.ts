import { BRANCH_GAIN, type Layer, type NetBuilder } from "./builder.ts";
import type { Grouping } from "./grouping.ts";
import { conv3x3 } from "./separable.ts";

export interface BasicStages {
  /** Blocks of each stage. */
  readonly blocks: readonly number[];
  /** A 1x1 on the shortcut of the very first block too, whose shape needs none. */
  readonly projectsFirst: boolean;
}

/** Stages of blocks of two 3x3 with 64, 128, ... channels (He et al. 2016, table 1); grouped form: separable.ts. */
export function basicStages(net: NetBuilder, grouping: Grouping, input: Layer, stages: BasicStages): Layer {
  let x = input;
  stages.blocks.forEach((blocks, stage) => {
    const oc = 64 * 2 ** stage;
    for (let block = 0; block < blocks; block++) {
      const name = `stage${stage + 1}.${block + 1}`;
      const stride = block === 0 && stage > 0 ? 2 : 1;
      let y = conv3x3(net, grouping, `${name}.conv1`, x, oc, stride);
      y = net.relu(`${name}.relu1`, net.batchNorm(`${name}.bn1`, y));
      y = net.batchNorm(`${name}.bn2`, conv3x3(net, grouping, `${name}.conv2`, y, oc, 1), BRANCH_GAIN);
      const first = block === 0 && (stage > 0 || stages.projectsFirst);
      const shortcut = first
        ? net.batchNorm(
            `${name}.shortcut.bn`,
            net.conv(`${name}.shortcut.conv`, x, oc, { kernel: 1, stride }),
          )
        : x;
      x = net.relu(`${name}.relu2`, net.add(`${name}.add`, y, shortcut));
    }
  });
  return x;
}
