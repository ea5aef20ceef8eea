import { byteField } from "../flatbuffer.ts";
import {
  emit,
  type Layout,
  layoutOf,
  numbersOf,
  operand,
  result,
  shapeOf,
  type Translate,
  type Translation,
  tensorOf,
} from "../translation.ts";
import { activated } from "./activations.ts";

/** Channels first where a value lies so and no other has fewer dimensions, which would then be spread along others. */
export function commonLayout(t: Translation, tensors: readonly number[]): Layout {
  const computed = tensors.filter((i) => numbersOf(t, i) === undefined);
  const fits = computed.every((i) => [0, 4].includes(shapeOf(t, i).length));
  const small = tensors.every((i) => shapeOf(t, i).length <= 4);
  return small && fits && computed.some((i) => layoutOf(t, i) === "first") ? "first" : "last";
}

/** An operator of several inputs that is one of ONNX's, spread over each other; `activation`: its options begin with one. */
const together =
  (opType: string, activation = false): Translate =>
  (t, { options, inputs, outputs: [y] }) => {
    const layout = commonLayout(t, inputs);
    const given = inputs.map((i) => operand(t, i, layout));
    const all = emit(t, opType, given, { as: tensorOf(t, y).name });
    const code = activation && options !== undefined ? byteField(options, 0) : 0;
    result(t, y, activated(t, code, all), layout);
  };

const square: Translate = (t, { inputs: [x], outputs: [y] }) => {
  const layout = layoutOf(t, x);
  const given = operand(t, x, layout);
  result(t, y, emit(t, "Mul", [given, given], { as: tensorOf(t, y).name }), layout);
};

const squaredDifference: Translate = (t, { inputs, outputs: [y] }) => {
  const layout = commonLayout(t, inputs);
  const { name } = tensorOf(t, y);
  const given = inputs.map((i) => operand(t, i, layout));
  const apart = emit(t, "Sub", given, { as: `${name}/difference` });
  result(t, y, emit(t, "Mul", [apart, apart], { as: name }), layout);
};

/** FLOOR_DIV and FLOOR_MOD: x / y rounded down, and what is left, which has the sign of y. */
const floored =
  (rest: boolean): Translate =>
  (t, { inputs, outputs: [y] }) => {
    const layout = commonLayout(t, inputs);
    const { name, type } = tensorOf(t, y);
    const [a, b] = inputs.map((i) => operand(t, i, layout));
    if (!type.startsWith("float")) return result(t, y, flooredWhole(t, [a, b], rest, name), layout);
    const quotient = emit(t, "Div", [a, b], { as: `${name}/quotient` });
    const down = emit(t, "Floor", [quotient], { as: rest ? `${name}/floor` : name });
    if (!rest) return result(t, y, down, layout);
    const taken = emit(t, "Mul", [down, b], { as: `${name}/taken` });
    result(t, y, emit(t, "Sub", [a, taken], { as: name }), layout);
  };

/** Of whole numbers: without what is left, division is exact. */
function flooredWhole(t: Translation, [a, b]: readonly string[], rest: boolean, name: string): string {
  const left = emit(t, "Mod", [a, b], { as: rest ? name : `${name}/rest` });
  if (rest) return left;
  return emit(t, "Div", [emit(t, "Sub", [a, left], { as: `${name}/multiple` }), b], { as: name });
}

export const elementwiseOperators: Readonly<Record<string, Translate>> = {
  ADD: together("Add", true),
  SUB: together("Sub", true),
  MUL: together("Mul", true),
  DIV: together("Div", true),
  ADD_N: together("Sum"),
  MAXIMUM: together("Max"),
  MINIMUM: together("Min"),
  POW: together("Pow"),
  LESS: together("Less"),
  LESS_EQUAL: together("LessOrEqual"),
  GREATER: together("Greater"),
  GREATER_EQUAL: together("GreaterOrEqual"),
  EQUAL: together("Equal"),
  LOGICAL_AND: together("And"),
  LOGICAL_OR: together("Or"),
  SELECT: together("Where"),
  SELECT_V2: together("Where"),
  SQUARE: square,
  SQUARED_DIFFERENCE: squaredDifference,
  FLOOR_DIV: floored(false),
  FLOOR_MOD: floored(true),
};
