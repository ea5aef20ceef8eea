import {
  type Activation,
  type Clamp,
  type Epilogue,
  type GraphNode,
  type LinearEpilogue,
  NO_CLAMP,
} from "./graph.ts";
import { has } from "./node-traits.ts";

/** One thing that is done to a result before it is stored; operands are numbers of the node's inputs. */
export type Stage =
  | { readonly kind: "bias"; readonly operand: number }
  | { readonly kind: "residual"; readonly operand: number; readonly place: "before" | "after" }
  /** With a slope for each channel, where it has that operand. */
  | { readonly kind: "activation"; readonly activation: Activation; readonly slopes?: number }
  | { readonly kind: "clamp"; readonly clamp: Clamp };

/** What a node does to what it computed, in this order. */
export function stagesOf({ op, inputs }: GraphNode): readonly Stage[] {
  const linear = has(op, "linear") ? op : undefined;
  const { activation, clamp = NO_CLAMP }: Partial<Epilogue> =
    has(op, "epilogue") || has(op, "element-wise") ? op : {};
  const place = has(op, "adds") && op.residual;
  const residual = place ? ({ kind: "residual", operand: inputs.length - 1, place } as const) : undefined;
  const slopes = linear?.slopes && { slopes: slopesOperand(linear) };
  return [
    has(op, "biased") && op.bias && ({ kind: "bias", operand: 2 } as const),
    place === "before" && residual,
    activation && ({ kind: "activation", activation, ...slopes } as const),
    !isNoClamp(clamp) && ({ kind: "clamp", clamp } as const),
    place === "after" && residual,
  ].filter((stage) => stage !== undefined && stage !== false);
}

/** Operand number of the slopes of a node that has them: behind the bias. */
export function slopesOperand({ bias }: LinearEpilogue): number {
  return bias ? 3 : 2;
}

export function isNoClamp(clamp: Clamp): boolean {
  return clamp.lo === NO_CLAMP.lo && clamp.hi === NO_CLAMP.hi;
}

/** The clamp that does `first`, then `second`. */
export function composeClamps(first: Clamp, second: Clamp): Clamp {
  const bound = (v: number): number => Math.min(Math.max(v, second.lo), second.hi);
  return { lo: bound(first.lo), hi: bound(first.hi) };
}

/** Whether a node stores what it computed, a residual apart. */
export function endsPlainly({ activation, clamp }: Epilogue): boolean {
  return activation === undefined && isNoClamp(clamp);
}
