import { InternalError } from "../../../support/diagnostic.ts";
import { EVALUATORS } from "../known/index.ts";
import { importer, type OperatorImporter } from "../operator.ts";
import type { Signature } from "../signature.ts";
import { contributedSignatures } from "../signatures/contributed.ts";
import { tensorSequenceSignatures } from "../signatures/tensor-sequences.ts";
import { SIGNATURES } from "../signatures.ts";
import { type QuantizedName, quantizedOperators } from "../written-out/quantized.ts";
import { activationOperators } from "./activation.ts";
import { attentionOperators } from "./attention.ts";
import { branchOperators } from "./branch.ts";
import { channelNormOperators } from "./channel-norm.ts";
import { comparisonOperators } from "./comparison.ts";
import { constantOperators } from "./constant.ts";
import { convolutionOperators } from "./convolution.ts";
import { deformOperators } from "./deform-convolution.ts";
import { einsumOperators } from "./einsum.ts";
import { elementwiseOperators } from "./elementwise.ts";
import { gatheringOperators } from "./gathering.ts";
import { integerOperators } from "./integer.ts";
import { matrixOperators } from "./matrix.ts";
import { normPoolingOperators } from "./norm-pooling.ts";
import { normalizationOperators } from "./normalization.ts";
import { OWN_DOMAIN, ownOperators } from "./own.ts";
import { paddingOperators } from "./padding.ts";
import { poolingOperators } from "./pooling.ts";
import { quantizationOperators } from "./quantization.ts";
import { reductionOperators } from "./reduction.ts";
import { repeatingOperators } from "./repeating.ts";
import { resizingOperators } from "./resize.ts";
import { samplingOperators } from "./sampling.ts";
import { scatteringOperators } from "./scattering.ts";
import { searchingOperators } from "./searching.ts";
import { selectingOperators } from "./selecting.ts";
import { sequenceOperators } from "./sequence.ts";
import { shapeOperators } from "./shape.ts";
import { slicingOperators } from "./slicing.ts";
import { spaceOperators } from "./space.ts";
import { spectralOperators } from "./spectral.ts";
import { transposedConvolutionOperators } from "./transposed-convolution.ts";
import { unpoolingOperators } from "./unpooling.ts";
import { whereOperators } from "./where.ts";
import { wholeProducts } from "./whole-products.ts";

/** Every ONNX operator that can be imported. To add one: declare it in the file of its group, or list a new group here. */
const ALL: readonly OperatorImporter[] = [
  ...activationOperators,
  ...attentionOperators,
  ...branchOperators,
  ...channelNormOperators,
  ...comparisonOperators,
  ...constantOperators,
  ...convolutionOperators,
  ...einsumOperators,
  ...deformOperators,
  ...elementwiseOperators,
  ...gatheringOperators,
  ...integerOperators,
  ...matrixOperators,
  ...normPoolingOperators,
  ...normalizationOperators,
  ...paddingOperators,
  ...poolingOperators,
  ...quantizationOperators,
  ...reductionOperators,
  ...samplingOperators,
  ...scatteringOperators,
  ...searchingOperators,
  ...selectingOperators,
  ...sequenceOperators,
  ...repeatingOperators,
  ...resizingOperators,
  ...shapeOperators,
  ...slicingOperators,
  ...spaceOperators,
  ...spectralOperators,
  ...transposedConvolutionOperators,
  ...unpoolingOperators,
  ...whereOperators,
  ...wholeProducts,
];

const EVALUATOR_OF: ReadonlyMap<string, OperatorImporter> = new Map(EVALUATORS.map((op) => [op.type, op]));
/** What is only computed of known values is refused of others. */
const BY_TYPE: ReadonlyMap<string, OperatorImporter> = new Map([
  ...EVALUATORS.map(({ type, signature }) => [type, ofKnownOnly(type, signature)] as const),
  ...Object.entries(tensorSequenceSignatures).map(([type, of]) => [type, ofOthers(type, of)] as const),
  ...(Object.keys(quantizedOperators) as readonly QuantizedName[]).map(
    (type) => [type, ofOthers(type, SIGNATURES[type])] as const,
  ),
  ...ALL.map((op) => [op.type, op] as const),
]);

/** Those of ONNX Runtime's own, all written out (written-out/). */
const CONTRIBUTED: ReadonlyMap<string, OperatorImporter> = new Map(
  Object.entries(contributedSignatures).map(([type, signature]) => [type, ofOthers(type, signature)]),
);

/** An operator that others stand for: nodes are written out before they come here (import-node.ts). */
function ofOthers(type: string, signature: Signature): OperatorImporter {
  return importer(type, signature, (node) => {
    throw new InternalError(`${node.where} is not written out`);
  });
}

function ofKnownOnly(type: string, signature: Signature): OperatorImporter {
  return importer(type, signature, (node) =>
    node.unsupported("only of values known before the network runs"),
  );
}

/** What computes an operator while importing, where all that it reads is known. */
export function findEvaluator(type: string): OperatorImporter | undefined {
  return EVALUATOR_OF.get(type);
}

export function findOperator(domain: string, type: string): OperatorImporter | undefined {
  if (domain === "com.microsoft") return CONTRIBUTED.get(type);
  if (domain === OWN_DOMAIN) return ownOperators.find((op) => op.type === type);
  return domain === "" || domain === "ai.onnx" ? BY_TYPE.get(type) : undefined;
}

/** Names of the supported operators of ONNX, sorted, then those of ONNX Runtime's own with their domain. */
export function listSupportedOps(): readonly string[] {
  const contributed = [...CONTRIBUTED.keys()].map((type) => `com.microsoft.${type}`);
  return [...[...BY_TYPE.keys()].sort(), ...contributed.sort()];
}
