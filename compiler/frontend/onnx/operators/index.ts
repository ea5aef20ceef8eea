import type { OperatorImporter } from "../operator.ts";
import { activationOperators } from "./activation.ts";
import { constantOperators } from "./constant.ts";
import { convolutionOperators } from "./convolution.ts";
import { elementwiseOperators } from "./elementwise.ts";
import { gatheringOperators } from "./gathering.ts";
import { integerOperators } from "./integer.ts";
import { matrixOperators } from "./matrix.ts";
import { normalizationOperators } from "./normalization.ts";
import { paddingOperators } from "./padding.ts";
import { poolingOperators } from "./pooling.ts";
import { repeatingOperators } from "./repeating.ts";
import { resizingOperators } from "./resize.ts";
import { shapeOperators } from "./shape.ts";
import { slicingOperators } from "./slicing.ts";

/** Every ONNX operator that can be imported. To add one: declare it in the file of its group, or list a new group here. */
const ALL: readonly OperatorImporter[] = [
  ...activationOperators,
  ...constantOperators,
  ...convolutionOperators,
  ...elementwiseOperators,
  ...gatheringOperators,
  ...integerOperators,
  ...matrixOperators,
  ...normalizationOperators,
  ...paddingOperators,
  ...poolingOperators,
  ...repeatingOperators,
  ...resizingOperators,
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
