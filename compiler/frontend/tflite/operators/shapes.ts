import { typeNumber } from "../constants.ts";
import { byteField, intField } from "../flatbuffer.ts";
import type { TfliteOperator } from "../model.ts";
import {
  axisIn,
  emit,
  freshName,
  haveSameGrid,
  int,
  ints,
  isFixed,
  type Layout,
  layoutOf,
  numbersOf,
  operand,
  result,
  shapeIn,
  shapeOf,
  TO_FIRST,
  type Translate,
  type Translation,
  tensorOf,
  unsupported,
  wholes,
} from "../translation.ts";
import { activated } from "./activations.ts";
import { commonLayout } from "./elementwise.ts";

/** Whole numbers of an input that is known; undefined: it is computed. */
export function known(
  t: Translation,
  { inputs }: TfliteOperator,
  input: number,
): readonly number[] | undefined {
  const numbers = numbersOf(t, inputs[input] ?? -1);
  return numbers === undefined ? undefined : [...numbers];
}

/** A value in the shape of the output: only what lies there counts. */
export const reshape: Translate = (t, op) => {
  const {
    inputs: [x],
    outputs: [y],
  } = op;
  if (!isFixed(t, op, 1)) return unsupported(t, op);
  const { name, shape } = tensorOf(t, y);
  result(t, y, emit(t, "Reshape", [operand(t, x), wholes(t, shape)], { as: name }), "last", x);
};

const transpose: Translate = (t, op) => {
  const {
    inputs: [x],
    outputs: [y],
  } = op;
  const perm = known(t, op, 1);
  if (perm === undefined) return unsupported(t, op);
  const { name } = tensorOf(t, y);
  if (perm.join() === TO_FIRST.join() && layoutOf(t, x) === "first")
    return result(t, y, emit(t, "Identity", [operand(t, x, "first")], { as: name }), "last", x);
  result(
    t,
    y,
    emit(t, "Transpose", [operand(t, x)], { as: name, attribute: [ints("perm", perm)] }),
    "last",
    x,
  );
};

/** CONCATENATION; inputs that have other steps than the output are rounded to those. */
const concat: Translate = (t, { options, inputs, outputs: [y] }) => {
  const rank = shapeOf(t, y).length;
  const layout = rank === 4 ? commonLayout(t, inputs) : "last";
  const axis = axisIn(options === undefined ? 0 : intField(options, 0), rank, layout);
  const given = inputs.map((i) => operand(t, i, layout));
  const all = emit(t, "Concat", given, { as: tensorOf(t, y).name, attribute: [int("axis", axis)] });
  const code = options === undefined ? 0 : byteField(options, 1);
  const isMoved = code === 0 && haveSameGrid(t, [...inputs, y]);
  result(t, y, activated(t, code, all), layout, isMoved ? inputs[0] : undefined);
};

/** PACK: inputs along a dimension that they have not yet. */
const stack: Translate = (t, { options, inputs, outputs: [y] }) => {
  const { name, shape } = tensorOf(t, y);
  const axis = axisIn(options === undefined ? 0 : intField(options, 1), shape.length, "last");
  const one = wholes(
    t,
    shape.map((n, d) => (d === axis ? 1 : n)),
  );
  const given = inputs.map((i) => emit(t, "Reshape", [operand(t, i), one], { as: `${name}/part` }));
  result(t, y, emit(t, "Concat", given, { as: name, attribute: [int("axis", axis)] }), "last", inputs[0]);
};

/** Parts of x of so many indices along a dimension, one for each output. */
function parts(t: Translation, op: TfliteOperator, x: number, axis: number, layout: Layout): void {
  const sizes = op.outputs.map((y) => shapeIn(shapeOf(t, y), layout)[axis]);
  const output = op.outputs.map((y) => freshName(t, tensorOf(t, y).name));
  const input = [operand(t, x, layout), wholes(t, sizes)];
  t.nodes.push({ name: output[0], opType: "Split", input, output, attribute: [int("axis", axis)] });
  op.outputs.forEach((y, i) => {
    result(t, y, output[i], layout, x);
  });
}

