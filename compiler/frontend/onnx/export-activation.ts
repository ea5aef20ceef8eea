import type { Activation } from "../../graph/graph.ts";
import { assertNever } from "../../support/assert.ts";
import type { OnnxAttribute, OnnxNode } from "./model.ts";
import { floatAttribute } from "./node-attributes.ts";

/**
 * An activation from one tensor to another as nodes of opset 13, which lacks some of them as operators of their own.
 * `scalar` makes a constant, named after what it is for.
 */
export function activationNodes(
  { fn, alpha, beta }: Activation,
  { name, from, to }: { readonly name: string; readonly from: string; readonly to: string },
  scalar: (part: string, value: number) => string,
): OnnxNode[] {
  const nodes: OnnxNode[] = [];
  const step = (
    opType: string,
    input: readonly string[],
    output = `${to}/${opType.toLowerCase()}${nodes.length}`,
    attribute: readonly OnnxAttribute[] = [],
  ): string => {
    // The last one bears the activation's own name, which an import gives back to it.
    const own = output === to ? name : `${name}/${nodes.length}`;
    nodes.push({ name: own, opType, input, output: [output], attribute });
    return output;
  };
  const only = (opType: string, attribute: readonly OnnxAttribute[] = []): void => {
    nodes.push({ name, opType, input: [from], output: [to], attribute });
  };
  const times = (x: string, part: string, value: number): string =>
    value === 1 ? x : step("Mul", [x, scalar(part, value)]);
  const slopes = [floatAttribute("alpha", alpha), floatAttribute("beta", beta)];
  switch (fn) {
    case "leaky-relu":
      only("LeakyRelu", [floatAttribute("alpha", alpha)]);
      break;
    case "elu":
      only("Elu", [floatAttribute("alpha", alpha)]);
      break;
    case "selu":
      only("Selu", [floatAttribute("alpha", alpha), floatAttribute("gamma", beta)]);
      break;
    case "sigmoid":
      only("Sigmoid");
      break;
    case "hard-sigmoid":
      only("HardSigmoid", slopes);
      break;
    case "tanh":
      only("Tanh");
      break;
    case "softplus":
      only("Softplus");
      break;
    case "erf":
      only("Erf");
      break;
    case "silu":
      step("Mul", [from, step("Sigmoid", [times(from, "alpha", alpha)])], to);
      break;
    case "hard-swish":
      step("Mul", [from, step("HardSigmoid", [from], undefined, slopes)], to);
      break;
    case "mish":
      step("Mul", [from, step("Tanh", [step("Softplus", [from])])], to);
      break;
    case "gelu": {
      const one = step("Add", [step("Erf", [times(from, "scale", Math.SQRT1_2)]), scalar("one", 1)]);
      step("Mul", [step("Mul", [from, one]), scalar("half", 0.5)], to);
      break;
    }
    case "gelu-tanh": {
      const cube = step("Mul", [step("Mul", [from, from]), from]);
      const inner = step("Add", [from, times(cube, "cubic", 0.044715)]);
      const one = step("Add", [
        step("Tanh", [times(inner, "scale", Math.sqrt(2 / Math.PI))]),
        scalar("one", 1),
      ]);
      step("Mul", [step("Mul", [from, one]), scalar("half", 0.5)], to);
      break;
    }
    default:
      assertNever(fn);
  }
  return nodes;
}
