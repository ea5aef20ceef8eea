import { BYTES, type DType } from "../ir/dtype.ts";
import { canRun } from "../ir/instruction.ts";
import type { Feature, Isa, IsaRow, Target } from "./target.schema.ts";

/** Name of a vector type: `f16x8`; of so many elements in several registers: `i8x2x2`. */
export function vectorName(dtype: DType, lanes: number, registers?: number): string {
  return registers === undefined ? `${dtype}x${lanes}` : `${dtype}x${lanes / registers}x${registers}`;
}

/** The type of the floats that the instruction set's own operations are of. */
export function floatOf({ float }: Pick<Isa, "float">): "f32" | "f16" {
  return float ?? "f32";
}

/** Bytes of one of its floats. */
export function floatBytes(isa: Pick<Isa, "float">): number {
  return BYTES[floatOf(isa)];
}

/** Bytes of one vector register. */
export function vectorBytes(isa: Pick<Isa, "float" | "lanes">): number {
  return isa.lanes * floatBytes(isa);
}

/**
 * Whether it is said in which register each vector is by whose lanes is multiplied: where few can be named, and a core takes its
 * instructions in their order, with every copy a compiler makes between them. Others lose 5 % of some tiles to it, and win nothing.
 */
export function placesFactors({ isa, core }: Pick<Target, "isa" | "core">): boolean {
  return isa.laneRegisters !== undefined && core.inOrder;
}

/** Vectors by whose lanes a tile multiplies, at most. */
export function mostFactors(target: Pick<Target, "isa" | "core">): number {
  const { laneRegisters } = target.isa;
  if (laneRegisters === undefined) return Number.POSITIVE_INFINITY;
  // a compiler finds registers for one more than half of them; where they are placed, four are for those that come next
  return placesFactors(target) ? laneRegisters.count - 4 : laneRegisters.count / 2 + 1;
}

/** Elements of one vector register. */
export function lanesOf(isa: Isa, dtype: DType): number {
  return vectorBytes(isa) / BYTES[dtype];
}

/** Whether the instruction set has vectors of so many elements of a type. */
export function hasVectors(isa: Isa, dtype: DType, lanes: number, registers?: number): boolean {
  const type = vectorName(dtype, lanes, registers);
  return isFloatVector(isa, dtype, lanes) || isa.vectorTypes?.[type] !== undefined;
}

/** Vectors of its floats that fill a register have rows of their own (`ops`), which every instruction set has all of. */
export function isFloatVector(isa: Isa, dtype: DType, lanes: number): boolean {
  return dtype === floatOf(isa) && lanes === isa.lanes;
}

/** The row of an operation on vectors that are not whole registers of its floats; nothing where there is none. */
export function rowOf(isa: Isa, op: IsaRow["op"], type: string, from?: string): IsaRow | undefined {
  return isa.rows?.find((r) => r.op === op && r.type === type && r.from === from);
}

/** The row of a function of vectors of f32; nothing where it is made of one of single numbers. */
export function functionRow(
  { rows }: Isa,
  { fn, lanes }: { readonly fn: string; readonly lanes: number },
): IsaRow | undefined {
  return rows?.find(({ op, type }) => op === fn && type === vectorName("f32", lanes));
}

/**
 * Elements of the vectors by whose lanes is multiplied. Half a register where a core in order does nothing beside a load of a whole one, and
 * the instruction set multiplies by lanes of halves: those are loaded beside multiply-adds.
 */
export function factorLanes({ isa, core }: Pick<Target, "isa" | "core">): number {
  const { lanes } = isa;
  const half = lanes / 2;
  const [whole, part] = [lanes, half].map((n) => vectorName(floatOf(isa), n));
  const byHalves =
    (["fmaLane", "mulLane"] as const).every((op) => rowOf(isa, op, whole, part) !== undefined) &&
    [whole, part].every((type) => rowOf(isa, "loadInOrder", type) !== undefined);
  const { ports, bytes } = core.model ?? {};
  const alone = core.inOrder && ports?.wideAlone === true && bytes?.loadBytes === vectorBytes(isa) / 2;
  return byHalves && alone ? half : lanes;
}

/** Whether products are taken by lanes of half registers. */
export function takesHalfVectors(target: Pick<Target, "isa" | "core">): boolean {
  return factorLanes(target) < target.isa.lanes;
}

/**
 * Whether a vector is loaded rather than copied from another register: loads take nothing from the units that multiply, where a core
 * finds work for both by itself.
 */
export function beginsFromMemory({ isa, core }: Pick<Target, "isa" | "core">): boolean {
  const row = rowOf(isa, "loadInOrder", vectorName(floatOf(isa), isa.lanes));
  return row !== undefined && !core.inOrder && core.model !== undefined;
}

/** What the target's core has beyond its instruction set. */
export function featuresOf({ core, board }: Pick<Target, "core" | "board">): readonly Feature[] {
  return [...(core.features ?? []), ...(board.features ?? [])];
}

/** Whether the core has an instruction of its set. */
export function hasInstruction(target: Pick<Target, "isa" | "core" | "board">, name: string): boolean {
  const found = target.isa.instructions?.find((instruction) => instruction.name === name);
  return found !== undefined && canRun({ features: featuresOf(target) }, found);
}
