import type { Signature } from "./signature.ts";
import { constantSignatures } from "./signatures/constants.ts";
import { elementwiseSignatures } from "./signatures/elementwise.ts";
import { knownSignatures } from "./signatures/known.ts";
import { matrixSignatures } from "./signatures/matrices.ts";
import { moveSignatures } from "./signatures/moves.ts";
import { quantizationSignatures } from "./signatures/quantization.ts";
import { reductionSignatures } from "./signatures/reductions.ts";
import { sequenceSignatures } from "./signatures/sequences.ts";
import { shapeSignatures } from "./signatures/shapes.ts";
import { tensorSequenceSignatures } from "./signatures/tensor-sequences.ts";
import { windowSignatures } from "./signatures/windows.ts";

/**
 * Every operator that is imported, as ONNX 1.23 defines it in operator sets 1 to 28 (https://onnx.ai/onnx/operators), by
 * family: what is not in here no node may have, and what is in here a handler looks at, or it says why not. A test compares
 * it with ONNX's own schemas.
 */
export const SIGNATURES = {
  ...constantSignatures,
  ...elementwiseSignatures,
  ...knownSignatures,
  ...matrixSignatures,
  ...moveSignatures,
  ...quantizationSignatures,
  ...reductionSignatures,
  ...sequenceSignatures,
  ...shapeSignatures,
  ...tensorSequenceSignatures,
  ...windowSignatures,
} as const satisfies Readonly<Record<string, Signature>>;

export type OperatorName = keyof typeof SIGNATURES;
