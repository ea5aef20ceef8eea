import type { Graph } from "../../graph/graph.ts";
import type { ZooActivation } from "./activations.ts";
import type { Layer } from "./emitter.ts";
import type { Window } from "./window.ts";

/** A square convolution. */
export interface ConvOptions {
  readonly kernel: number;
  readonly stride?: number;
  readonly groups?: number;
  /** On every side; "same" for odd kernels when absent. */
  readonly pad?: number;
  /** Factor on the weights, 1 when absent. */
  readonly gain?: number;
}

/** Of a residual branch against its shortcut: keeps small differences from growing block by block. */
export const BRANCH_GAIN = 0.3;

/** Builds a graph layer by layer with seeded weights; every method takes the new node's name and returns its output. */
export interface NetBuilder {
  readonly input: Layer;
  /** No bias; He-uniform weights. */
  conv(name: string, x: Layer, oc: number, options: ConvOptions): Layer;
  /**
   * A convolution that no batch norm follows: weights and bias are such that the sample's response has deviation `gain`
   * and, in each channel, a mean near 0, much as folding a batch norm would leave it.
   */
  biasedConv(name: string, x: Layer, oc: number, options: ConvOptions): Layer;
  /** Statistics of the sample; scales about `gain`, below 1 where a residual branch ends, as in trained networks. */
  batchNorm(name: string, x: Layer, gain?: number): Layer;
  activate(name: string, x: Layer, activation: ZooActivation): Layer;
  relu(name: string, x: Layer): Layer;
  add(name: string, a: Layer, b: Layer): Layer;
  /** Every channel of x by its own value of `gate`, [N,C,1,1]. */
  scale(name: string, x: Layer, gate: Layer): Layer;
  concat(name: string, parts: readonly Layer[]): Layer;
  /** `channels` channels from number `start` on. */
  slice(name: string, x: Layer, start: number, channels: number): Layer;
  /** 3x3, stride 2, padding 1 when no window is given. */
  maxPool(name: string, x: Layer, window?: Window): Layer;
  /** The same window when none is given; padding does not count. */
  averagePool(name: string, x: Layer, window?: Window): Layer;
  globalPool(name: string, x: Layer): Layer;
  /** [N,C,1,1] as [N,C]. */
  flatten(name: string, x: Layer): Layer;
  /** Channels of `groups` groups dealt out in turn (ShuffleNet): reshape, transpose, reshape. */
  channelShuffle(name: string, x: Layer, groups: number): Layer;
  /** Fully connected, of [N,C]; the bias takes back most of what the sample gives. */
  dense(name: string, x: Layer, oc: number, gain?: number): Layer;
  /** Global average pool, flatten, fully connected layer. */
  classifier(x: Layer, classes: number, gain?: number): Layer;
  softmax(name: string, x: Layer): Layer;
  finish(name: string, output: Layer): Graph;
}
