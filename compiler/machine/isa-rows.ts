import { BYTES, type DType } from "../ir/dtype.ts";
import type { Feature, Isa, IsaRow, Target } from "./target.schema.ts";

/** Name of a vector type: `f16x8`. */
export function vectorName(dtype: DType, lanes: number): string {
  return `${dtype}x${lanes}`;
}

/** Elements of one vector register. */
export function lanesOf(isa: Isa, dtype: DType): number {
  return (isa.lanes * BYTES.f32) / BYTES[dtype];
}

/** Whether the instruction set has vectors of so many elements of a type. */
export function hasVectors(isa: Isa, dtype: DType, lanes: number): boolean {
  return isFloatVector(isa, dtype, lanes) || isa.vectorTypes?.[vectorName(dtype, lanes)] !== undefined;
}

/** Vectors of f32 that fill a register have rows of their own (`ops`), which every instruction set has all of. */
export function isFloatVector(isa: Isa, dtype: DType, lanes: number): boolean {
  return dtype === "f32" && lanes === isa.lanes;
}

/** The row of an operation on vectors that are not whole registers of f32; nothing where there is none. */
export function rowOf(isa: Isa, op: IsaRow["op"], type: string, from?: string): IsaRow | undefined {
  return isa.rows?.find((r) => r.op === op && r.type === type && r.from === from);
}

/** What the target's core has beyond its instruction set. */
export function featuresOf({ core, board }: Pick<Target, "core" | "board">): readonly Feature[] {
  return [...(core.features ?? []), ...(board.features ?? [])];
}
