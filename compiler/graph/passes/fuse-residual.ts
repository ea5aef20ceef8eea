import { type Draft, rebuild } from "../draft.ts";
import { endsPlainly } from "../epilogue.ts";
import type { Add, Graph, GraphNode } from "../graph.ts";
import { has, type OpWith } from "../node-traits.ts";

type Adder = OpWith<"adds">;
type AdderNode = GraphNode & { readonly op: Adder };
type AddNode = GraphNode & { readonly op: Add };

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
    const conv = op.kind === "add" ? laterAdder({ ...node, op }, draft, position) : undefined;
    if (op.kind !== "add" || conv === undefined) {
      draft.push(node);
      return;
    }
    const residual = node.inputs[0] === conv.output ? node.inputs[1] : node.inputs[0];
    draft.remove(conv);
    draft.push({
      ...conv,
      op: endsPlainly(conv.op)
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
  add: AddNode,
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
  return candidates.find(({ op }) => endsPlainly(op)) ?? (endsPlainly(add.op) ? candidates[0] : undefined);
}

function fusable(tensor: string, draft: Draft): AdderNode | undefined {
  const node = draft.producer(tensor);
  if (node === undefined || !has(node.op, "adds") || !draft.isOnlyUse(tensor)) return undefined;
  return node.op.residual ? undefined : { ...node, op: node.op };
}
