import type { GraphNode } from "../../../graph/graph.ts";
import type { ScatterName } from "../../../ops/select/scatter.ts";
import type { NodeContext } from "../node-context.ts";
import { operator } from "../operator.ts";
import { elementCount, sameShape, shapeText, type TensorValue, type Whole } from "../value.ts";
import { joined, unsure } from "../whole.ts";
import { normalAxis } from "./axis.ts";
import { flatIndices, indicesInto } from "./indices.ts";

const REDUCTIONS = {
  none: "replace",
  add: "add",
  mul: "mul",
  max: "max",
  min: "min",
} as const satisfies Readonly<Record<string, ScatterName>>;

/** What the results hold where the data and the updates are whole numbers. */
function wholeOf(
  node: NodeContext,
  fn: ScatterName,
  data: TensorValue,
  updates: TensorValue,
  at: TensorValue,
): Whole | undefined {
  if (data.whole?.type !== updates.whole?.type) {
    node.invalid(`it places ${updates.whole?.type ?? "float32"} in ${data.whole?.type ?? "float32"}`);
  }
  if (data.whole === undefined || updates.whole === undefined) return undefined;
  if (fn === "add" || fn === "mul") node.unsupported(`reduction="${fn}" of ${data.whole.type}`);
  const whole = joined([data.whole, updates.whole]);
  return at.whole?.unsure ? unsure(whole) : whole;
}

/** ScatterElements, and Scatter before it: each update goes to its own place, but along the axis where its index says. */
function scatterElements(node: NodeContext, given: number, reduction: keyof typeof REDUCTIONS): void {
  const [data, updates] = [node.activation(0), node.activation(2)];
  const { shape } = data;
  const axis = normalAxis(node, given, shape.length);
  const at = indicesInto(node, 1, shape[axis]);
  const fits = at.shape.length === shape.length && at.shape.every((d, i) => i === axis || d <= shape[i]);
  if (!fits || !sameShape(at.shape, updates.shape)) {
    node.invalid(
      `indices of shape ${shapeText(at.shape)} and updates of ${shapeText(updates.shape)} for ${shapeText(shape)}`,
    );
  }
  const fn = REDUCTIONS[reduction];
  const whole = wholeOf(node, fn, data, updates, at);
  const cut = shape.flatMap((d, i) => (i === axis || at.shape[i] === d ? [] : [i]));
  const boxes = [data];
  for (const i of cut) boxes.push(partOf(node, "box", boxes[boxes.length - 1], i, 0, at.shape[i]));
  const box = boxes[boxes.length - 1];
  const op = { kind: "scatter-at", axis, each: true, fn } as const;
  const inputs = [box.name, at.name, updates.name];
  if (cut.length === 0) {
    node.emit(op, inputs, shape, whole);
    return;
  }
  const placed = node.emitHelper("placed", op, inputs, box.shape, whole);
  putBack(node, placed, boxes, cut, whole);
}

/** Elements of a tensor along an axis from one on. */
function partOf(
  node: NodeContext,
  part: string,
  x: TensorValue,
  axis: number,
  start: number,
  count: number,
): TensorValue {
  const op = { kind: "slice", axis, start } as const;
  return node.emitHelper(`${part}${axis}`, op, [x.name], x.shape.with(axis, count), x.whole);
}

/** What of tensors, each a part of the one before along an axis, lies behind the parts, put behind the last one again. */
function putBack(
  node: NodeContext,
  last: TensorValue,
  boxes: readonly TensorValue[],
  cut: readonly number[],
  whole: Whole | undefined,
): void {
  cut.reduceRight((inner, axis, i) => {
    const outer = boxes[i];
    const from = inner.shape[axis];
    const rest = partOf(node, "rest", outer, axis, from, outer.shape[axis] - from);
    const op = { kind: "concat", axis } as const;
    const inputs = [inner.name, rest.name];
    if (i > 0) return node.emitHelper(`joined${axis}`, op, inputs, outer.shape, whole);
    node.emit(op, inputs, outer.shape, whole);
    return inner;
  }, last);
}

const scatterElementsOperator = operator("ScatterElements", (node, { axis, reduction }) =>
  scatterElements(node, axis, reduction),
);
const scatter = operator("Scatter", (node, { axis }) => scatterElements(node, axis, "none"));

/** ScatterND: each list along the last dimension of the indices is a place in the first dimensions, where a part of the updates goes. */
const scatterNd = operator("ScatterND", (node, { reduction }) => {
  const [data, updates] = [node.activation(0), node.activation(2)];
  const { shape } = data;
  const lists = node.value(1);
  const listShape = lists.kind === "unknown" ? [] : lists.shape;
  const depth = listShape.at(-1) ?? node.invalid("its indices are a scalar");
  const inner = shape.slice(depth);
  if (depth < 1 || depth > shape.length || !sameShape(updates.shape, [...listShape.slice(0, -1), ...inner])) {
    node.invalid(
      `indices of shape ${shapeText(listShape)} and updates of ${shapeText(updates.shape)} for ${shapeText(shape)}`,
    );
  }
  const at = flatIndices(node, 1, shape.slice(0, depth), []);
  const fn = REDUCTIONS[reduction];
  const whole = wholeOf(node, fn, data, updates, at);
  const run = elementCount(inner);
  const rows = (part: string, x: TensorValue, count: number): GraphNode["inputs"][number] =>
    node.emitHelper(part, { kind: "reshape" }, [x.name], [count, run], x.whole).name;
  const count = elementCount(at.shape);
  const list = node.emitHelper("at", { kind: "reshape" }, [at.name], [count], at.whole).name;
  const inputs = [rows("rows", data, elementCount(shape) / run), list, rows("parts", updates, count)];
  const op = { kind: "scatter-at", axis: 0, each: false, fn } as const;
  const placed = node.emitHelper("placed", op, inputs, [elementCount(shape) / run, run], whole);
  node.emit({ kind: "reshape" }, [placed.name], shape, whole);
});

export const scatteringOperators = [scatter, scatterElementsOperator, scatterNd] as const;
