import { composeClamps } from "../epilogue.ts";
import type { Graph } from "../graph.ts";
import { addsLast, has } from "../node-traits.ts";
import { fuseIntoProducer } from "./fuse-into-producer.ts";

/** A clamp (ReLU, ReLU6, Clip) is done by the node before it, when that has a clamp of its own as the last thing it does. */
export function fuseClamp(graph: Graph): Graph {
  return fuseIntoProducer(graph, (producer, { op }) => {
    const before = producer.op;
    if (op.kind !== "clamp" || addsLast(before)) return undefined;
    if (!has(before, "epilogue") && !has(before, "element-wise")) return undefined;
    return { ...producer, op: { ...before, clamp: composeClamps(before.clamp, op.clamp) } };
  });
}
