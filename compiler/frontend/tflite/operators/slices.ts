import { byteField, intField } from "../flatbuffer.ts";
import type { TfliteOperator } from "../model.ts";
import {
  axisIn,
  emit,
  hasInput,
  int,
  type Layout,
  layoutOf,
  numbersOf,
  operand,
  result,
  scalar,
  shapeOf,
  type Translate,
  type Translation,
  tensorOf,
  text,
  unsupported,
  wholes,
} from "../translation.ts";
import { known } from "./shapes.ts";

/** Of one dimension: from where, up to where, by which steps. */
interface Range {
  readonly begin: number;
  readonly end: number;
  readonly step: number;
}

/** A slice of x by ranges of its dimensions; where the output has other dimensions, it is reshaped. */
function slice(t: Translation, x: number, y: number, ranges: readonly Range[]): void {
  const { name, shape } = tensorOf(t, y);
  const rank = shapeOf(t, x).length;
  const reshapes = shape.length !== rank;
  const layout: Layout = reshapes ? "last" : layoutOf(t, x);
  const cut = ranges.flatMap((r, d) =>
    isWhole(r, shapeOf(t, x)[d]) ? [] : [{ ...r, axis: axisIn(d, rank, layout) }],
  );
  const lists = [
    cut.map((r) => r.begin),
    cut.map((r) => r.end),
    cut.map((r) => r.axis),
    cut.map((r) => r.step),
  ];
  const given = operand(t, x, layout);
  const sliced =
    cut.length === 0
      ? given
      : emit(t, "Slice", [given, ...lists.map((l) => wholes(t, l))], { as: `${name}/slice` });
  const last = reshapes ? emit(t, "Reshape", [sliced, wholes(t, shape)], { as: name }) : sliced;
  result(t, y, last === given ? emit(t, "Identity", [given], { as: name }) : last, layout, x);
}

function isWhole({ begin, end, step }: Range, extent: number): boolean {
  return begin === 0 && end >= extent && step === 1;
}

/** Before the first index of a dimension, for steps backwards: ONNX holds it to that. */
const BEFORE_FIRST = -(2 ** 31);

/** STRIDED_SLICE: bits of its masks leave out a begin or an end, add a dimension of one element, or take a dimension away. */
const stridedSlice: Translate = (t, op) => {
  const {
    options,
    inputs: [x],
    outputs: [y],
  } = op;
  const [begins, ends, strides] = [1, 2, 3].map((i) => known(t, op, i));
  const [beginMask, endMask, ellipsis, newAxis, shrink] = [0, 1, 2, 3, 4].map((f) =>
    options ? intField(options, f) : 0,
  );
  if (begins === undefined || ends === undefined || strides === undefined || ellipsis !== 0)
    return unsupported(t, op);
  const has = (mask: number, i: number): boolean => ((mask >> i) & 1) === 1;
  const extents = shapeOf(t, x);
  const ranges: Range[] = [];
  begins.forEach((from, i) => {
    if (has(newAxis, i)) return;
    const extent = extents[ranges.length];
    const step = strides[i];
    const clamped = (v: number): number =>
      Math.min(Math.max(v < 0 ? v + extent : v, step < 0 ? -1 : 0), extent);
    const begin = has(beginMask, i) ? (step < 0 ? extent - 1 : 0) : clamped(from);
    if (has(shrink, i)) return ranges.push({ begin, end: begin + 1, step: 1 });
    const end = has(endMask, i) ? (step < 0 ? -1 : extent) : clamped(ends[i]);
    ranges.push({
      begin: Math.min(begin, step < 0 ? extent - 1 : extent),
      end: end < 0 ? BEFORE_FIRST : end,
      step,
    });
  });
  slice(t, x, y, ranges);
};

