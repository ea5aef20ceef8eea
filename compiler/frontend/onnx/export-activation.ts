import type { Activation } from "../../graph/graph.ts";
import { PLAIN_ACTIVATIONS } from "../../ops/activation/activations.ts";
import { InternalError } from "../../support/diagnostic.ts";
import { OPSET } from "./export-opset.ts";
import type { OnnxAttribute, OnnxNode } from "./model.ts";
import { floatAttribute, intAttribute } from "./node-attributes.ts";
import { BOOL, FLOAT32 } from "./schema.ts";

/**
 * An activation from one tensor to another as nodes of the opset that is written, which lacks some of them as operators of their own.
 * `scalar` makes a constant, named after what it is for.
 */
export function activationNodes(
  activation: Activation,
  { name, from, to }: { readonly name: string; readonly from: string; readonly to: string },
  scalar: (part: string, value: number) => string,
): OnnxNode[] {
  const alone = ownOperator(activation);
  if (alone !== undefined) return [{ name, ...alone, input: [from], output: [to] }];
  const nodes: OnnxNode[] = [];
  const step: Step = (
    opType,
    input,
    output = `${to}/${opType.toLowerCase()}${nodes.length}`,
    attribute = [],
  ) => {
    // The last one bears the activation's own name, which an import gives back to it.
    const own = output === to ? name : `${name}/${nodes.length}`;
    nodes.push({ name: own, opType, input, output: [output], attribute });
    return output;
  };
  composed(activation, from, to, step, scalar);
  return nodes;
}

/** Adds a node; the name of its output. */
type Step = (
  opType: string,
  input: readonly string[],
  output?: string,
  attribute?: readonly OnnxAttribute[],
) => string;

/** The activation as one operator, if there is one. */
function ownOperator({ fn, alpha, beta }: Activation): Pick<OnnxNode, "opType" | "attribute"> | undefined {
  const one = (opType: string, ...attribute: OnnxAttribute[]) => ({ opType, attribute });
  switch (fn) {
    case "leaky-relu":
      return one("LeakyRelu", floatAttribute("alpha", alpha));
    case "elu":
      return one("Elu", floatAttribute("alpha", alpha));
    case "selu":
      return one("Selu", floatAttribute("alpha", alpha), floatAttribute("gamma", beta));
    case "hard-sigmoid":
      return one("HardSigmoid", floatAttribute("alpha", alpha), floatAttribute("beta", beta));
    case "thresholded-relu":
      return one("ThresholdedRelu", floatAttribute("alpha", alpha));
    case "shrink":
      return one("Shrink", floatAttribute("lambd", alpha), floatAttribute("bias", beta));
    case "celu":
      return one("Celu", floatAttribute("alpha", alpha));
    default: {
      const plain = PLAIN_ACTIVATIONS.find((row) => row.fn === fn && row.since <= OPSET);
      return plain && one(plain.type);
    }
  }
}

/** x times a gate that is computed from it. */
function composed(
  { fn, alpha, beta }: Activation,
  from: string,
  to: string,
  step: Step,
  scalar: (part: string, value: number) => string,
): void {
  const times = (x: string, part: string, value: number): string =>
    value === 1 ? x : step("Mul", [x, scalar(part, value)]);
  const half = (gate: string): string => {
    const one = step("Add", [gate, scalar("one", 1)]);
    return step("Mul", [step("Mul", [from, one]), scalar("half", 0.5)], to);
  };
  switch (fn) {
    case "silu":
      step("Mul", [from, step("Sigmoid", [times(from, "alpha", alpha)])], to);
      break;
    case "hard-swish": {
      const slopes = [floatAttribute("alpha", alpha), floatAttribute("beta", beta)];
      step("Mul", [from, step("HardSigmoid", [from], undefined, slopes)], to);
      break;
    }
    case "mish":
      step("Mul", [from, step("Tanh", [step("Softplus", [from])])], to);
      break;
    case "gelu":
      half(step("Erf", [times(from, "scale", Math.SQRT1_2)]));
      break;
    case "gelu-tanh": {
      const cube = step("Mul", [step("Mul", [from, from]), from]);
      const inner = step("Add", [from, times(cube, "cubic", 0.044715)]);
      half(step("Tanh", [times(inner, "scale", Math.sqrt(2 / Math.PI))]));
      break;
    }
    case "power":
      step("Pow", [from, scalar("exponent", alpha)], to);
      break;
    case "affine":
      step("Add", [times(from, "scale", alpha), scalar("shift", beta)], to);
      break;
    default:
      composedWhole({ fn, alpha, beta }, from, to, step, scalar);
  }
}

/** Truths, and what makes whole numbers. */
function composedWhole(
  { fn, alpha, beta }: Activation,
  from: string,
  to: string,
  step: Step,
  scalar: (part: string, value: number) => string,
): void {
  /** What lies outside has the root of a number below 0 added, times 0. */
  const held = (x: string): void => {
    const inside = step("Clip", [x, scalar("least", alpha), scalar("most", beta)]);
    const root = step("Sqrt", [step("Neg", [step("Abs", [step("Sub", [x, inside])])])]);
    step("Add", [x, step("Mul", [root, scalar("zero", 0)])], to);
  };
  switch (fn) {
    case "is-nan":
      step("Cast", [step("IsNaN", [from])], to, [intAttribute("to", FLOAT32)]);
      break;
    case "is-infinite": {
      const counted = [intAttribute("detect_negative", alpha), intAttribute("detect_positive", beta)];
      step("Cast", [step("IsInf", [from], undefined, counted)], to, [intAttribute("to", FLOAT32)]);
      break;
    }
    case "truth": {
      const truth = step("Cast", [from], undefined, [intAttribute("to", BOOL)]);
      step("Cast", [truth], to, [intAttribute("to", FLOAT32)]);
      break;
    }
    case "held":
      held(from);
      break;
    case "whole":
      held(step("Mul", [step("Sign", [from]), step("Floor", [step("Abs", [from])])]));
      break;
    case "wrap": {
      const above = step("Sub", [from, scalar("least", alpha)]);
      const rounds = step("Floor", [step("Div", [above, scalar("count", beta)])]);
      step("Sub", [from, step("Mul", [rounds, scalar("round", beta)])], to);
      break;
    }
    case "quantize":
      step("Add", [step("Round", [step("Div", [from, scalar("scale", alpha)])]), scalar("zero", beta)], to);
      break;
    case "quantize-by-product":
    case "quantize-small":
      step("Add", [step("Round", [step("Mul", [from, scalar("scale", alpha)])]), scalar("zero", beta)], to);
      break;
    case "dequantize":
      step("Mul", [step("Sub", [from, scalar("zero", beta)]), scalar("scale", alpha)], to);
      break;
    case "fake-quantize":
    case "requantize":
      step("Mul", [step("Round", [step("Div", [from, scalar("scale", alpha)])]), scalar("step", alpha)], to);
      break;
    default:
      throw new InternalError(`the activation ${fn} is written neither as an operator nor as several`);
  }
}
