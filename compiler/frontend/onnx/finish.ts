import type { Graph, GraphNode, NodeOp, Tensor } from "../../graph/graph.ts";
import { defined } from "../../support/assert.ts";
import { inconsistent, unsupportedOperators } from "./errors.ts";
import { freshName, type ImportState, useConstant } from "./import-state.ts";
import { materialized } from "./padded.ts";
import { onnxTypeOf, wholeTypeOf } from "./port-types.ts";
import { shapeText } from "./value.ts";
import { EXACT, findInteger } from "./whole.ts";

/** The graph of what reaches the outputs; each output tensor bears the name the file gives it. */
export function finishGraph(
  state: ImportState,
  name: string,
  inputs: readonly string[],
  outputs: readonly string[],
  doubles: ReadonlySet<string>,
): Graph {
  if (outputs.length === 0) throw inconsistent(`\`${name}\``, "it has no output");
  for (const output of outputs) {
    nameOutput(state, name, output, doubles.has(output));
    showUsed(state, name, output);
  }
  const checks = state.nodes.flatMap(({ op, output }) => (op.kind === "check" ? [output] : []));
  const nodes = reachable(state.nodes, [...outputs, ...checks]);
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
function nameOutput(state: ImportState, model: string, output: string, double: boolean): void {
  const given = state.values.get(output);
  const refusal = (why: string): Error =>
    unsupportedOperators(model, state.opset, [{ node: output, operator: "output", why }], 0);
  if (state.sequences.has(output)) throw refusal("it is a sequence of tensors");
  if (given === undefined) throw inconsistent(`output \`${output}\``, "no node computes it");
  const value = given.kind === "padded" ? materialized(state, given) : given;
  if (value.kind === "unknown") throw refusal("its value is not known");
  const { shape } = value;
  const named =
    value.kind === "integers" ? value.type : value.kind === "tensor" ? value.whole?.type : undefined;
  const type = named ? wholeTypeOf(named) : double ? "f64" : undefined;
  const add = (op: NodeOp, input: string): void => {
    state.nodes.push({ name: freshName(state.nodeNames, output), op, inputs: [input], output });
    state.tensors.set(output, { name: output, shape });
  };
  if (value.kind !== "tensor") {
    keepWeight(state, output);
    const wrong = value.kind === "integers" ? findInteger(value, (v) => Math.abs(v) > EXACT) : undefined;
    if (wrong !== undefined) throw refusal(`it holds ${wrong}, beyond ${EXACT}`);
    if (shape.some((d) => d < 1)) throw refusal(`it has no elements: its shape is ${shapeText(shape)}`);
    // what does not depend on the inputs is written all the same
    const data = new Float32Array(value.data);
    const known = freshName(state.tensorNames, `${output}/known`);
    add({ kind: "constant" }, useConstant(state, { kind: "constant", name: known, shape, data }, "infinite"));
  } else if (value.name !== output) {
    const rows = state.rows.get(value.name);
    if (rows !== undefined) state.rows.set(output, rows);
    add({ kind: "reshape" }, value.name);
  }
  // else a node's own result, or an input given back as it came
  state.tensors.set(output, { name: output, shape, ...(type && { type }) });
}

/** Weights that nodes read under an output's name get another: what is written as the output has it. */
function keepWeight(state: ImportState, output: string): void {
  const weight = state.tensors.get(output);
  if (weight?.data === undefined) return;
  const name = freshName(state.tensorNames, `${output}/weights`);
  rename(state, output, name);
  state.tensors.set(name, { ...weight, name });
}

/** What nodes read and compute under one name bears another. */
function rename({ nodes }: ImportState, from: string, to: string): void {
  const renamed = (name: string): string => (name === from ? to : name);
  nodes.forEach((node, i) => {
    nodes[i] = { ...node, inputs: node.inputs.map(renamed), output: renamed(node.output) };
  });
}

/** Rows of an output that are not used are -1, or NaN among floats. */
function showUsed(state: ImportState, model: string, output: string): void {
  const rows = state.rows.get(output);
  if (rows === undefined) return;
  const { shape, type } = defined(state.tensors.get(output), `output ${output}`);
  if (type === "bool" || type?.startsWith("u")) {
    const why = `of its rows as many are used as the network selects, and ${onnxTypeOf(type)} has no number for others; cast it`;
    throw unsupportedOperators(model, state.opset, [{ node: output, operator: "output", why }], 0);
  }
  const all = freshName(state.tensorNames, `${output}/rows`);
  rename(state, output, all);
  state.tensors.set(all, { name: all, shape });
  state.tensors.set(output, { name: output, shape, ...(type && { type }), rows: rows.axis });
  const op = { kind: "used-rows", axis: rows.axis, none: type === undefined || type === "f64" } as const;
  state.nodes.push({
    name: freshName(state.nodeNames, `${output}/used`),
    op,
    inputs: [all, rows.used],
    output,
  });
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
