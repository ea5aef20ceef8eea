import { BRANCH_GAIN, type Layer, type NetBuilder } from "./builder.ts";
import { convUnit } from "./conv-unit.ts";
import { fixedNetwork } from "./fixed-network.ts";
import type { ZooNetwork } from "./grouping.ts";
import { squeezeExcite } from "./squeeze-excite.ts";

const STAGES = [
  { blocks: 1, width: 48 },
  { blocks: 3, width: 104 },
  { blocks: 6, width: 208 },
  { blocks: 6, width: 440 },
] as const;
/** Channels of each group. */
const GROUP_WIDTH = 8;

/** RegNetY-400MF (Radosavovic et al. 2020, figure 18), as in ncnn's benchmark; each stage begins with a stride of 2. */
export const regnety400mf: ZooNetwork = fixedNetwork({
  name: "regnety-400mf",
  summary: "RegNetY-400MF; 3x3 in groups of 8 channels, squeeze-and-excite",
  seed: 400,
  scores(net, classes) {
    let x = convUnit(net, "stem", net.input, 32, { kernel: 3, stride: 2, activation: "relu" });
    STAGES.forEach(({ blocks, width }, stage) => {
      for (let block = 0; block < blocks; block++)
        x = yBlock(net, `stage${stage + 1}.${block + 1}`, x, width);
    });
    return net.classifier(x, classes);
  },
});

/** Halves the size where it changes the width; the squeeze is to a quarter of its input channels. */
function yBlock(net: NetBuilder, name: string, x: Layer, width: number): Layer {
  const ic = x.shape[1] as number;
  const stride = ic === width ? 1 : 2;
  const groups = width / GROUP_WIDTH;
  let y = convUnit(net, `${name}.unit1`, x, width, { kernel: 1, activation: "relu" });
  y = convUnit(net, `${name}.unit2`, y, width, { kernel: 3, stride, groups, activation: "relu" });
  y = squeezeExcite(net, `${name}.se`, y, { squeezed: ic / 4, activation: "relu", gate: "sigmoid" });
  y = convUnit(net, `${name}.unit3`, y, width, { kernel: 1, gain: BRANCH_GAIN });
  const shortcut = stride === 1 ? x : convUnit(net, `${name}.shortcut`, x, width, { kernel: 1, stride });
  return net.relu(`${name}.relu`, net.add(`${name}.add`, y, shortcut));
}
