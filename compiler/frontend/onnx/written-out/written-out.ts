import type { OnnxNode } from "../model.ts";

/**
 * An operator that is written out as others, which have the words of operator set 13: from inputs of these names to outputs of these.
 * Inputs that a node leaves out are left out of its parts; `has` tells which are there.
 */
export interface WrittenOut {
  readonly inputs: readonly string[] | ((count: number) => readonly string[]);
  readonly outputs: readonly string[];
  readonly parts: (given: OnnxNode, has: (input: string) => boolean) => readonly OnnxNode[];
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
