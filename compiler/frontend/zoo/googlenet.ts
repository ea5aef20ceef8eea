import type { Layer, NetBuilder } from "./builder.ts";
import { fixedNetwork } from "./fixed-network.ts";
import type { ZooNetwork } from "./grouping.ts";

interface Inception {
  readonly name: string;
  readonly direct: number;
  /** Channels of the 1x1 before, and of the layer itself. */
  readonly three: readonly [number, number];
  readonly five: readonly [number, number];
  readonly pool: number;
}

/** Inception modules between the pools (Szegedy et al. 2015, table 1). */
const STAGES: readonly (readonly Inception[])[] = [
  [
    { name: "3a", direct: 64, three: [96, 128], five: [16, 32], pool: 32 },
    { name: "3b", direct: 128, three: [128, 192], five: [32, 96], pool: 64 },
  ],
  [
    { name: "4a", direct: 192, three: [96, 208], five: [16, 48], pool: 64 },
    { name: "4b", direct: 160, three: [112, 224], five: [24, 64], pool: 64 },
    { name: "4c", direct: 128, three: [128, 256], five: [24, 64], pool: 64 },
    { name: "4d", direct: 112, three: [144, 288], five: [32, 64], pool: 64 },
    { name: "4e", direct: 256, three: [160, 320], five: [32, 128], pool: 128 },
  ],
  [
    { name: "5a", direct: 256, three: [160, 320], five: [32, 128], pool: 128 },
    { name: "5b", direct: 384, three: [192, 384], five: [48, 128], pool: 128 },
  ],
];
const HALVING = { kernel: 3, stride: 2, pad: 0, ceil: true } as const;
const SAME = { kernel: 3, stride: 1, pad: 1 } as const;

/** GoogLeNet (Szegedy et al. 2015) with biases, as in ncnn's benchmark, but without its two local response norms. */
export const googlenet: ZooNetwork = fixedNetwork({
  name: "googlenet",
  summary: "GoogLeNet without response norms; 1x1, 3x3 and 5x5 side by side",
  seed: 22,
  scores(net, classes) {
    let x = unit(net, "conv1", net.input, 64, 7, 2);
    x = net.maxPool("pool1", x, HALVING);
    x = unit(net, "conv2.reduce", x, 64, 1);
    x = unit(net, "conv2", x, 192, 3);
    STAGES.forEach((modules, stage) => {
      x = net.maxPool(`pool${stage + 2}`, x, HALVING);
      for (const module of modules) x = inception(net, x, module);
    });
    return net.classifier(x, classes);
  },
});

/** Figure 2b. */
function inception(net: NetBuilder, x: Layer, { name, direct, three, five, pool }: Inception): Layer {
  const within = `inception${name}`;
  const reduced = (kernel: number, [narrow, oc]: readonly [number, number]): Layer => {
    const y = unit(net, `${within}.${kernel}x${kernel}.reduce`, x, narrow, 1);
    return unit(net, `${within}.${kernel}x${kernel}`, y, oc, kernel);
  };
  const pooled = (): Layer =>
    unit(net, `${within}.pool.project`, net.maxPool(`${within}.pool`, x, SAME), pool, 1);
  return net.concat(`${within}.concat`, [
    unit(net, `${within}.1x1`, x, direct, 1),
    reduced(3, three),
    reduced(5, five),
    pooled(),
  ]);
}

function unit(net: NetBuilder, name: string, x: Layer, oc: number, kernel: number, stride = 1): Layer {
  return net.relu(`${name}.relu`, net.biasedConv(name, x, oc, { kernel, stride }));
}
