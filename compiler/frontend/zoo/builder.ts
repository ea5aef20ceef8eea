import { makeRng, type Rng } from "../../support/rng.ts";
import { between, makeEmitter } from "./emitter.ts";
import type { ZooOptions } from "./grouping.ts";
import type { NetBuilder } from "./net-builder.ts";
import { plainLayers } from "./plain-layers.ts";
import type { Sample } from "./sample.ts";
import { weightedLayers } from "./weighted-layers.ts";

export type { Layer } from "./emitter.ts";

export { BRANCH_GAIN, type ConvOptions, type NetBuilder } from "./net-builder.ts";

/** What holds where the user chose nothing, and the size of the noise image that batch norms are measured on. */
export interface Usual {
  readonly inputSize: number;
  readonly seed: number;
  readonly sampleSize: number;
}

export function makeNetBuilder(options: ZooOptions, usual: Usual): NetBuilder {
  const size = options.inputSize ?? usual.inputSize;
  const seed = options.seed ?? usual.seed;
  const image = noiseImage(options.shapesOnly ? 0 : usual.sampleSize, makeRng(seed + 1));
  const input = { name: "input", shape: [1, 3, size, size] };
  const emitter = makeEmitter(input, seed, options);
  const weighted = weightedLayers(emitter);
  const plain = plainLayers(emitter);
  return {
    ...weighted,
    ...plain,
    input: { ...input, sample: image },
    relu: (name, x) => plain.activate(name, x, "relu"),
    classifier: (x, classes, gain = 1) =>
      weighted.dense("fc", plain.flatten("flatten", plain.globalPool("pool", x)), classes, gain),
    finish(name, output) {
      const { nodes, tensors } = emitter;
      return { name, inputs: [input.name], outputs: [output.name], nodes, tensors };
    },
  };
}

/** Uniform with variance 1, about what normalised pictures have. */
function noiseImage(size: number, rng: Rng): Sample {
  const data = Float32Array.from({ length: 3 * size * size }, () => between(rng, -1, 1) * Math.sqrt(3));
  return { channels: 3, height: size, width: size, data };
}
