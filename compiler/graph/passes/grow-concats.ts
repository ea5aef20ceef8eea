import { rebuild } from "../draft.ts";
import type { Graph } from "../graph.ts";

/** Concats by what they join, tensor after tensor: each entry says what follows a beginning. */
interface Beginning {
  /** What a concat of just these tensors yields. */
  output?: string;
  readonly next: Map<string, Beginning>;
}

/**
 * A concat that begins with all that an earlier one joined begins with its result instead, so that a list that grows
 * (DenseNet: each layer reads all layers before it) is joined once and not anew for each reader.
 */
export function growConcats(graph: Graph): Graph {
  const byAxis = new Map<number, Beginning>();
  return rebuild(graph, (node, draft) => {
    if (node.op.kind !== "concat") {
      draft.push(node);
      return;
    }
    const root = byAxis.get(node.op.axis) ?? { next: new Map() };
    byAxis.set(node.op.axis, root);
    let at: Beginning = root;
    let known = { output: "", parts: 0 };
    node.inputs.forEach((tensor, i) => {
      const after: Beginning = at.next.get(tensor) ?? { next: new Map() };
      at.next.set(tensor, after);
      at = after;
      if (at.output !== undefined && i > 0) known = { output: at.output, parts: i + 1 };
    });
    at.output ??= node.output;
    const rest = node.inputs.slice(known.parts);
    if (rest.length === 0 && !graph.outputs.includes(node.output)) {
      draft.substitute(node.output, known.output);
      return;
    }
    draft.push(known.parts === 0 ? node : { ...node, inputs: [known.output, ...rest] });
  });
}
