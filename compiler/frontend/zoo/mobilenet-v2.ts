import { convUnit } from "./conv-unit.ts";
import { fixedNetwork } from "./fixed-network.ts";
import type { ZooNetwork } from "./grouping.ts";
import { invertedResidual } from "./inverted-residual.ts";

/** Expansion, output channels, blocks and stride of the first block (Sandler et al. 2018, table 2). */
const STAGES = [
  { expansion: 1, oc: 16, blocks: 1, stride: 1 },
  { expansion: 6, oc: 24, blocks: 2, stride: 2 },
  { expansion: 6, oc: 32, blocks: 3, stride: 2 },
  { expansion: 6, oc: 64, blocks: 4, stride: 2 },
  { expansion: 6, oc: 96, blocks: 3, stride: 1 },
  { expansion: 6, oc: 160, blocks: 3, stride: 2 },
  { expansion: 6, oc: 320, blocks: 1, stride: 1 },
] as const;

/**
 * MobileNet-V2 1.0 (Sandler et al. 2018) as in ncnn's benchmark, which has Caffe's form of it: ReLU in place of ReLU6, and
 * an expanding 1x1 in the first block too.
 */
export const mobilenetV2: ZooNetwork = fixedNetwork({
  name: "mobilenet-v2",
  summary: "MobileNet-V2 1.0 with ReLU",
  seed: 2,
  scores(net, classes) {
    const activation = "relu";
    let x = convUnit(net, "stem", net.input, 32, { kernel: 3, stride: 2, activation });
    STAGES.forEach(({ expansion, oc, blocks, stride }, stage) => {
      for (let block = 0; block < blocks; block++) {
        const width = expansion * (x.shape[1] as number);
        x = invertedResidual(net, `stage${stage + 1}.${block + 1}`, x, {
          kernel: 3,
          stride: block === 0 ? stride : 1,
          width,
          oc,
          activation,
        });
      }
    });
    x = convUnit(net, "head", x, 1280, { kernel: 1, activation });
    return net.classifier(x, classes);
  },
});
