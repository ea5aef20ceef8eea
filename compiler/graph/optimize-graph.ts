import type { Graph } from "./graph.ts";
import { absorbMoves } from "./passes/absorb-moves.ts";
import { activateBeforeReshape } from "./passes/activate-before-reshape.ts";
import { findDepthToSpace } from "./passes/find-depth-to-space.ts";
import { foldBatchNorm } from "./passes/fold-batch-norm.ts";
import { foldConstants } from "./passes/fold-constants.ts";
import { fuseActivation } from "./passes/fuse-activation.ts";
import { fuseClamp } from "./passes/fuse-clamp.ts";
import { fuseGlobalPool } from "./passes/fuse-global-pool.ts";
import { fuseLayerNorm } from "./passes/fuse-layer-norm.ts";
import { fuseResidual } from "./passes/fuse-residual.ts";
import { growConcats } from "./passes/grow-concats.ts";
import { joinSlices } from "./passes/join-slices.ts";
import { keepImages } from "./passes/keep-images.ts";
import { lowerBatchNorm } from "./passes/lower-batch-norm.ts";
import { mergeBatchNorms } from "./passes/merge-batch-norms.ts";
import { pairQuantization } from "./passes/pair-quantization.ts";
import { pushBatchNormThroughClamp } from "./passes/push-batch-norm-through-clamp.ts";
import { pushBatchNormThroughConcat } from "./passes/push-batch-norm-through-concat.ts";
import { pushClampThroughConcat } from "./passes/push-clamp-through-concat.ts";
import { pushThroughDepthToSpace } from "./passes/push-through-depth-to-space.ts";
import { readersTogether } from "./passes/readers-together.ts";
import { removeDead } from "./passes/remove-dead.ts";
import { removeRedundantClamps } from "./passes/remove-redundant-clamps.ts";
import { roundSums } from "./passes/round-by-products.ts";
import { simplifyReshapes } from "./passes/simplify-reshapes.ts";
import { splitTransposes } from "./passes/split-transposes.ts";

export type GraphPass = (graph: Graph) => Graph;

type NamedPass = readonly [name: string, pass: GraphPass];

/** Those that leave the layers a network is known by. */
const FOLDING: readonly NamedPass[] = [
  ["pair-quantization", pairQuantization],
  ["fold-constants", foldConstants],
  ["keep-images", keepImages],
  ["simplify-reshapes", simplifyReshapes],
  ["find-depth-to-space", findDepthToSpace],
  ["absorb-moves", absorbMoves],
  ["fuse-layer-norm", fuseLayerNorm],
  ["split-transposes", splitTransposes],
  ["join-slices", joinSlices],
  ["grow-concats", growConcats],
  ["remove-dead", removeDead],
  ["push-through-depth-to-space", pushThroughDepthToSpace],
  ["push-batch-norm-through-concat", pushBatchNormThroughConcat],
  ["push-batch-norm-through-clamp", pushBatchNormThroughClamp],
  ["merge-batch-norms", mergeBatchNorms],
  ["fold-batch-norm", foldBatchNorm],
  ["lower-batch-norm", lowerBatchNorm],
  ["push-clamp-through-concat", pushClampThroughConcat],
  ["activate-before-reshape", activateBeforeReshape],
  ["fuse-activation", fuseActivation],
  ["fuse-clamp", fuseClamp],
  ["remove-redundant-clamps", removeRedundantClamps],
  ["readers-together", readersTogether],
  ["fuse-residual", fuseResidual],
  // sums take no slopes, convolutions that add do
  ["fuse-activation-of-sum", fuseActivation],
  ["round-sums", roundSums],
];

/** In order; each pass takes any graph and gives one that computes the same. */
export const GRAPH_PASSES: readonly NamedPass[] = [...FOLDING, ["fuse-global-pool", fuseGlobalPool]];

/** The graph as it will be compiled: batch norms, activations and residual adds folded into convolutions. */
export function optimizeGraph(graph: Graph, onPass?: (name: string, after: Graph) => void): Graph {
  return GRAPH_PASSES.reduce((before, [name, pass]) => {
    const after = pass(before);
    onPass?.(name, after);
    return after;
  }, graph);
}

/** The layers as they are counted: the same, with global pools of their own. */
export function foldGraph(graph: Graph): Graph {
  return FOLDING.reduce((before, [, pass]) => pass(before), graph);
}
