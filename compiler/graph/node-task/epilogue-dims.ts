import { ACTIVATION_NAMES, actOf } from "../../ops/activation/activations.ts";
import { AFTER, BEFORE } from "../../ops/epilogue/epilogue.kernel.ts";
import { assertNever } from "../../support/assert.ts";
import { type Stage, stagesOf } from "../epilogue.ts";
import { type AddingEpilogue, type GraphNode, type LinearEpilogue, NO_CLAMP } from "../graph.ts";
import { has } from "../node-traits.ts";

type Dims = Readonly<Record<string, number>>;

/** Those that say what is done, 0 being nothing, and the numbers it is done with. */
export const EPILOGUE_SWITCHES: readonly string[] = ["BIAS", "RES", "ACT", "SLOPES"];
export const EPILOGUE_NUMBERS: readonly string[] = ["LO", "HI", "ALPHA", "BETA"];

/**
 * What a node does before it stores, as its kernel takes it (epilogue.kernel.ts). A task names the clamp, and bias and residual where
 * its kernel has them, an activation only where there is one.
 */
export function epilogueDims(node: GraphNode): Dims {
  const convolves = has(node.op, "convolves");
  return Object.assign(
    { ...(convolves && { BIAS: 0 }), ...((convolves || has(node.op, "adds")) && { RES: 0 }) },
    stageDims({ kind: "clamp", clamp: NO_CLAMP }),
    ...stagesOf(node).map(stageDims),
  );
}

function stageDims(stage: Stage): Dims {
  switch (stage.kind) {
    case "bias":
      return { BIAS: 1 };
    case "residual":
      return { RES: stage.place === "after" ? AFTER : BEFORE };
    case "activation": {
      const { fn, alpha, beta } = stage.activation;
      const own = stage.slopes === undefined ? undefined : { SLOPES: 1 };
      return { ACT: actOf(fn), ALPHA: alpha, BETA: beta, ...own };
    }
    case "clamp":
      return { LO: stage.clamp.lo, HI: stage.clamp.hi };
    default:
      return assertNever(stage);
  }
}

/** The reverse, of a convolution: what these dims make it do. */
export function epilogueOf(dims: Dims): AddingEpilogue & LinearEpilogue {
  const { BIAS = 0, RES = 0, ACT = 0, ALPHA: alpha = 0, BETA: beta = 0, SLOPES = 0 } = dims;
  const fn = ACTIVATION_NAMES.find((name) => actOf(name) === ACT);
  return {
    bias: BIAS !== 0,
    residual: RES === 0 ? false : RES === AFTER ? "after" : "before",
    ...(fn && { activation: { fn, alpha, beta } }),
    ...(SLOPES !== 0 && fn === "leaky-relu" && { slopes: true }),
    clamp: { lo: dims.LO ?? NO_CLAMP.lo, hi: dims.HI ?? NO_CLAMP.hi },
  };
}
