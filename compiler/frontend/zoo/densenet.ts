import type { Layer, NetBuilder } from "./builder.ts";
import { convUnit } from "./conv-unit.ts";
import { fixedNetwork } from "./fixed-network.ts";
import type { ZooNetwork } from "./grouping.ts";

/** Channels that each layer adds. */
const GROWTH = 32;
const PAIRS = { kernel: 2, stride: 2, pad: 0 } as const;

/** DenseNet (Huang et al. 2017, table 1): every layer of a block reads what all layers before it made. */
function densenet(depth: number, seed: number, blocks: readonly number[]): ZooNetwork {
  return fixedNetwork({
    name: `densenet${depth}`,
    summary: `DenseNet-${depth}; each layer of a block joined to all before it`,
    seed,
    scores(net, classes) {
      let x = convUnit(net, "stem", net.input, 64, { kernel: 7, stride: 2, activation: "relu" });
      x = net.maxPool("stem.pool", x);
      blocks.forEach((layers, block) => {
        if (block > 0) x = transition(net, `transition${block}`, x);
        x = denseBlock(net, `block${block + 1}`, x, layers);
      });
      return net.classifier(normal(net, "head", x), classes);
    },
  });
}

export const densenet121 = densenet(121, 31, [6, 12, 24, 16]);
export const densenet201 = densenet(201, 32, [6, 12, 48, 32]);

/** Each concat begins with the parts of the one before, as exporters write it. */
function denseBlock(net: NetBuilder, name: string, x: Layer, layers: number): Layer {
  const parts = [x];
  let all = x;
  for (let at = 1; at <= layers; at++) {
    const within = `${name}.${at}`;
    const narrow = net.conv(`${within}.1x1`, normal(net, `${within}.in`, all), 4 * GROWTH, { kernel: 1 });
    parts.push(net.conv(`${within}.3x3`, normal(net, `${within}.mid`, narrow), GROWTH, { kernel: 3 }));
    all = net.concat(`${within}.concat`, parts);
  }
  return all;
}

function transition(net: NetBuilder, name: string, x: Layer): Layer {
  const half = net.conv(`${name}.1x1`, normal(net, `${name}.in`, x), (x.shape[1] as number) / 2, {
    kernel: 1,
  });
  return net.averagePool(`${name}.pool`, half, PAIRS);
}

function normal(net: NetBuilder, name: string, x: Layer): Layer {
  return net.relu(`${name}.relu`, net.batchNorm(`${name}.bn`, x));
}
