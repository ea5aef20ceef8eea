import { NO_CLAMP } from "../../graph/graph.ts";
import { defined } from "../../support/assert.ts";
import { ZOO_ACTIVATIONS } from "./activations.ts";
import type { Emitter, Layer } from "./emitter.ts";
import type { NetBuilder } from "./net-builder.ts";
import * as sample from "./sample.ts";
import { slideOver } from "./sample-window.ts";
import { type Window, windowedShape, windowPads } from "./window.ts";

type PlainLayers = Omit<
  NetBuilder,
  "input" | "conv" | "biasedConv" | "batchNorm" | "dense" | "relu" | "classifier" | "finish"
>;

/** Layers without weights. */
export function plainLayers(net: Emitter): PlainLayers {
  return {
    activate(name, x, activation) {
      const { op, of } = ZOO_ACTIVATIONS[activation];
      return net.emit(name, op, [x.name], x.shape, sample.map(x.sample, of));
    },

    add: (name, a, b) =>
      net.emit(
        name,
        { kind: "add", clamp: NO_CLAMP },
        [a.name, b.name],
        a.shape,
        sample.sum(a.sample, b.sample),
      ),

    scale: (name, x, gate) =>
      net.emit(
        name,
        { kind: "mul", residual: false, clamp: NO_CLAMP },
        [x.name, gate.name],
        x.shape,
        sample.scaleShift(x.sample, gate.sample.data, new Float32Array(gate.sample.channels)),
      ),

    concat: (name, parts) => concat(net, name, parts),

    slice: (name, x, start, channels) =>
      net.emit(
        name,
        { kind: "slice", axis: 1, start },
        [x.name],
        x.shape.with(1, channels),
        sample.slice(x.sample, start, channels),
      ),

    maxPool: (name, x, window = HALVING) => pool(net, name, x, "max", window),
    averagePool: (name, x, window = HALVING) => pool(net, name, x, "average", window),

    globalPool: (name, x) =>
      net.emit(
        name,
        { kind: "global-avg-pool" },
        [x.name],
        [...x.shape.slice(0, 2), 1, 1],
        sample.average(x.sample),
      ),

    flatten: (name, x) => net.emit(name, { kind: "reshape" }, [x.name], x.shape.slice(0, 2), x.sample),

    channelShuffle: (name, x, groups) => channelShuffle(net, name, x, groups),

    softmax: (name, x) => net.emit(name, { kind: "softmax", axis: 1 }, [x.name], x.shape, x.sample),
  };
}

const HALVING: Window = { kernel: 3, stride: 2, pad: 1 };

/** Reshape, transpose, reshape. */
function channelShuffle(net: Emitter, name: string, x: Layer, groups: number): Layer {
  const [n, c, h, w] = x.shape as [number, number, number, number];
  const each = c / groups;
  const after = sample.pickChannels(x.sample, (i) => (i % groups) * each + Math.floor(i / groups));
  const split = net.emit(`${name}.split`, { kind: "reshape" }, [x.name], [n, groups, each, h, w], x.sample);
  const turned = net.emit(
    `${name}.transpose`,
    { kind: "transpose", perm: [0, 2, 1, 3, 4] },
    [split.name],
    [n, each, groups, h, w],
    after,
  );
  return net.emit(name, { kind: "reshape" }, [turned.name], x.shape, after);
}

function pool(net: Emitter, name: string, x: Layer, mode: "max" | "average", window: Window): Layer {
  const { kernel, stride } = window;
  const op = {
    kind: "pool",
    mode,
    kernel: [kernel, kernel],
    strides: [stride, stride],
    pads: windowPads(x.shape, window),
    dilations: [1, 1],
    countIncludePad: false,
  } as const;
  const shape = windowedShape(x.shape, x.shape[1] as number, window);
  return net.emit(name, op, [x.name], shape, slideOver(x.sample, mode, window));
}

function concat(net: Emitter, name: string, parts: readonly Layer[]): Layer {
  const first = defined(parts[0], "the first part");
  const channels = parts.reduce((sum, p) => sum + (p.shape[1] as number), 0);
  return net.emit(
    name,
    { kind: "concat", axis: 1 },
    parts.map((p) => p.name),
    first.shape.with(1, channels),
    sample.join(parts.map((p) => p.sample)),
  );
}
