import type { NodeContext } from "../node-context.ts";
import { mover, operator } from "../operator.ts";
import { reshapedAxis } from "../rows.ts";
import { rowsOf } from "../selected.ts";
import { elementCount, sameShape, shapeText, type TensorValue } from "../value.ts";
import { joined } from "../whole.ts";
import { normalAxis, permOf } from "./axis.ts";

/** Reshape: 0 copies a dimension (unless allowzero), one -1 is inferred. */
const reshape = mover("Reshape", (node, { allowzero }) => {
  const wanted = node.integers(1, "shape") ?? node.invalid("it has no shape");
  const from = shapeOf(node);
  const shape = wanted.map((d, i) => (d === 0 && !allowzero ? (from[i] ?? 0) : d));
  const unknown = shape.indexOf(-1);
  if (unknown >= 0) {
    const known = shape.reduce((p, d, i) => (i === unknown ? p : p * d), 1);
    shape[unknown] = known === 0 ? 0 : elementCount(from) / known;
  }
  const fits = shape.every((d) => Number.isInteger(d) && d > 0) && elementCount(shape) === elementCount(from);
  checkRows(node, from, wanted, shape, allowzero);
  if (!fits) node.invalid(`it reshapes ${shapeText(from)} to [${wanted.join(", ")}]`);
  reshapeTo(node, shape);
});

/** Rows of which as many are used as the network finds have no number that a shape could state. */
function checkRows(
  node: NodeContext,
  from: readonly number[],
  wanted: readonly number[],
  shape: readonly number[],
  allowzero: boolean | undefined,
): void {
  const rows = rowsOf(node.state, node.value(0));
  const axis = rows && reshapedAxis(from, rows.axis, shape);
  if (axis === undefined || wanted[axis] === -1 || (wanted[axis] === 0 && !allowzero)) return;
  node.unsupported(`to a shape that states ${wanted[axis]} rows, of which the network selects fewer`);
}

/** Flatten to two dimensions at `axis`. */
const flatten = mover("Flatten", (node, { axis }) => {
  const from = shapeOf(node);
  const at = axis === from.length ? axis : normalAxis(node, axis, from.length);
  reshapeTo(node, [elementCount(from.slice(0, at)), elementCount(from.slice(at))]);
});

/** Squeeze and Unsqueeze: axes are an attribute before opset 13, an input from 13 on. */
const squeeze = mover("Squeeze", (node, attributes) => {
  const from = shapeOf(node);
  const given = attributes.axes ?? node.integers(1, "axes", "alone");
  if (given?.length === 0) node.unsupported("an empty list of axes: leave axes out to squeeze all of size 1");
  const axes = given?.map((a) => normalAxis(node, a, from.length));
  const gone = (d: number, i: number): boolean => (axes === undefined ? d === 1 : axes.includes(i));
  if (from.some((d, i) => d !== 1 && gone(d, i))) {
    node.invalid(`it squeezes axes [${given?.join(", ")}] of ${shapeText(from)}`);
  }
  reshapeTo(
    node,
    from.filter((d, i) => !gone(d, i)),
  );
});

const unsqueeze = mover("Unsqueeze", (node, attributes) => {
  const from = shapeOf(node);
  const given = attributes.axes ?? node.integers(1, "axes", "alone") ?? node.invalid("it has no axes");
  const rank = from.length + given.length;
  const axes = given.map((a) => normalAxis(node, a, rank));
  if (new Set(axes).size < axes.length) node.invalid(`axes [${given.join(", ")}] name a dimension twice`);
  const rest = [...from];
  reshapeTo(
    node,
    Array.from({ length: rank }, (_, i) => (axes.includes(i) ? 1 : (rest.shift() ?? 1))),
  );
});

/** Transpose; without `perm` the dimensions are reversed. */
const transpose = mover("Transpose", (node, attributes) => {
  const from = shapeOf(node);
  const perm = permOf(node, attributes.perm, from.length);
  const shape = perm.map((p) => from[p] as number);
  if (perm.every((p, i) => p === i)) node.become(node.value(0));
  else node.emit({ kind: "transpose", perm }, [node.tensor(0).name], shape);
});

/** Concat along `axis`; one input is the identity, constants become activations beside others. */
const concat = operator("Concat", (node, attributes) => {
  const inputs = Array.from({ length: node.inputCount }, (_, i) => node.activation(i));
  const axis = joinedAxis(node, attributes.axis, inputs);
  const [first] = inputs;
  if (inputs.length === 1) {
    node.become(first);
    return;
  }
  const length = inputs.reduce((sum, x) => sum + (x.shape[axis] as number), 0);
  const other = inputs.find(({ whole }) => whole?.type !== first.whole?.type);
  if (other !== undefined) {
    node.invalid(`it joins ${first.whole?.type ?? "float32"} and ${other.whole?.type ?? "float32"}`);
  }
  const whole = inputs.flatMap((x) => x.whole ?? []);
  node.emit(
    { kind: "concat", axis },
    inputs.map((x) => x.name),
    first.shape.with(axis, length),
    whole.length === 0 ? undefined : joined(whole),
  );
});

/** The axis counted from the front; the shapes must agree but there. */
function joinedAxis(node: NodeContext, given: number, inputs: readonly TensorValue[]): number {
  const first = inputs[0] ?? node.invalid("it has no inputs");
  if (first.shape.length === 0) node.invalid(`input \`${first.name}\` is a scalar`);
  const axis = normalAxis(node, given, first.shape.length);
  for (const { name, shape } of inputs) {
    const fits =
      shape.length === first.shape.length && shape.every((d, i) => i === axis || d === first.shape[i]);
    if (!fits)
      node.invalid(`input \`${name}\` has shape ${shapeText(shape)}, the first ${shapeText(first.shape)}`);
  }
  return axis;
}

function shapeOf(node: NodeContext): readonly number[] {
  const v = node.value(0);
  return v.kind === "constant" || v.kind === "integers" ? v.shape : node.tensor(0).shape;
}

/** The first input in another shape: known values at once, activations by a reshape node unless nothing changes. */
function reshapeTo(node: NodeContext, shape: readonly number[]): void {
  const x = node.value(0);
  if (x.kind === "constant" || x.kind === "integers") node.become({ ...x, name: node.outputName, shape });
  else if (sameShape(node.tensor(0).shape, shape)) node.become(x);
  else node.emit({ kind: "reshape" }, [node.tensor(0).name], shape);
}

export const shapeOperators = [reshape, flatten, squeeze, unsqueeze, transpose, concat] as const;
