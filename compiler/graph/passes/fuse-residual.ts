import { isNoClamp } from "../clamps.ts";
import { type Draft, rebuild } from "../draft.ts";
import type { Add, Conv2d, Graph, GraphNode, MatMul, Mul, NodeOp } from "../graph.ts";

/** What can add a residual to what it stores. */
type Adder = Conv2d | MatMul | Mul;
type AdderNode = GraphNode & { readonly op: Adder };

/**
 * An add whose operand is a convolution (or a product) that nothing else reads becomes that convolution's residual: `conv(x) + r` is
 * stored once. A convolution with an activation takes it after that, when the sum is stored as it is. Where both operands
 * qualify, one without an activation goes first, then the one computed later takes the other as its residual. The
 * convolution moves to the add's place, where both operands are ready.
 */
export function fuseResidual(graph: Graph): Graph {
  const position = new Map(graph.nodes.map((node, i) => [node.output, i]));
  return rebuild(graph, (node, draft) => {
    const { op } = node;
    const conv = op.kind === "add" ? laterAdder(node, draft, position) : undefined;
    if (op.kind !== "add" || conv === undefined) {
      draft.push(node);
      return;
    }
    const residual = node.inputs[0] === conv.output ? node.inputs[1] : node.inputs[0];
    draft.remove(conv);
    draft.push({
      ...conv,
      op: isPlain(conv.op)
        ? { ...conv.op, ...ending(op), residual: "before" }
        : { ...conv.op, residual: "after" },
      inputs: [...conv.inputs, residual],
      output: node.output,
    });
  });
}

/** What an add does to its sum. */
function ending({ activation, clamp }: Add): Pick<Adder, "activation" | "clamp"> {
  return activation === undefined ? { clamp } : { activation, clamp };
}

function laterAdder(
  add: GraphNode,
  draft: Draft,
  position: ReadonlyMap<string, number>,
): AdderNode | undefined {
  const [a, b] = add.inputs;
  if (draft.constant(a) !== undefined || draft.constant(b) !== undefined) return undefined;
  const place = ({ output }: GraphNode): number => position.get(output) ?? 0;
  const candidates = add.inputs
    .map((tensor) => fusable(tensor, draft))
    .filter((conv) => conv !== undefined)
    .sort((p, q) => place(q) - place(p));
  return candidates.find(({ op }) => isPlain(op)) ?? (storesSum(add.op) ? candidates[0] : undefined);
}

/** Nothing is done to the result yet. */
function isPlain({ activation, clamp }: Adder): boolean {
  return activation === undefined && isNoClamp(clamp);
}

function storesSum(op: NodeOp): boolean {
  return op.kind === "add" && op.activation === undefined && isNoClamp(op.clamp);
}

function canAdd(op: NodeOp): op is Adder {
  return op.kind === "conv2d" || op.kind === "matmul" || op.kind === "mul";
}

function fusable(tensor: string, draft: Draft): AdderNode | undefined {
  const node = draft.producer(tensor);
  if (node === undefined || !canAdd(node.op) || !draft.isOnlyUse(tensor)) return undefined;
  return node.op.residual ? undefined : { ...node, op: node.op };
}
