import { isNoClamp } from "../clamps.ts";
import { type Draft, rebuild } from "../draft.ts";
import type { Add, Conv2d, Graph, GraphNode } from "../graph.ts";

type ConvNode = GraphNode & { readonly op: Conv2d };

/**
 * An add whose operand is a convolution that nothing else reads becomes that convolution's residual:
 * `conv(x) + r` is stored once. Where both operands qualify, the one computed later takes the other as
 * its residual. The convolution moves to the add's place, where both operands are ready.
 */
export function fuseResidual(graph: Graph): Graph {
  const position = new Map(graph.nodes.map((node, i) => [node.output, i]));
  return rebuild(graph, (node, draft) => {
    const { op } = node;
    const conv = op.kind === "add" ? laterConvolution(node, draft, position) : undefined;
    if (op.kind !== "add" || conv === undefined) {
      draft.push(node);
      return;
    }
    const residual = node.inputs[0] === conv.output ? node.inputs[1] : node.inputs[0];
    draft.remove(conv);
    draft.push({
      ...conv,
      op: { ...conv.op, ...ending(op), residual: true },
      inputs: [...conv.inputs, residual],
      output: node.output,
    });
  });
}

/** What an add does to its sum. */
function ending({ activation, clamp }: Add): Pick<Conv2d, "activation" | "clamp"> {
  return activation === undefined ? { clamp } : { activation, clamp };
}

function laterConvolution(
  add: GraphNode,
  draft: Draft,
  position: ReadonlyMap<string, number>,
): ConvNode | undefined {
  const [a, b] = add.inputs;
  if (draft.constant(a) !== undefined || draft.constant(b) !== undefined) return undefined;
  const candidates = add.inputs
    .map((tensor) => fusable(tensor, draft))
    .filter((conv) => conv !== undefined)
    .sort((p, q) => (position.get(q.output) ?? 0) - (position.get(p.output) ?? 0));
  return candidates[0];
}

function fusable(tensor: string, draft: Draft): ConvNode | undefined {
  const node = draft.producer(tensor);
  if (node === undefined || node.op.kind !== "conv2d" || !draft.isOnlyUse(tensor)) return undefined;
  if (node.op.residual || node.op.activation !== undefined || !isNoClamp(node.op.clamp)) return undefined;
  return { ...node, op: node.op };
}