/** SLICE: begins, and sizes, of which -1 is all that is left. */
const sliceOf: Translate = (t, op) => {
  const {
    inputs: [x],
    outputs: [y],
  } = op;
  const [begins, sizes] = [known(t, op, 1), known(t, op, 2)];
  if (begins === undefined || sizes === undefined) return unsupported(t, op);
  const extents = shapeOf(t, x);
  slice(
    t,
    x,
    y,
    begins.map((begin, d) => ({ begin, end: sizes[d] < 0 ? extents[d] : begin + sizes[d], step: 1 })),
  );
};

const reverse: Translate = (t, op) => {
  const {
    inputs: [x],
    outputs: [y],
  } = op;
  const axes = known(t, op, 1);
  if (axes === undefined) return unsupported(t, op);
  const extents = shapeOf(t, x);
  const turned = new Set(axes.map((a) => axisIn(a, extents.length, "last")));
  const ranges = extents.map((end, d) =>
    turned.has(d) ? { begin: end - 1, end: BEFORE_FIRST, step: -1 } : { begin: 0, end, step: 1 },
  );
  slice(t, x, y, ranges);
};

/** PAD with zeros, PADV2 with a number, MIRROR_PAD without the border's own (REFLECT); before and after each dimension. */
const pad =
  (mode: "constant" | "reflect"): Translate =>
  (t, op) => {
    const {
      options,
      inputs: [x],
      outputs: [y],
    } = op;
    const amounts = known(t, op, 1);
    const isSymmetric = mode === "reflect" && options !== undefined && byteField(options, 0) !== 0;
    if (amounts === undefined || isSymmetric) return unsupported(t, op);
    const rank = shapeOf(t, x).length;
    const layout = layoutOf(t, x);
    const pads = Array.from({ length: 2 * rank }, () => 0);
    for (let d = 0; d < rank; d++) {
      const to = axisIn(d, rank, layout);
      [pads[to], pads[to + rank]] = [amounts[2 * d], amounts[2 * d + 1]];
    }
    const value = mode === "reflect" ? [] : [padValue(t, op)];
    const given = [operand(t, x, layout), wholes(t, pads), ...value];
    const all = emit(t, "Pad", given, { as: tensorOf(t, y).name, attribute: [text("mode", mode)] });
    result(t, y, all, layout, hasInput(op, 2) ? undefined : x);
  };

function padValue(t: Translation, op: TfliteOperator): string {
  const [given] = hasInput(op, 2) ? [...(numbersOf(t, op.inputs[2]) ?? [])] : [];
  return hasInput(op, 2) && given === undefined ? operand(t, op.inputs[2]) : scalar(t, given ?? 0);
}

const gather: Translate = (t, op) => {
  const {
    options,
    inputs: [x, indices],
    outputs: [y],
  } = op;
  if (options !== undefined && intField(options, 1) !== 0) return unsupported(t, op);
  const axis = axisIn(options === undefined ? 0 : intField(options, 0), shapeOf(t, x).length, "last");
  const given = [operand(t, x), operand(t, indices)];
  result(
    t,
    y,
    emit(t, "Gather", given, { as: tensorOf(t, y).name, attribute: [int("axis", axis)] }),
    "last",
    x,
  );
};

const gatherAt: Translate = (t, { inputs: [x, indices], outputs: [y] }) => {
  const { type } = tensorOf(t, indices);
  const at = operand(t, indices);
  const wide =
    type === "int64"
      ? at
      : emit(t, "Cast", [at], { as: `${tensorOf(t, y).name}/indices`, attribute: [int("to", 7)] });
  result(t, y, emit(t, "GatherND", [operand(t, x), wide], { as: tensorOf(t, y).name }), "last", x);
};

export const sliceOperators: Readonly<Record<string, Translate>> = {
  STRIDED_SLICE: stridedSlice,
  SLICE: sliceOf,
  REVERSE_V2: reverse,
  PAD: pad("constant"),
  PADV2: pad("constant"),
  MIRROR_PAD: pad("reflect"),
  GATHER: gather,
  GATHER_ND: gatherAt,
};
