import { convUnit } from "./conv-unit.ts";
import { fixedNetwork } from "./fixed-network.ts";
import type { ZooNetwork } from "./grouping.ts";
import { invertedResidual } from "./inverted-residual.ts";

/** Expansion, kernel, output channels, blocks and stride of the first block. */
const STAGES = [
  { expansion: 3, kernel: 3, oc: 24, blocks: 3, stride: 2 },
  { expansion: 3, kernel: 5, oc: 40, blocks: 3, stride: 2 },
  { expansion: 6, kernel: 5, oc: 80, blocks: 3, stride: 2 },
  { expansion: 6, kernel: 3, oc: 96, blocks: 2, stride: 1 },
  { expansion: 6, kernel: 5, oc: 192, blocks: 4, stride: 2 },
  { expansion: 6, kernel: 3, oc: 320, blocks: 1, stride: 1 },
] as const;

/** MNASNet 1.0 without squeeze-and-excite (Tan et al. 2019, MnasNet-B1), as in ncnn's benchmark. */
export const mnasnet: ZooNetwork = fixedNetwork({
  name: "mnasnet1.0",
  summary: "MNASNet 1.0 (B1); depthwise 3x3 and 5x5",
  seed: 10,
  scores(net, classes) {
    const activation = "relu";
    let x = convUnit(net, "stem", net.input, 32, { kernel: 3, stride: 2, activation });
    x = invertedResidual(net, "stage1.1", x, { kernel: 3, stride: 1, oc: 16, activation });
    STAGES.forEach(({ expansion, kernel, oc, blocks, stride }, stage) => {
      for (let block = 0; block < blocks; block++) {
        x = invertedResidual(net, `stage${stage + 2}.${block + 1}`, x, {
          kernel,
          stride: block === 0 ? stride : 1,
          width: expansion * (x.shape[1] as number),
          oc,
          activation,
        });
      }
    });
    x = convUnit(net, "head", x, 1280, { kernel: 1, activation });
    return net.classifier(x, classes);
  },
});
