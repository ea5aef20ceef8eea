import type { GraphNode, NodeOp, Tensor } from "../../graph/graph.ts";
import { makeRng, type Rng } from "../../support/rng.ts";
import type { ZooOptions } from "./grouping.ts";
import type { Sample } from "./sample.ts";

/** An activation of a network being built. */
export interface Layer {
  readonly name: string;
  readonly shape: readonly number[];
  readonly sample: Sample;
}

/** What the layers of a network being built write to, and draw their weights from. */
export interface Emitter {
  readonly nodes: readonly GraphNode[];
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly rng: Rng;
  /** A node and its output, both called `name`. */
  emit(name: string, op: NodeOp, inputs: readonly string[], shape: readonly number[], after: Sample): Layer;
  /** Returns its name. */
  constant(name: string, shape: readonly number[], data: Float32Array): string;
  /** Weights of `fanOut` results of `fanIn` values each. */
  weights(fanOut: number, fanIn: number, gain: number): Float32Array;
}

export function makeEmitter(input: Tensor, seed: number, { shapesOnly = false }: ZooOptions): Emitter {
  const nodes: GraphNode[] = [];
  const tensors = new Map<string, Tensor>([[input.name, input]]);
  const rng = makeRng(seed);
  return {
    nodes,
    tensors,
    rng,
    emit(name, op, inputs, shape, after) {
      nodes.push({ name, op, inputs, output: name });
      tensors.set(name, { name, shape });
      return { name, shape, sample: after };
    },
    constant(name, shape, data) {
      tensors.set(name, { name, shape, data });
      return name;
    },
    weights: (fanOut, fanIn, gain) =>
      shapesOnly ? new Float32Array(fanOut * fanIn) : drawHeUniform(rng, fanOut, fanIn, gain),
  };
}

export function between(rng: Rng, lo: number, hi: number): number {
  return lo + (hi - lo) * rng.next();
}

/** He et al. 2015 in its uniform form: variance 2 / fanIn. No logarithms, so fast and the same on every machine. */
function drawHeUniform(rng: Rng, fanOut: number, fanIn: number, gain: number): Float32Array {
  const bound = gain * Math.sqrt(6 / fanIn);
  const out = new Float32Array(fanOut * fanIn);
  for (let i = 0; i < out.length; i++) out[i] = (2 * rng.next() - 1) * bound;
  return out;
}
