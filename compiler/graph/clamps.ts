import { type Activation, type Clamp, NO_CLAMP } from "./graph.ts";

interface Ending {
  readonly activation?: Activation;
  readonly clamp: Clamp;
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
export function endsPlainly({ activation, clamp }: Ending): boolean {
  return activation === undefined && isNoClamp(clamp);
}
