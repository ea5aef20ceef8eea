import type { ScatterName } from "../../../ops/select/scatter.ts";
import { moving } from "../moving.ts";
import type { NodeContext } from "../node-context.ts";
import { operator } from "../operator.ts";
import { refuseRows } from "../selected.ts";
import {
  elementCount,
  type IntegersValue,
  isKnown,
  sameShape,
  shapeText,
  type TensorValue,
  type Value,
  type Whole,
} from "../value.ts";
import { joined, unsure } from "../whole.ts";
import { normalAxis } from "./axis.ts";
import { boxesOf, putBack } from "./boxes.ts";
import { elementPlaces, flatIndices, indicesInto, listPlaces } from "./indices.ts";
import { emitPlaced } from "./placing.ts";

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
): Whole | undefined {
  if (data.whole?.type !== updates.whole?.type) {
    node.invalid(`it places ${updates.whole?.type ?? "float32"} in ${data.whole?.type ?? "float32"}`);
  }
  if (data.whole === undefined || updates.whole === undefined) return undefined;
  if (fn === "add" || fn === "mul") node.unsupported(`reduction="${fn}" of ${data.whole.type}`);
  return joined([data.whole, updates.whole]);
}

/** The node whose results hold what is placed; by indices of which some may be none if they are given. */
function placing(node: NodeContext, whole: Whole | undefined, at?: TensorValue): NodeContext {
  return moving(node, whole && at?.whole?.unsure ? unsure(whole) : whole);
}

/** The indices, if the node's results are moves of the data and the updates: it replaces elements, and where is known. */
function knownIndices(node: NodeContext, fn: ScatterName): IntegersValue | undefined {
  const value = node.value(1);
  if (value.kind !== "integers") return undefined;
  if (value.type !== "int64" && value.type !== "int32") {
    node.invalid(`its indices \`${value.name}\` are ${value.type}`);
  }
  if (fn !== "replace") return undefined;
  for (const i of [0, 2]) refuseRows(node, i, "known places");
  return value;
}

function shapeOf(value: Value): readonly number[] {
  return value.kind === "unknown" ? [] : value.shape;
}

/** The updates; undefined where there are none. */
function updatesOf(node: NodeContext): TensorValue | undefined {
  const value = node.value(2);
  return isKnown(value) && elementCount(value.shape) === 0 ? undefined : node.activation(2);
}

function checkShapes(node: NodeContext, data: TensorValue, fits: boolean): void {
  if (fits) return;
  const [indices, updates] = [1, 2].map((i) => shapeText(shapeOf(node.value(i))));
  node.invalid(`indices of shape ${indices} and updates of ${updates} for ${shapeText(data.shape)}`);
}

/** ScatterElements, and Scatter before it: each update goes to its own place, but along the axis where its index says. */
function scatterElements(node: NodeContext, given: number, reduction: keyof typeof REDUCTIONS): void {
  const [data, updates] = [node.activation(0), updatesOf(node)];
  const { shape } = data;
  const axis = normalAxis(node, given, shape.length);
  const indices = shapeOf(node.value(1));
  const fits = indices.length === shape.length && indices.every((d, i) => i === axis || d <= shape[i]);
  checkShapes(node, data, fits && sameShape(indices, shapeOf(node.value(2))));
  if (updates === undefined) {
    node.become(data);
    return;
  }
  const fn = REDUCTIONS[reduction];
  const whole = wholeOf(node, fn, data, updates);
  const known = knownIndices(node, fn);
  const places = known && elementPlaces(node, known, shape, axis);
  if (places && emitPlaced(placing(node, whole), data, updates, places, shape.length)) return;
  const at = indicesInto(node, 1, shape[axis]);
  const cuts = shape.flatMap((d, i) =>
    i === axis || indices[i] === d ? [] : [{ axis: i, at: [...Array(indices[i]).keys()] }],
  );
  const placed = placing(node, whole, at);
  const boxes = boxesOf(placed, data, cuts);
  const box = boxes[boxes.length - 1];
  const op = { kind: "scatter-at", axis, each: true, fn } as const;
  const inputs = [box.name, at.name, updates.name];
  if (cuts.length === 0) placed.emit(op, inputs, shape);
  else putBack(placed, placed.emitHelper("placed", op, inputs, box.shape), boxes, cuts);
}

const scatterElementsOperator = operator("ScatterElements", (node, { axis, reduction }) =>
  scatterElements(node, axis, reduction),
);
const scatter = operator("Scatter", (node, { axis }) => scatterElements(node, axis, "none"));

/** ScatterND: each list along the last dimension of the indices is a place in the first dimensions, where a part of the updates goes. */
const scatterNd = operator("ScatterND", (node, { reduction }) => {
  const [data, updates] = [node.activation(0), updatesOf(node)];
  const { shape } = data;
  const lists = shapeOf(node.value(1));
  const depth = lists.at(-1) ?? node.invalid("its indices are a scalar");
  const inner = shape.slice(depth);
  const placed = [...lists.slice(0, -1), ...inner];
  checkShapes(node, data, depth >= 1 && depth <= shape.length && sameShape(shapeOf(node.value(2)), placed));
  if (updates === undefined) {
    node.become(data);
    return;
  }
  const fn = REDUCTIONS[reduction];
  const whole = wholeOf(node, fn, data, updates);
  const known = knownIndices(node, fn);
  const places = known && listPlaces(node, known, shape.slice(0, depth));
  if (places && emitPlaced(placing(node, whole), data, updates, places, depth)) return;
  const at = flatIndices(node, 1, shape.slice(0, depth), []);
  const result = placing(node, whole, at);
  const run = elementCount(inner);
  const rows = (part: string, x: TensorValue, count: number): string =>
    node.emitHelper(part, { kind: "reshape" }, [x.name], [count, run], x.whole).name;
  const count = elementCount(at.shape);
  const list = node.emitHelper("at", { kind: "reshape" }, [at.name], [count], at.whole).name;
  const inputs = [rows("rows", data, elementCount(shape) / run), list, rows("parts", updates, count)];
  const op = { kind: "scatter-at", axis: 0, each: false, fn } as const;
  const rowsPlaced = result.emitHelper("placed", op, inputs, [elementCount(shape) / run, run]);
  result.emit({ kind: "reshape" }, [rowsPlaced.name], shape);
});

export const scatteringOperators = [scatter, scatterElementsOperator, scatterNd] as const;
