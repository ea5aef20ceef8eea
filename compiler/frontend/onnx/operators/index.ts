import type { OperatorImporter } from "../operator.ts";
import { activationOperators } from "./activation.ts";
import { constantOperators } from "./constant.ts";
import { convolutionOperators } from "./convolution.ts";
import { einsumOperators } from "./einsum.ts";
import { elementwiseOperators } from "./elementwise.ts";
import { integerOperators } from "./integer.ts";
import { matrixOperators } from "./matrix.ts";
import { normalizationOperators } from "./normalization.ts";
import { paddingOperators } from "./padding.ts";
import { poolingOperators } from "./pooling.ts";
import { reductionOperators } from "./reduction.ts";
import { sequenceOperators } from "./sequence.ts";
import { shapeOperators } from "./shape.ts";
import { slicingOperators } from "./slicing.ts";

/** Every ONNX operator that can be imported. To add one: declare it in the file of its group, or list a new group here. */
const ALL: readonly OperatorImporter[] = [
  ...activationOperators,
  ...constantOperators,
  ...convolutionOperators,
  ...einsumOperators,
  ...elementwiseOperators,
  ...integerOperators,
  ...matrixOperators,
  ...normalizationOperators,
  ...paddingOperators,
  ...poolingOperators,
  ...reductionOperators,
  ...sequenceOperators,
  ...shapeOperators,
  ...slicingOperators,
];

const BY_TYPE: ReadonlyMap<string, OperatorImporter> = new Map(ALL.map((op) => [op.type, op]));

export function findOperator(domain: string, type: string): OperatorImporter | undefined {
  return domain === "" || domain === "ai.onnx" ? BY_TYPE.get(type) : undefined;
}

/** Names of the supported operators, sorted. */
export function listSupportedOps(): readonly string[] {
  return [...BY_TYPE.keys()].sort();
}
