import { convUnit } from "./conv-unit.ts";
import { fixedNetwork } from "./fixed-network.ts";
import type { ZooNetwork } from "./grouping.ts";
import { invertedResidual } from "./inverted-residual.ts";

type Row = readonly [
  kernel: number,
  stride: number,
  width: number,
  oc: number,
  activation: "relu" | "hard-swish",
  excite: boolean,
];

/** The blocks after the first. */
const BLOCKS: readonly Row[] = [
  [3, 2, 64, 24, "relu", false],
  [3, 1, 72, 24, "relu", false],
  [5, 2, 72, 40, "relu", true],
  [5, 1, 120, 40, "relu", true],
  [5, 1, 120, 40, "relu", true],
  [3, 2, 240, 80, "hard-swish", false],
  [3, 1, 200, 80, "hard-swish", false],
  [3, 1, 184, 80, "hard-swish", false],
  [3, 1, 184, 80, "hard-swish", false],
  [3, 1, 480, 112, "hard-swish", true],
  [3, 1, 672, 112, "hard-swish", true],
  [5, 1, 672, 160, "hard-swish", true],
  [5, 2, 672, 160, "hard-swish", true],
  [5, 1, 960, 160, "hard-swish", true],
];

/**
 * MobileNet-V3 Large (Howard et al. 2019, table 1) as in ncnn's benchmark, which has an early form of it: the block from 112
 * to 160 channels keeps the size and the next one halves it, with 672 channels still; squeeze-and-excite, to a quarter of the
 * width, comes before the activation.
 */
export const mobilenetV3: ZooNetwork = fixedNetwork({
  name: "mobilenet-v3",
  summary: "MobileNet-V3 Large with squeeze-and-excite and hard swish",
  seed: 33,
  scores(net, classes) {
    let x = convUnit(net, "stem", net.input, 16, { kernel: 3, stride: 2, activation: "hard-swish" });
    x = invertedResidual(net, "block1", x, { kernel: 3, stride: 1, oc: 16, activation: "relu" });
    BLOCKS.forEach(([kernel, stride, width, oc, activation, excited], block) => {
      const se = { squeezed: width / 4, activation: "relu", gate: "hard-sigmoid", at: "before" } as const;
      const own = { kernel, stride, width, oc, activation };
      x = invertedResidual(net, `block${block + 2}`, x, excited ? { ...own, excite: se } : own);
    });
    x = convUnit(net, "head", x, 960, { kernel: 1, activation: "hard-swish" });
    x = net.activate("pool.hard-swish", net.globalPool("pool", x), "hard-swish");
    x = net.dense("fc1", net.flatten("flatten", x), 1280);
    x = net.activate("fc1.hard-swish", x, "hard-swish");
    return net.dense("fc2", x, classes);
  },
});
