import { hasInstruction } from "../../machine/isa-rows.ts";
import type { Target } from "../../machine/target.schema.ts";
import type { Int8Times } from "../conv2d/algorithm.ts";

/** The instruction of `targets/isa` that adds products of i8 to each lane of i32. */
export const DOT = "sdot_four";
/** Products of a lane. */
export const FOUR = 4;

const VECTOR_BYTES = 16;

/** What products of i8, and what is done to them, take on a core beside its multiply-adds of f32; undefined without the instruction. */
export function int8Times(target: Pick<Target, "isa" | "core" | "board">): Int8Times | undefined {
  if (!hasInstruction(target, DOT)) return undefined;
  const { fmaPerCycle, model } = target.core;
  const vectors = model && (model.ports.simd * model.bytes.simdBytes) / VECTOR_BYTES;
  const others = fmaPerCycle / (vectors ?? fmaPerCycle);
  return { products: others / FOUR, others };
}
