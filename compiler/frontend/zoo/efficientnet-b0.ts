import { convUnit } from "./conv-unit.ts";
import { fixedNetwork } from "./fixed-network.ts";
import type { ZooNetwork } from "./grouping.ts";
import { invertedResidual } from "./inverted-residual.ts";

/** Expansion, kernel, output channels, blocks and stride of the first block (Tan and Le 2019, table 1). */
const STAGES = [
  { expansion: 1, kernel: 3, oc: 16, blocks: 1, stride: 1 },
  { expansion: 6, kernel: 3, oc: 24, blocks: 2, stride: 2 },
  { expansion: 6, kernel: 5, oc: 40, blocks: 2, stride: 2 },
  { expansion: 6, kernel: 3, oc: 80, blocks: 3, stride: 2 },
  { expansion: 6, kernel: 5, oc: 112, blocks: 3, stride: 1 },
  { expansion: 6, kernel: 5, oc: 192, blocks: 4, stride: 2 },
  { expansion: 6, kernel: 3, oc: 320, blocks: 1, stride: 1 },
] as const;

/** EfficientNet-B0 (Tan and Le 2019): the squeeze is to a quarter of the block's input channels. */
export const efficientnetB0: ZooNetwork = fixedNetwork({
  name: "efficientnet-b0",
  summary: "EfficientNet-B0 with squeeze-and-excite and SiLU",
  seed: 20,
  scores(net, classes) {
    const activation = "silu";
    let x = convUnit(net, "stem", net.input, 32, { kernel: 3, stride: 2, activation });
    STAGES.forEach(({ expansion, kernel, oc, blocks, stride }, stage) => {
      for (let block = 0; block < blocks; block++) {
        const ic = x.shape[1] as number;
        x = invertedResidual(net, `stage${stage + 1}.${block + 1}`, x, {
          kernel,
          stride: block === 0 ? stride : 1,
          ...(expansion > 1 && { width: expansion * ic }),
          oc,
          activation,
          excite: { squeezed: ic / 4, activation, gate: "sigmoid", at: "after" },
        });
      }
    });
    x = convUnit(net, "head", x, 1280, { kernel: 1, activation });
    return net.classifier(x, classes);
  },
});
