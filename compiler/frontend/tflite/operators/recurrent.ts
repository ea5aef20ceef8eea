import type { OnnxAttribute } from "../../onnx/model.ts";
import { byteField, floatField } from "../flatbuffer.ts";
import type { TfliteOperator } from "../model.ts";
import {
  emit,
  floats,
  hasInput,
  int,
  ints,
  numbersOf,
  operand,
  result,
  shapeOf,
  type Translate,
  type Translation,
  tensorOf,
  unsupported,
  wholes,
} from "../translation.ts";

/** Where an LSTM's gates stand among its inputs, in ONNX's order (input, output, forget, cell): weights of x, of the state, biases. */
const [WEIGHTS, RECURRENT, BIASES] = [
  [1, 4, 2, 3],
  [5, 8, 6, 7],
  [12, 15, 13, 14],
];
/** ActivationFunctionType.TANH. */
const TANH = 4;
/** Inputs of what ONNX's LSTM has otherwise or not at all: peepholes, a projection, normalizations. */
const OTHERS = [9, 10, 11, 16, 17, 20, 21, 22, 23];

/** Steps that are written out one by one, at most. */
const MOST_WRITTEN_OUT = 512;

/**
 * UNIDIRECTIONAL_SEQUENCE_LSTM, from a state of zeros at each inference, as Keras has it and TensorFlow Lite after its variables are reset:
 * x [N, T, I], or [T, N, I]. Of one of 8 bits gates and cells are floats here, where TensorFlow Lite has them in 16 bits.
 */
const lstm: Translate = (t, op) => {
  const flag = (f: number): number => (op.options === undefined ? 0 : byteField(op.options, f));
  const [cellClip, outputClip] = [1, 2].map((f) =>
    op.options === undefined ? 0 : floatField(op.options, f),
  );
  const [w, r, b] = [WEIGHTS, RECURRENT, BIASES].map((of) => joined(t, op, of));
  const isPlain = outputClip === 0 && flag(0) === TANH && OTHERS.every((i) => !hasInput(op, i));
  if (!isPlain || w === undefined || r === undefined || b === undefined)
    return unsupported(t, op, "peepholes, projection or norm");
  const [y] = op.outputs;
  const { name, shape } = tensorOf(t, y);
  const isTimeFirst = flag(3) !== 0;
  const [N, T] = isTimeFirst ? [shape[1], shape[0]] : shape;
  if (T === 1) return unsupported(t, op, "state from inference to inference");
  const H = shapeOf(t, op.inputs[RECURRENT[0]])[0];
  const swapped = (of: string, as: string): string =>
    isTimeFirst ? of : emit(t, "Transpose", [of], { as, attribute: [ints("perm", [1, 0, 2])] });
  const x = swapped(operand(t, op.inputs[0]), `${name}/steps`);
  const sizes = { N, T, H, I: shapeOf(t, op.inputs[0])[2] };
  // a step adds less than 1 to a cell
  const isClipped = cellClip > 0 && T > cellClip;
  if (isClipped && T > MOST_WRITTEN_OUT) return unsupported(t, op, `${T} steps of clipped cells`);
  const all = isClipped
    ? writtenOut(t, { x, w, r, b, clip: cellClip, name }, sizes)
    : wholeLstm(t, { x, w, r, b, name }, sizes);
  result(t, y, swapped(all, name));
};

interface Gates {
  /** [T, N, I] */
  readonly x: string;
  /** [4 H, I], [4 H, H] and [4 H]: input, output, forget, cell. */
  readonly w: Float32Array;
  readonly r: Float32Array;
  readonly b: Float32Array;
  readonly name: string;
}
type LstmSizes = Readonly<Record<"N" | "T" | "H" | "I", number>>;

/** All steps [T, N, H] by ONNX's operator. */
function wholeLstm(t: Translation, { x, w, r, b, name }: Gates, { N, T, H, I }: LstmSizes): string {
  const bias = new Float32Array(8 * H);
  bias.set(b);
  const given = [x, floats(t, w, [1, 4 * H, I]), floats(t, r, [1, 4 * H, H]), floats(t, bias, [1, 8 * H])];
  const all = emit(t, "LSTM", given, { as: `${name}/lstm`, attribute: [int("hidden_size", H)] });
  return emit(t, "Reshape", [all, wholes(t, [T, N, H])], { as: `${name}/states` });
}

/** The same one step after the other, cells held between -clip and clip. */
function writtenOut(
  t: Translation,
  { x, w, r, b, clip, name }: Gates & { readonly clip: number },
  { N, T, H, I }: LstmSizes,
): string {
  const node = (opType: string, given: readonly string[], attribute: readonly OnnxAttribute[] = []): string =>
    emit(t, opType, given, { as: `${name}/${opType.toLowerCase()}`, attribute });
  const rows = node("Reshape", [x, wholes(t, [T * N, I])]);
  const inputs = node("Gemm", [rows, floats(t, w, [4 * H, I]), floats(t, b, [4 * H])], [int("transB", 1)]);
  const recurrent = floats(t, r, [4 * H, H]);
  const [lo, hi, one] = [
    floats(t, Float32Array.of(-clip), []),
    floats(t, Float32Array.of(clip), []),
    wholes(t, [0]),
  ];
  const states: string[] = [];
  let cell: string | undefined;
  for (let step = 0; step < T; step++) {
    const ends = [wholes(t, [step * N]), wholes(t, [(step + 1) * N]), one];
    const own = node("Slice", [inputs, ...ends]);
    const before = states.at(-1);
    const sum = before === undefined ? own : node("Gemm", [before, recurrent, own], [int("transB", 1)]);
    const [i, o, f, g] = [0, 1, 2, 3].map((k) =>
      node(k === 3 ? "Tanh" : "Sigmoid", [
        node("Slice", [sum, wholes(t, [k * H]), wholes(t, [(k + 1) * H]), wholes(t, [1])]),
      ]),
    );
    const added = node("Mul", [i, g]);
    const next: string = cell === undefined ? added : node("Add", [node("Mul", [f, cell]), added]);
    cell = node("Clip", [next, lo, hi]);
    states.push(node("Mul", [o, node("Tanh", [cell])]));
  }
  const all = node("Concat", states, [int("axis", 0)]);
  return node("Reshape", [all, wholes(t, [T, N, H])]);
}

/** Constants of four gates, one after another; undefined where one is missing. */
function joined(t: Translation, { inputs }: TfliteOperator, of: readonly number[]): Float32Array | undefined {
  const each = of.map((i) => numbersOf(t, inputs[i] ?? -1));
  if (each.some((numbers) => numbers === undefined)) return undefined;
  return Float32Array.from(each.flatMap((numbers) => [...(numbers ?? [])]));
}

export const recurrentOperators: Readonly<Record<string, Translate>> = {
  UNIDIRECTIONAL_SEQUENCE_LSTM: lstm,
};
