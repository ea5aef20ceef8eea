import type { Graph, GraphNode } from "../graph/graph.ts";
import { ops } from "../ops/index.ts";
import type { OpDef } from "../ops/op.ts";
import type { LayerPart } from "./layer-part.ts";

/**
 * Tensors of a model that a board may have computed as f16. Plans have tensors that the model does not know, and nodes that were
 * fused leave none, so it is not asked which tensor is f16, but which layers are: those between the tensors that one was made of
 * and the one itself. That calls a few f16 that are not, where both lie beside each other.
 */
export function halfTensors(model: Graph, layers: readonly LayerPart[]): ReadonlySet<string> {
  const makers = new Map(model.nodes.map((node) => [node.output, node]));
  const completedAt = new Map<string, number>();
  const candidates: { readonly at: number; readonly completes: string | undefined }[] = [];
  for (const [at, { op, floats, output }] of layers.entries()) {
    const completes = output && makers.has(output.tensor) ? output.tensor : undefined;
    if (completes !== undefined) completedAt.set(completes, at);
    // borders belong to layers that are there already
    if (!writesBorders(op) && (floats === "f16" || output?.dtype === "f16"))
      candidates.push({ at, completes });
  }
  const found = new Set<string>();
  if (candidates.length === 0) return found;
  for (const tensor of new Set([...completedAt.keys(), ...model.outputs])) {
    const until = completedAt.get(tensor) ?? layers.length;
    const { since, nodes } = madeOf(tensor, until, { model, makers, completedAt });
    const isHalf = candidates.some(
      ({ at, completes }) => since < at && at <= until && (completes ?? tensor) === tensor,
    );
    if (isHalf) for (const { output } of nodes) found.add(output);
  }
  return found;
}

function writesBorders(op: string): boolean {
  const known: Readonly<Record<string, OpDef>> = ops;
  return Object.hasOwn(known, op) && known[op].borders === true;
}

interface Completed {
  readonly model: Graph;
  readonly makers: ReadonlyMap<string, GraphNode>;
  /** The layer that completes each tensor of a node. */
  readonly completedAt: ReadonlyMap<string, number>;
}

/** The nodes that make a tensor of those that were complete before, and the layer that completed the first of these: -1 for inputs. */
function madeOf(
  tensor: string,
  until: number,
  { model, makers, completedAt }: Completed,
): { readonly since: number; readonly nodes: ReadonlySet<GraphNode> } {
  const nodes = new Set<GraphNode>();
  const open = [tensor];
  let since = until;
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const at = name === tensor ? undefined : completedAt.get(name);
    const node = makers.get(name);
    if (at !== undefined && at < until) since = Math.min(since, at);
    else if (node === undefined) since = model.inputs.includes(name) ? -1 : since;
    else if (!nodes.has(node)) {
      nodes.add(node);
      open.push(...node.inputs);
    }
  }
  // what is made of constants alone may be made at any time
  return { since: since === until ? -1 : since, nodes };
}
