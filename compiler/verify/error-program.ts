import type { TypedArray } from "../ir/dtype.ts";
import * as rounding from "./rounding.ts";
import type { Formula } from "./whole-function.ts";

/** What a procedure is given: contents of its inputs and weights, and bounds of their errors where they have any. */
export interface Given {
  readonly data: TypedArray;
  readonly errors: Float32Array | undefined;
}

/** What is known of a procedure besides its loops. */
export interface Known {
  /** The activation in it that is bounded as a whole. */
  readonly formula?: Formula | undefined;
  /** Terms of a sum that are added up in f16, at most, before f32 takes their sum; absent: all. */
  readonly inHalf?: number;
}

/** Bounds of a procedure's outputs. */
export type ErrorProgram = (given: ReadonlyMap<string, Given>) => ReadonlyMap<string, Float32Array>;

/** A program of bounds as text: plain data, to be kept. */
export interface WrittenErrorProgram {
  readonly inputs: readonly string[];
  /** Each with how many elements it has. */
  readonly outputs: readonly (readonly [name: string, elements: number])[];
  readonly text: string;
}

export function openErrorProgram({ inputs, outputs, text }: WrittenErrorProgram): ErrorProgram {
  // The text is made of numbers and of names given here; nothing of a model or a file is in it.
  const run = new Function("R", "given", "out", text);
  return (given) => {
    const found = new Map(outputs.map(([name, elements]) => [name, new Float32Array(elements)]));
    const none: Given = { data: new Float32Array(0), errors: undefined };
    run(
      rounding,
      inputs.map((name) => given.get(name) ?? none),
      [...found.values()],
    );
    return found;
  };
}
