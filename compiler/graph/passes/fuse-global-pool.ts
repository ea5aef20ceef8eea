import type { Graph } from "../graph.ts";
import { gridsOf, offsetOf } from "../grids.ts";
import { fuseIntoProducer } from "./fuse-into-producer.ts";

/** Pixels that are added up in one sum: it keeps six digits of each. Larger maps are summed row by row (ops/pool/global-avg-pool.kernel.ts). */
const MOST_PIXELS = 1024;

/**
 * A global average pool takes the sums of a dense 1x1 convolution as they come, when nothing else reads them: the map is
 * never stored. Larger kernels keep their own ways of computing (Winograd), which are worth more.
 */
export function fuseGlobalPool(graph: Graph): Graph {
  const grids = gridsOf(graph);
  return fuseIntoProducer(graph, (producer, { op }) => {
    const { op: before, inputs } = producer;
    if (op.kind !== "global-avg-pool" || before.kind !== "conv2d" || before.groups > 1) return undefined;
    // what is quantized to 8 bits has faster ways on some cores, which store their map
    const grid = grids.get(inputs[0]);
    if (grid !== undefined && offsetOf(grid) !== undefined) return undefined;
    const [, , height, width] = graph.tensors.get(producer.output)?.shape ?? [];
    if (height * width > MOST_PIXELS) return undefined;
    return isOnePixel(graph.tensors.get(inputs[1])?.shape)
      ? { ...producer, op: { ...before, globalPool: true } }
      : undefined;
  });
}

function isOnePixel(weights: readonly number[] | undefined): boolean {
  return weights?.[2] === 1 && weights[3] === 1;
}
