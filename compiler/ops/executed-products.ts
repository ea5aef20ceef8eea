import type { Dims } from "../language/kernel.ts";
import { ops } from "./index.ts";
import type { OpDef } from "./op.ts";
import { WINOGRADS } from "./winograd/winograd-blocks.ts";

/**
 * Multiply-adds that a call of an operator executes in all lanes; Winograd's transforms are counted in as much. Not what
 * was asked for: channels that only fill vectors count.
 */
export function executedProducts(op: string, d: Dims): number {
  const winograd = WINOGRADS.find((w) => w.op === op);
  if (winograd === undefined) return (ops as Readonly<Record<string, OpDef>>)[op]?.macs(d) ?? 0;
  const { tile, inputTransform, outputTransform } = winograd;
  const points = (tile + 2) ** 2;
  const tiles = d.N * d.G * d.RB * d.TR * d.CB * d.TC;
  return tiles * (points * d.OC * d.IC + inputTransform * d.IC + outputTransform * d.OC);
}
