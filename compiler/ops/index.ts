import { activationOperators } from "./activation/operators.ts";
import { bands } from "./bands/operators.ts";
import { algorithmOperators } from "./conv2d/algorithms.ts";
import { convolutions } from "./conv2d/operators.ts";
import { elementwiseOperators } from "./elementwise/operators.ts";
import { frames } from "./frame/operators.ts";
import { matrixProducts } from "./matmul/operators.ts";
import { moves } from "./move/operators.ts";
import { normalizations } from "./norm/operators.ts";
import type { OpDef, SizedOp } from "./op.ts";
import { pools } from "./pool/operators.ts";
import { recurrentLayers } from "./recurrent/operators.ts";
import { reductionOperators } from "./reduce/operators.ts";
import { resamplings } from "./resample/operators.ts";
import { samplings } from "./sample/operators.ts";
import { selections } from "./select/operators.ts";
import { softmaxes } from "./softmax/operators.ts";

/** Every operator there is. A new one is a kernel file, its schedules and an entry in the `operators.ts` of its folder. */
export const ops = {
  ...convolutions,
  ...algorithmOperators,
  ...bands,
  ...pools,
  ...elementwiseOperators,
  ...activationOperators,
  ...reductionOperators,
  ...normalizations,
  ...matrixProducts,
  ...softmaxes,
  ...recurrentLayers,
  ...moves,
  ...frames,
  ...resamplings,
  ...selections,
  ...samplings,
} as const satisfies Readonly<Record<string, OpDef>>;

/** Names of the operators. */
export type OpName = keyof typeof ops;

/** The sizes that an operator takes; of one of several, all that any of them takes. */
export type SizesOf<Op extends OpName> = (typeof ops)[Op] extends SizedOp<infer D> ? D : never;