/** SPLIT has the dimension first, then x; SPLIT_V x, the sizes, the dimension. */
const split =
  (x: number, axis: number): Translate =>
  (t, op) => {
    const [along] = known(t, op, axis) ?? [];
    if (along === undefined) return unsupported(t, op);
    const from = op.inputs[x];
    const layout = layoutOf(t, from);
    parts(t, op, from, axisIn(along, shapeOf(t, from).length, layout), layout);
  };

/** UNPACK: each index of a dimension by itself, without that dimension. */
const unstack: Translate = (t, op) => {
  const {
    options,
    inputs: [x],
    outputs,
  } = op;
  const rank = shapeOf(t, x).length;
  const axis = axisIn(options === undefined ? 0 : intField(options, 1), rank, "last");
  const output = outputs.map((y) => freshName(t, `${tensorOf(t, y).name}/part`));
  const input = [
    operand(t, x),
    wholes(
      t,
      outputs.map(() => 1),
    ),
  ];
  t.nodes.push({ name: output[0], opType: "Split", input, output, attribute: [int("axis", axis)] });
  outputs.forEach((y, i) => {
    const { name, shape } = tensorOf(t, y);
    result(t, y, emit(t, "Reshape", [output[i], wholes(t, shape)], { as: name }), "last", x);
  });
};

const cast: Translate = (t, { inputs: [x], outputs: [y] }) => {
  const layout = layoutOf(t, x);
  const to = tensorOf(t, y);
  const attribute = [int("to", to.quantization === undefined ? typeNumber(to) : 1)];
  result(t, y, emit(t, "Cast", [operand(t, x, layout)], { as: to.name, attribute }), layout);
};

/** SHAPE: sizes are known. */
const shapeOfInput: Translate = (t, { inputs: [x], outputs: [y] }) => {
  const attribute = [int("to", typeNumber(tensorOf(t, y)))];
  result(t, y, emit(t, "Cast", [wholes(t, shapeOf(t, x))], { as: tensorOf(t, y).name, attribute }));
};

/** FILL, BROADCAST_TO: a value spread over the output's shape. */
const spread =
  (value: number): Translate =>
  (t, op) => {
    const {
      inputs,
      outputs: [y],
    } = op;
    if (!isFixed(t, op, 1 - value)) return unsupported(t, op);
    const { name, shape } = tensorOf(t, y);
    const given = [operand(t, inputs[value]), wholes(t, shape)];
    result(t, y, emit(t, "Expand", given, { as: name }), "last", inputs[value]);
  };

const tile: Translate = (t, op) => {
  const {
    inputs: [x],
    outputs: [y],
  } = op;
  const times = known(t, op, 1);
  if (times === undefined) return unsupported(t, op);
  result(t, y, emit(t, "Tile", [operand(t, x), wholes(t, times)], { as: tensorOf(t, y).name }), "last", x);
};

/** DEPTH_TO_SPACE and SPACE_TO_DEPTH: blocks of rows and columns come before channels, as in ONNX's DCR. */
const space =
  (opType: string): Translate =>
  (t, { options, inputs: [x], outputs: [y] }) => {
    const attribute = [int("blocksize", options === undefined ? 1 : intField(options, 0, 1))];
    const { name } = tensorOf(t, y);
    result(t, y, emit(t, opType, [operand(t, x, "first")], { as: name, attribute }), "first", x);
  };

export const shapeOperators: Readonly<Record<string, Translate>> = {
  RESHAPE: reshape,
  SQUEEZE: reshape,
  EXPAND_DIMS: reshape,
  TRANSPOSE: transpose,
  CONCATENATION: concat,
  PACK: stack,
  UNPACK: unstack,
  SPLIT: split(1, 0),
  SPLIT_V: split(0, 2),
  CAST: cast,
  SHAPE: shapeOfInput,
  FILL: spread(1),
  BROADCAST_TO: spread(0),
  TILE: tile,
  DEPTH_TO_SPACE: space("DepthToSpace"),
  SPACE_TO_DEPTH: space("SpaceToDepth"),
};
