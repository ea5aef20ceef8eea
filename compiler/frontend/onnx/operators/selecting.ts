import { moving } from "../moving.ts";
import type { NodeContext } from "../node-context.ts";
import { operator } from "../operator.ts";
import { withAllRows } from "../selected.ts";
import { elementCount, type Places, shapeText, type TensorValue } from "../value.ts";
import { TRUTH } from "../whole.ts";
import { normalAxis } from "./axis.ts";
import { emitElementwise } from "./broadcast.ts";
import { functionOp } from "./function-op.ts";
import { emitTaken, flattened } from "./gathering.ts";

// Operators whose results have as many rows as the network finds (rows.ts): of a fixed number the first are used.

/** Rows of one result, at most: each is compared with each. */
const MOST_ROWS = 2 ** 15;

/** Where the elements of a tensor lie that are not 0, in order; whoever asks again selects the same rows. */
function placesIn(node: NodeContext, x: TensorValue): Places {
  const { selections } = node.state;
  const known = selections.get(x.name);
  if (known !== undefined) return known;
  const places = placesOf(node, truthsOf(node, x));
  selections.set(x.name, places);
  return places;
}

function placesOf(node: NodeContext, truths: TensorValue): Places {
  const [size] = truths.shape;
  if (size > MOST_ROWS)
    node.unsupported(`of ${size} elements, of which it may select all: more than ${MOST_ROWS}`);
  const sums = { kind: "cum-sum", axis: 0, exclusive: false, reverse: false } as const;
  const counts = node.emitHelper("counts", sums, [truths.name], [size]);
  const both = node.emitHelper("places", { kind: "places" }, [counts.name], [2, size]);
  const row = (i: number): TensorValue =>
    node.emitHelper(`places${i}`, { kind: "slice", axis: 0, start: i }, [both.name], [1, size]);
  const list = (part: string, x: TensorValue): TensorValue =>
    node.emitHelper(part, { kind: "reshape" }, [x.name], [size]);
  const whole = { type: "int64", lo: 0, hi: size - 1 } as const;
  return { at: { ...list("at", row(0)), whole }, used: list("used", row(1)).name };
}

/** A tensor as truths, as one list; rows that are not used hold none. */
function truthsOf(node: NodeContext, x: TensorValue): TensorValue {
  const rows = node.state.rows.get(x.name);
  const truths =
    x.whole?.type === "bool" ? x : node.emitHelper("truths", functionOp("truth"), [x.name], x.shape, TRUTH);
  const list = (from: TensorValue): TensorValue =>
    node.emitHelper("list", { kind: "reshape" }, [from.name], [elementCount(x.shape)]);
  if (rows === undefined) return list(truths);
  const along = x.shape.map((d, i) => (i === rows.axis ? d : 1));
  const used = node.emitHelper("along", { kind: "reshape" }, [rows.used], along);
  node.state.rows.set(used.name, rows);
  return list(withAllRows(node, emitElementwise(node, "mul", [truths, used], "there")));
}

/** Says which rows of the node's result are used. */
function select(node: NodeContext, axis: number, { used }: Places): void {
  node.state.rows.set(node.outputName, { axis, used });
}

/** Columns of a known table [columns, places], at computed places: [columns, rows]. */
function columns(node: NodeContext, table: readonly (readonly number[])[], { at }: Places): TensorValue {
  const shape = [table.length, table[0].length];
  const weight = node.weight("table", shape, Float32Array.from(table.flat()));
  const op = { kind: "gather-at", axis: 1, each: false, constant: true } as const;
  return node.emitHelper("columns", op, [weight, at.name], [table.length, ...at.shape]);
}

/** NonZero of what is computed: the places of elements that are not 0, one below the other. */
const nonZero = operator("NonZero", (node) => {
  const x = node.activation(0);
  const { shape } = x;
  if (shape.length === 0) node.unsupported("of a scalar");
  if (x.whole?.unsure) node.unsupported(`of ${x.whole.type} that may be lost`);
  const places = placesIn(node, x);
  node.reserve(shape.length * elementCount(shape));
  const table = shape.map((d, axis) => {
    const run = elementCount(shape.slice(axis + 1));
    return Array.from({ length: elementCount(shape) }, (_, i) => Math.floor(i / run) % d);
  });
  const found = columns(node, table, places);
  const whole = { type: "int64", lo: 0, hi: Math.max(...shape) - 1 } as const;
  node.emit({ kind: "reshape" }, [found.name], found.shape, whole);
  select(node, 1, places);
});

