import type { Graph, GraphNode, Tensor } from "../../graph/graph.ts";
import { inconsistent, unsupportedOperators } from "./errors.ts";
import { freshName, type ImportState } from "./import-state.ts";
import { materialized } from "./padded.ts";
import type { Value } from "./value.ts";

/** The graph of what reaches the outputs; each output tensor bears the name the file gives it. */
export function finishGraph(
  state: ImportState,
  name: string,
  inputs: readonly string[],
  outputs: readonly string[],
): Graph {
  if (outputs.length === 0) throw inconsistent(`\`${name}\``, "it has no output");
  for (const output of outputs) nameOutput(state, name, output);
  const nodes = reachable(state.nodes, outputs);
  const used = new Set([...inputs, ...outputs, ...nodes.flatMap((n) => [...n.inputs, n.output])]);
  const tensors = new Map<string, Tensor>();
  for (const [key, tensor] of state.tensors) if (used.has(key)) tensors.set(key, tensor);
  return { name, inputs, outputs, nodes, tensors };
}

/** What has been emitted of a network that cannot be compiled; results that nobody knows how to compute are inputs. */
export function graphInProgress(state: ImportState, name: string, inputs: readonly string[]): Graph {
  const computed = new Set(state.nodes.map(({ output }) => output));
  const read = new Set(state.nodes.flatMap((node) => node.inputs));
  const missing = [...read].filter(
    (tensor) =>
      !computed.has(tensor) && !inputs.includes(tensor) && state.tensors.get(tensor)?.data === undefined,
  );
  const outputs = [...computed].filter((tensor) => !read.has(tensor));
  return { name, inputs: [...inputs, ...missing], outputs, nodes: state.nodes, tensors: state.tensors };
}

/** An output that is only another name (behind Identity or Dropout) gets a tensor of its own by a copying reshape. */
function nameOutput(state: ImportState, model: string, output: string): void {
  const given = state.values.get(output);
  if (given === undefined) throw inconsistent(`output \`${output}\``, "no node computes it");
  const value = given.kind === "padded" ? materialized(state, given) : given;
  if (value.kind !== "tensor") {
    const item = { node: output, operator: "output", why: valuelessOutput(value) };
    throw unsupportedOperators(model, state.opset, [item], 0);
  }
  // A node's own result, or an input given back as it came.
  if (value.name === output) return;
  const node = freshName(state.nodeNames, output);
  state.nodes.push({ name: node, op: { kind: "reshape" }, inputs: [value.name], output });
  state.tensors.set(output, { name: output, shape: value.shape });
}

function valuelessOutput(value: Value): string {
  switch (value.kind) {
    case "constant":
    case "integers":
      return "it is constant: it does not depend on the inputs";
    default:
      return "its value is not known";
  }
}

function reachable(nodes: readonly GraphNode[], outputs: readonly string[]): readonly GraphNode[] {
  const wanted = new Set(outputs);
  const kept: GraphNode[] = [];
  for (const node of [...nodes].reverse()) {
    if (!wanted.has(node.output)) continue;
    for (const input of node.inputs) wanted.add(input);
    kept.push(node);
  }
  return kept.reverse();
}
