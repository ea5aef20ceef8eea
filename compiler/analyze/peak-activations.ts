import { elementCount } from "../graph/extents.ts";
import type { Graph } from "../graph/graph.ts";
import { defined } from "../support/assert.ts";

/**
 * The most bytes of activations that are alive at once when nodes run in order: what a node reads and writes, and what later ones
 * still read. Inputs count until they are read last, outputs from when they are written on; a reshape is another name of its input.
 */
export function peakActivations({ nodes, inputs, outputs, tensors }: Graph): number {
  const names = new Map<string, string>();
  const root = (tensor: string): string => names.get(tensor) ?? tensor;
  for (const { op, inputs: read, output } of nodes)
    if (op.kind === "reshape") names.set(output, root(read[0]));
  const lastRead = new Map<string, number>(inputs.map((input) => [input, -1]));
  nodes.forEach((node, i) => {
    for (const tensor of node.inputs) lastRead.set(root(tensor), i);
  });
  for (const output of outputs) lastRead.set(root(output), nodes.length);
  const bytes = (tensor: string): number =>
    Float32Array.BYTES_PER_ELEMENT * elementCount(defined(tensors.get(tensor), `tensor ${tensor}`).shape);
  const alive = new Set(inputs);
  let now = inputs.reduce((sum, input) => sum + bytes(input), 0);
  let most = now;
  nodes.forEach((node, i) => {
    const written = root(node.output);
    if (!alive.has(written)) now += bytes(written);
    alive.add(written);
    most = Math.max(most, now);
    for (const tensor of new Set([...node.inputs, node.output].map(root))) {
      if (!alive.has(tensor) || (lastRead.get(tensor) ?? i) > i) continue;
      alive.delete(tensor);
      now -= bytes(tensor);
    }
  });
  return most;
}
