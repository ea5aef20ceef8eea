import type { NodeContext } from "../node-context.ts";
import { operator } from "../operator.ts";
import { isKnown, shapeText, type TensorValue, type Whole } from "../value.ts";
import { EXACT, placesOf, TRUTH, unsure } from "../whole.ts";
import { normalAxis } from "./axis.ts";
import { emitElementwise } from "./broadcast.ts";
import { constantTensor } from "./constant-tensor.ts";
import { functionOp } from "./function-op.ts";
import { asWhole } from "./indices.ts";
import { emitWhere } from "./where.ts";
import { summedRange } from "./whole-operand.ts";

/** Input i, which has to be numbers that are sure: an order of NaN says nothing. */
function ordered(node: NodeContext, i: number): TensorValue {
  const x = node.activation(i);
  if (x.whole?.unsure) node.unsupported(`of ${x.whole.type} that may lie beyond ${EXACT}`);
  return x;
}

const EXTREMES = [
  ["ArgMax", false],
  ["ArgMin", true],
] as const;
const argExtremes = EXTREMES.map(([type, least]) =>
  operator(type, (node, { axis: given, keepdims, select_last_index: last }) => {
    const x = ordered(node, 0);
    if (x.shape.length === 0) node.unsupported("of a scalar");
    const axis = normalAxis(node, given, x.shape.length);
    const shape = keepdims ? x.shape.with(axis, 1) : x.shape.toSpliced(axis, 1);
    const op = { kind: "arg-extreme", axis, least, last } as const;
    node.emit(op, [x.name], shape, placesOf(x.shape[axis]));
  }),
);

/** Sums so far; of whole numbers only where none can be rounded on the way. */
const cumSum = operator("CumSum", (node, { exclusive, reverse }) => {
  const x = node.activation(0);
  const [given] = node.integers(1, "axis", "alone") ?? [];
  const axis = normalAxis(node, given, x.shape.length);
  const op = { kind: "cum-sum", axis, exclusive, reverse } as const;
  node.emit(op, [x.name], x.shape, x.whole && summedRange(node, x.whole, x.shape[axis]));
});

/** TopK (k is an attribute before opset 10): values and their places are computed together, then taken apart. */
const topK = operator("TopK", (node, { axis: given, k, largest }) => {
  const x = ordered(node, 0);
  const axis = normalAxis(node, given, x.shape.length);
  const [count = 0] = k === undefined ? (node.integers(1, "K", "alone") ?? []) : [k];
  if (count > x.shape[axis]) node.invalid(`${count} of the ${x.shape[axis]} elements of axis ${axis}`);
  if (count < 1)
    node.unsupported(`its output has no elements: its shape is ${shapeText(x.shape.with(axis, count))}`);
  const shape = x.shape.with(axis, count);
  const op = { kind: "top-k", axis, least: !largest } as const;
  const both = node.emitHelper("both", op, [x.name], [2, ...shape]);
  [x.whole, placesOf(x.shape[axis])].forEach((whole, i) => {
    if (!node.outputNames[i]) return;
    const row = node.emitHelper(`row${i}`, { kind: "slice", axis: 0, start: i }, [both.name], [1, ...shape]);
    node.emitResult(i, { kind: "reshape" }, [row.name], shape, whole);
  });
});

/** OneHot: one value where the place along the new axis is the index, another elsewhere. */
const oneHot = operator("OneHot", (node, { axis: given }) => {
  const raw = node.activation(0);
  const rank = raw.shape.length + 1;
  const axis = normalAxis(node, given, rank);
  const depth = sizeOf(node);
  node.reserve(depth);
  const shape = raw.shape.toSpliced(axis, 0, 1);
  const index = asWhole(node, raw);
  const lines = node.emitHelper("lines", { kind: "reshape" }, [index.name], shape, index.whole);
  const constant = (part: string, of: readonly number[], values: readonly number[]) => {
    const data = Float32Array.from(values);
    return { kind: "constant", name: node.weight(part, of, data), shape: of, data } as const;
  };
  const place = emitElementwise(node, "index", [lines, constant("depth", [], [depth])], "place");
  const along = Array.from({ length: rank }, (_, i) => (i === axis ? depth : 1));
  const places = constant(
    "places",
    along,
    Array.from({ length: depth }, (_, i) => i),
  );
  const equal = emitElementwise(node, "equal", [place, places], "chosen", { whole: TRUTH });
  const chosen = raw.whole?.unsure ? doubted(node, equal, lines) : equal;
  const values = node.value(2);
  if (!isKnown(values) || values.data.length !== 2)
    return node.unsupported(
      `its values \`${values.name}\` must be two numbers known before the network runs`,
    );
  const [off, on] = [0, 1].map((i) => {
    const one =
      values.kind === "constant"
        ? { ...values, name: `${node.outputName}/value${i}`, shape: [], data: values.data.slice(i, i + 1) }
        : { ...values, shape: [], name: `${node.outputName}/value${i}`, data: [values.data[i]] };
    return constantTensor(node, 2 + i, one);
  });
  emitWhere(node, chosen, on, off);
});

/** A truth that is NaN where a number is. */
function doubted(node: NodeContext, truth: TensorValue, of: TensorValue): TensorValue {
  const none = node.emitHelper("none", functionOp("affine", 0), [of.name], of.shape);
  return emitElementwise(node, "add", [truth, none], "doubted", { whole: unsure(TRUTH) });
}

function sizeOf(node: NodeContext): number {
  const depth = node.value(1);
  if (!isKnown(depth) || depth.data.length !== 1)
    return node.unsupported(`its depth \`${depth.name}\` must be one number known before the network runs`);
  const size = Math.trunc(depth.data[0]);
  return size >= 1 ? size : node.unsupported(`its depth is ${size}`);
}

/** Trilu: what lies on one side of a diagonal, zeros elsewhere. */
const trilu = operator("Trilu", (node, { upper }) => {
  const x = node.activation(0);
  const [k = 0] = node.integers(1, "k", "alone") ?? [];
  const [rows, columns] = x.shape.slice(-2);
  if (x.shape.length < 2) node.invalid(`of shape ${shapeText(x.shape)}`);
  node.reserve(rows * columns);
  const kept = Array.from({ length: rows * columns }, (_, i) => {
    const above = (i % columns) - Math.floor(i / columns) - k;
    return Number(upper ? above >= 0 : above <= 0);
  });
  const known = (type: Whole["type"], part: string, shape: readonly number[], data: readonly number[]) =>
    constantTensor(node, 0, { kind: "integers", type, name: `${node.outputName}/${part}`, shape, data });
  const mask = known("bool", "mask", [rows, columns], kept);
  const zero = known(x.whole?.type ?? "int64", "zero", [], [0]);
  emitWhere(node, mask, x, x.whole ? zero : { kind: zero.kind, name: zero.name, shape: zero.shape });
});

export const searchingOperators = [...argExtremes, cumSum, topK, oneHot, trilu] as const;
