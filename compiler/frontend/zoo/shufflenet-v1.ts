import type { UserError } from "../../support/diagnostic.ts";
import { BRANCH_GAIN, type Layer, makeNetBuilder, type NetBuilder } from "./builder.ts";
import { badGrouping, readGrouping, type ZooNetwork } from "./grouping.ts";

/** Output channels of the first stage by number of groups; each later stage doubles them. */
const WIDTH: Readonly<Record<number, number>> = { 1: 144, 2: 200, 3: 240, 4: 272, 8: 384 };
const UNITS = [4, 8, 4] as const;

/** ShuffleNet-V1 1x (Zhang et al. 2018, table 1 and figure 2): grouped 1x1, channel shuffle, depthwise 3x3, grouped 1x1. */
export const shufflenetV1: ZooNetwork = {
  summary: "ShuffleNet-V1 1x; grouped 1x1 in 3 groups (or --g 1, 2, 4, 8) with channel shuffle",
  defaultInput: [1, 3, 224, 224],
  build(options = {}) {
    const grouping = readGrouping("shufflenet-v1", options, () => 3);
    const groups = options.G === undefined ? (options.g ?? 3) : 0;
    const width = WIDTH[groups];
    if (width === undefined) throw unknownWidth();
    const net = makeNetBuilder(options, { inputSize: 224, seed: 3, sampleSize: 64 });
    let x = net.conv("stem.conv", net.input, 24, { kernel: 3, stride: 2 });
    x = net.maxPool("stem.pool", net.relu("stem.relu", net.batchNorm("stem.bn", x)));
    UNITS.forEach((units, stage) => {
      for (let unit = 0; unit < units; unit++) {
        x = shuffleUnit(net, `stage${stage + 2}.${unit + 1}`, x, {
          oc: width * 2 ** stage,
          down: unit === 0,
          groups,
          // Table 1: the first 1x1 of all sees only 24 channels and is dense.
          firstGroups: stage === 0 && unit === 0 ? 1 : groups,
        });
      }
    });
    return net.finish(`shufflenet-v1${grouping.suffix}`, net.classifier(x, options.classes ?? 1000));
  },
};

interface Unit {
  readonly oc: number;
  /** Halves the size and joins the average-pooled input instead of adding the input. */
  readonly down: boolean;
  readonly groups: number;
  readonly firstGroups: number;
}

function shuffleUnit(net: NetBuilder, name: string, x: Layer, unit: Unit): Layer {
  const middle = unit.oc / 4;
  const own = unit.down ? unit.oc - (x.shape[1] as number) : unit.oc;
  let y = net.conv(`${name}.conv1`, x, middle, { kernel: 1, groups: unit.firstGroups });
  y = net.relu(`${name}.relu1`, net.batchNorm(`${name}.bn1`, y));
  if (unit.firstGroups > 1) y = net.channelShuffle(`${name}.shuffle`, y, unit.firstGroups);
  y = net.conv(`${name}.conv2`, y, middle, { kernel: 3, stride: unit.down ? 2 : 1, groups: middle });
  y = net.batchNorm(`${name}.bn2`, y);
  y = net.batchNorm(
    `${name}.bn3`,
    net.conv(`${name}.conv3`, y, own, { kernel: 1, groups: unit.groups }),
    unit.down ? 1 : BRANCH_GAIN,
  );
  const joined = unit.down
    ? net.concat(`${name}.concat`, [net.averagePool(`${name}.pool`, x), y])
    : net.add(`${name}.add`, x, y);
  return net.relu(`${name}.relu2`, joined);
}

function unknownWidth(): UserError {
  return badGrouping(
    "shufflenet-v1",
    "its paper gives channel counts for 1, 2, 3, 4 and 8 groups only",
    "give one of --g 1, --g 2, --g 3, --g 4, --g 8",
  );
}
