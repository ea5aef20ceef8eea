import type { Layer, NetBuilder } from "./builder.ts";
import { convUnit, depthwiseUnit } from "./conv-unit.ts";
import { fixedNetwork } from "./fixed-network.ts";
import type { ZooNetwork } from "./grouping.ts";

const STAGES = [
  { units: 4, oc: 116 },
  { units: 8, oc: 232 },
  { units: 4, oc: 464 },
] as const;

/** ShuffleNet-V2 1x (Ma et al. 2018, table 5 and figure 3c, d), as in ncnn's benchmark. */
export const shufflenetV2: ZooNetwork = fixedNetwork({
  name: "shufflenet-v2",
  summary: "ShuffleNet-V2 1x; half of the channels by, channel shuffle",
  seed: 5,
  scores(net, classes) {
    let x = convUnit(net, "stem", net.input, 24, { kernel: 3, stride: 2, activation: "relu" });
    x = net.maxPool("stem.pool", x, { kernel: 3, stride: 2, pad: 0, ceil: true });
    STAGES.forEach(({ units, oc }, stage) => {
      for (let unit = 0; unit < units; unit++) {
        const name = `stage${stage + 2}.${unit + 1}`;
        const halves = unit === 0 ? halved(net, name, x, oc / 2) : divided(net, name, x);
        x = net.channelShuffle(`${name}.shuffle`, net.concat(`${name}.concat`, halves), 2);
      }
    });
    x = convUnit(net, "head", x, 1024, { kernel: 1, activation: "relu" });
    return net.classifier(x, classes);
  },
});

/** Figure 3d: all channels go both ways, at half the size. */
function halved(net: NetBuilder, name: string, x: Layer, oc: number): readonly Layer[] {
  const left = depthwiseUnit(net, `${name}.left.depthwise`, x, { kernel: 3, stride: 2 });
  return [
    convUnit(net, `${name}.left.pointwise`, left, oc, { kernel: 1, activation: "relu" }),
    branch(net, `${name}.right`, x, oc, 2),
  ];
}

/** Figure 3c: the first half of the channels stays as it is. */
function divided(net: NetBuilder, name: string, x: Layer): readonly Layer[] {
  const half = (x.shape[1] as number) / 2;
  const right = net.slice(`${name}.right`, x, half, half);
  return [net.slice(`${name}.left`, x, 0, half), branch(net, `${name}.right`, right, half, 1)];
}

function branch(net: NetBuilder, name: string, x: Layer, oc: number, stride: number): Layer {
  const wide = convUnit(net, `${name}.pointwise1`, x, oc, { kernel: 1, activation: "relu" });
  const filtered = depthwiseUnit(net, `${name}.depthwise`, wide, { kernel: 3, stride });
  return convUnit(net, `${name}.pointwise2`, filtered, oc, { kernel: 1, activation: "relu" });
}
