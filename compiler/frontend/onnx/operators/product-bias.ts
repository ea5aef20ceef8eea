import type { GraphNode } from "../../../graph/graph.ts";
import type { NodeContext } from "../node-context.ts";
import type { ConstantValue, TensorValue } from "../value.ts";
import { spreadOver } from "./product.ts";

/**
 * MatMul then Add is how exporters write a linear layer: the constant `c` is added by the product itself where nothing else
 * reads that. True when it is; the node's result is then the product's.
 */
export function addToProduct(node: NodeContext, x: TensorValue, c: ConstantValue): boolean {
  const { state } = node;
  const read = node.inputName(0) === x.name || node.inputName(1) === x.name;
  const product = state.producers.get(x.name);
  if (product === undefined || !read || state.uses.get(x.name) !== 1) return false;
  const added = withAddend(node, product, x, c) ?? withBias(node, product, x, c);
  if (added === undefined) return false;
  state.nodes[state.nodes.findIndex(({ output }) => output === added.output)] = added;
  state.producers.set(added.output, added);
  node.become(x);
  return true;
}

/** A product of two activations takes any constant that is spread over whole rows, columns or batches. */
function withAddend(
  node: NodeContext,
  product: GraphNode,
  x: TensorValue,
  c: ConstantValue,
): GraphNode | undefined {
  const { op } = product;
  const r = op.kind === "matmul" && !op.residual ? spreadOver(c.shape, x.shape, op.y) : undefined;
  if (op.kind !== "matmul" || r === undefined) return undefined;
  return { ...product, op: { ...op, residual: "before", r }, inputs: [...product.inputs, node.use(c)] };
}

/** A dense layer of rows of more than one dimension, behind which a reshape stands, takes one value a column. */
function withBias(
  { state, use, weight }: NodeContext,
  reshape: GraphNode,
  x: TensorValue,
  c: ConstantValue,
): GraphNode | undefined {
  const dense = reshape.op.kind === "reshape" ? state.producers.get(reshape.inputs[0]) : undefined;
  if (dense?.op.kind !== "dense" || dense.op.bias || (state.uses.get(dense.output) ?? 0) > 1)
    return undefined;
  const columns = state.tensors.get(dense.output)?.shape[1];
  if (c.data.length !== columns || c.shape.at(-1) !== columns || x.shape.at(-1) !== columns) return undefined;
  if (c.shape.length > x.shape.length) return undefined;
  const bias = c.shape.length === 1 ? use(c) : weight("bias", [columns], c.data);
  return { ...dense, op: { ...dense.op, bias: true }, inputs: [...dense.inputs, bias] };
}

/** The same of one value a column, by a dense layer of rows, which takes the name and the place of the Add. */
export function giveBiasToDense(node: NodeContext, x: TensorValue, bias: Float32Array): boolean {
  const { state } = node;
  const dense = state.producers.get(x.name);
  const read = node.inputName(0) === x.name || node.inputName(1) === x.name;
  if (dense?.op.kind !== "dense" || dense.op.bias || !read || state.uses.get(x.name) !== 1) return false;
  state.nodes.splice(state.nodes.lastIndexOf(dense), 1);
  state.producers.delete(x.name);
  state.tensors.delete(x.name);
  state.nodeNames.delete(node.name);
  node.emit(
    { ...dense.op, bias: true },
    [...dense.inputs, node.weight("bias", [bias.length], bias)],
    x.shape,
  );
  return true;
}