/** Compress: elements along an axis, or of the tensor as one list, of which a condition holds. */
const compress = operator("Compress", (context, { axis: given }) => {
  const node = moving(context);
  const x = node.tensor(0);
  const condition = node.value(1);
  const type =
    condition.kind === "integers"
      ? condition.type
      : condition.kind === "tensor"
        ? condition.whole?.type
        : undefined;
  const shape = condition.kind === "unknown" ? [] : condition.shape;
  if (type !== "bool" || shape.length !== 1)
    node.invalid(`its condition is ${type ?? "float32"} of shape ${shapeText(shape)}`);
  const from = given === undefined ? flattened(node, x) : x;
  const axis = given === undefined ? 0 : normalAxis(node, given, x.shape.length);
  const [length] = shape;
  if (length > from.shape[axis]) node.invalid(`its condition has ${length} elements for ${from.shape[axis]}`);
  if (condition.kind === "integers")
    emitTaken(
      node,
      from,
      axis,
      Array.from(condition.data).flatMap((holds, i) => (holds === 0 ? [] : [i])),
    );
  else compressComputed(context, from, axis);
});

function compressComputed(node: NodeContext, from: TensorValue, axis: number): void {
  const condition = node.activation(1);
  if (condition.whole?.unsure) node.unsupported("by truths that may be lost");
  const { rows } = node.state;
  const [own, other] = [rows.get(from.name), rows.get(condition.name)];
  if ((own ?? other) !== undefined && (own?.axis !== axis || own.used !== other?.used))
    node.unsupported("of rows that the network selects, by a condition that is not one of these rows");
  const places = placesIn(node, condition);
  const x = own === undefined ? from : withAllRows(node, from);
  const op = { kind: "gather-at", axis, each: false } as const;
  node.emit(op, [x.name, places.at.name], from.shape.with(axis, condition.shape[0]), from.whole);
  select(node, axis, places);
}

/** NonMaxSuppression: batch, class and place of the boxes selected, classes one after another, in each from the greatest score on. */
const nonMaxSuppression = operator("NonMaxSuppression", (node, { center_point_box: center }) => {
  const [boxes, given] = [0, 1].map((i) => node.tensor(i));
  const [n, classes, size] = given.shape;
  const fits = given.shape.length === 3 && String(boxes.shape) === String([n, size, 4]);
  if (!fits) node.invalid(`boxes of shape ${shapeText(boxes.shape)}, scores of ${shapeText(given.shape)}`);
  const [most = 0] = node.integers(2, "number of boxes", "alone") ?? [];
  const overlap = node.number(3, "iou_threshold") ?? 0;
  const least = node.number(4, "score_threshold");
  if (!(overlap >= 0 && overlap <= 1)) node.invalid(`its iou_threshold is ${overlap}`);
  if (Number.isNaN(least)) node.invalid("its score_threshold is NaN");
  if (most < 1) node.unsupported(`max_output_boxes_per_class is ${most}: it selects none`);
  const op = { kind: "non-max", overlap, least, center } as const;
  const scores = usedScores(node, boxes, given);
  const each = [n, classes, Math.min(most, size)];
  const slots = node.emitHelper("slots", op, [boxes.name, scores.name], each);
  emitSelected(node, slots, size);
});

/** Scores of which those of unused rows are NaN, which is never selected. */
function usedScores(node: NodeContext, boxes: TensorValue, scores: TensorValue): TensorValue {
  const { rows } = node.state;
  const [own, other] = [rows.get(boxes.name), rows.get(scores.name)];
  if (own === undefined && other === undefined) return scores;
  if (own?.axis !== 1 || other?.axis !== 2 || own.used !== other.used)
    return node.unsupported(
      "of rows that the network selects, of which its boxes and its scores have not the same",
    );
  const op = { kind: "used-rows", axis: 2, none: true } as const;
  return node.emitHelper("scores", op, [scores.name, other.used], scores.shape);
}

/** Of places for each class, -1 for none, the selected ones with their batch and class, one below the other. */
function emitSelected(node: NodeContext, slots: TensorValue, size: number): void {
  const [n, classes, each] = slots.shape;
  const count = elementCount(slots.shape);
  const list = node.emitHelper("list", { kind: "reshape" }, [slots.name], [count]);
  const number = (part: string, value: number) => {
    const data = Float32Array.of(value);
    return { kind: "constant", name: node.weight(part, [], data), shape: [], data } as const;
  };
  const truths = emitElementwise(node, "less", [number("none", -1), list], "selected");
  const places = placesOf(node, truths);
  const table = [0, 1].map((column) =>
    Array.from({ length: count }, (_, i) => {
      const [batch, one] = [Math.floor(i / (classes * each)), Math.floor(i / each) % classes];
      return column === 0 ? batch : one;
    }),
  );
  const held = emitElementwise(node, "max", [list, number("first", 0)], "held");
  const row = node.emitHelper("row", { kind: "reshape" }, [held.name], [1, count]);
  const at = { kind: "gather-at", axis: 1, each: false } as const;
  const box = node.emitHelper("box", at, [row.name, places.at.name], [1, count]);
  const all = [columns(node, table, places).name, box.name];
  const joined = node.emitHelper("joined", { kind: "concat", axis: 0 }, all, [3, count]);
  const whole = { type: "int64", lo: 0, hi: Math.max(n, classes, size) - 1 } as const;
  node.emit({ kind: "transpose", perm: [1, 0] }, [joined.name], [count, 3], whole);
  select(node, 0, places);
}

export const selectingOperators = [compress, nonMaxSuppression, nonZero] as const;
