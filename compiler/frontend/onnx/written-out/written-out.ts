import type { OnnxNode } from "../model.ts";
import { floatAttribute } from "../node-attributes.ts";

/**
 * An operator that is written out as others, in the words of an operator set: from inputs of these names to outputs of these. Inputs that
 * a node leaves out are left out of its parts.
 */
export interface WrittenOut {
  /** 13 where nothing is said: scales along an axis came with it. */
  readonly words?: number;
  readonly inputs: readonly string[] | ((count: number) => readonly string[]);
  readonly outputs: readonly string[];
  readonly parts: (given: OnnxNode, inputs: GivenInputs) => readonly OnnxNode[];
  /** Why a node is not written out. */
  readonly refuses?: (given: OnnxNode) => string | undefined;
}

/** What is known of a node's inputs. */
export interface GivenInputs {
  has(input: string): boolean;
  rank(input: string): number;
}

export const WORDS = 13;

export function part(
  opType: string,
  input: readonly string[],
  output: string,
  attribute: OnnxNode["attribute"] = [],
): OnnxNode {
  return { name: output, opType, input, output: [output], attribute };
}

export function constant(output: string, value: number): OnnxNode {
  return part("Constant", [], output, [floatAttribute("value_float", value)]);
}

/** A quantized tensor's name with those of its scale and zero point. */
export function stepped(name: string): readonly [string, string, string] {
  return [name, `${name}_scale`, `${name}_zero`];
}

/** What `x` stands for, `x_floats`. */
export function floatsOf(x: string, attribute: OnnxNode["attribute"] = []): OnnxNode {
  return part("DequantizeLinear", stepped(x), `${x}_floats`, attribute);
}

/** The result `y` of floats. */
export function quantized(floats: string): OnnxNode {
  return part("QuantizeLinear", [floats, "y_scale", "y_zero"], "y");
}
