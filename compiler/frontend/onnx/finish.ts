import type { Graph, GraphNode, NodeOp, Tensor } from "../../graph/graph.ts";
import { inconsistent, unsupportedOperators } from "./errors.ts";
import { freshName, type ImportState, useConstant } from "./import-state.ts";
import { materialized } from "./padded.ts";
import { shapeText } from "./value.ts";

/** The graph of what reaches the outputs; each output tensor bears the name the file gives it. */
export function finishGraph(
  state: ImportState,
  name: string,
  inputs: readonly string[],
  outputs: readonly string[],
  wholePorts: boolean,
): Graph {
  if (outputs.length === 0) throw inconsistent(`\`${name}\``, "it has no output");
  for (const output of outputs) nameOutput(state, name, output, wholePorts);
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
function nameOutput(state: ImportState, model: string, output: string, wholePorts: boolean): void {
  const given = state.values.get(output);
  if (given === undefined) throw inconsistent(`output \`${output}\``, "no node computes it");
  const value = given.kind === "padded" ? materialized(state, given) : given;
  const refusal = (why: string): Error =>
    unsupportedOperators(model, state.opset, [{ node: output, operator: "output", why }], 0);
  if (value.kind === "unknown") throw refusal("its value is not known");
  const type =
    value.kind === "integers" ? value.type : value.kind === "tensor" ? value.whole?.type : undefined;
  if (type !== undefined && !wholePorts) throw refusal(`it is ${type}: outputs are float32; cast it`);
  const { shape } = value;
  if (value.kind !== "tensor") {
    if (shape.some((d) => d < 1)) throw refusal(`it has no elements: its shape is ${shapeText(shape)}`);
    // what does not depend on the inputs is written all the same
    const data = Float32Array.from(value.data);
    const known = freshName(state.tensorNames, `${output}/known`);
    const constant = useConstant(state, { kind: "constant", name: known, shape, data });
    addNode(state, output, { kind: "constant" }, constant, shape);
  } else if (value.name !== output) addNode(state, output, { kind: "reshape" }, value.name, shape);
  // else a node's own result, or an input given back as it came
}

function addNode(
  state: ImportState,
  output: string,
  op: NodeOp,
  input: string,
  shape: readonly number[],
): void {
  const name = freshName(state.nodeNames, output);
  state.nodes.push({ name, op, inputs: [input], output });
  state.tensors.set(output, { name: output, shape });
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
