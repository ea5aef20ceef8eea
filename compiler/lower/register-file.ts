import type { DType } from "../ir/dtype.ts";
import { coefficient, type Index, isConstant, type Ranges, ZERO } from "../ir/index-expr.ts";
import type { AllocStmt, Block, ForStmt } from "../ir/stmt.ts";
import { substitute } from "../ir/substitute.ts";
import { UserError } from "../support/diagnostic.ts";

/** A local buffer kept in registers: one for each element, or for each group of lanes along one dimension. */
export interface RegisterFile {
  readonly buffer: string;
  readonly shape: readonly number[];
  readonly dtype: DType;
  /** Elements of one register. */
  readonly lanes: number;
  /** The dimension that lies in the lanes; undefined for scalars. */
  readonly laneDim: number | undefined;
  /** First part of the registers' names. */
  readonly prefix: string;
}

/** Where an access stands: the vector loop being turned into lanes, its axis in the first of them, and the bounds of all axes. */
export interface Lanes {
  readonly vector: string | undefined;
  readonly first: ReadonlyMap<string, Index>;
  readonly ranges: Ranges;
}

/** The axis of a vector loop in its first lane. */
export function firstLane(vector: string | undefined): ReadonlyMap<string, Index> {
  return new Map(vector === undefined ? [] : [[vector, ZERO]]);
}

/** @param widthOf lanes of a vector loop, 1 where it is written out in scalars */
export function registerFile(s: AllocStmt, widthOf: (l: ForStmt) => number, prefix: string): RegisterFile {
  const { buffer, shape, dtype } = s;
  return {
    buffer,
    shape,
    dtype,
    ...(laneDimension(s.body, buffer, widthOf) ?? { lanes: 1, laneDim: undefined }),
    prefix,
  };
}

/** Names of all registers of a file. */
export function registerNames(file: RegisterFile): string[] {
  if (file.shape.length === 0) return [file.prefix];
  const size = file.shape.reduce(
    (n, extent, d) => n * (d === file.laneDim ? vectorsAlong(file, d) : extent),
    1,
  );
  return Array.from({ length: size }, (_, i) => `${file.prefix}${i}`);
}

/** Registers that hold one dimension's elements, the last one perhaps in part. */
function vectorsAlong(file: RegisterFile, dim: number): number {
  return Math.ceil(file.shape[dim] / file.lanes);
}

/**
 * The register that holds an element, whose index is constant but for the lanes. `writes` in a vector loop need
 * all lanes; a scalar read there is the same for all of them.
 */
export function registerAt(
  file: RegisterFile,
  at: readonly Index[],
  { vector, first, ranges }: Lanes,
  writes = false,
): string {
  const { shape, laneDim, lanes, prefix } = file;
  const fixed = at.map((i) => substitute(i, first, ranges));
  if (!inWholeRegisters(file, at, fixed, vector, ranges, writes))
    throw new UserError(notInLanes(file, vector));
  if (shape.length === 0) return prefix;
  const moving = fixed.find((i) => !isConstant(i));
  if (moving !== undefined) throw new UserError(chosenAtRunTime(file.buffer, moving));
  let number = 0;
  for (let d = 0; d < shape.length; d++) if (d !== laneDim) number = number * shape[d] + fixed[d].offset;
  if (laneDim !== undefined) number = number * vectorsAlong(file, laneDim) + fixed[laneDim].offset / lanes;
  return `${prefix}${number}`;
}

/** Whether an access, which is at `fixed` in the first lane, takes whole registers: all lanes of a vector, or a scalar where no lanes are asked for. */
function inWholeRegisters(
  { lanes, laneDim }: RegisterFile,
  at: readonly Index[],
  fixed: readonly Index[],
  vector: string | undefined,
  ranges: Ranges,
  writes: boolean,
): boolean {
  const moves = (i: Index): number | undefined => (vector === undefined ? 0 : coefficient(i, vector));
  if (laneDim === undefined) return at.every((i) => moves(i) === 0) && !(writes && vector !== undefined);
  // a loop over a larger type beside it has fewer lanes than the registers
  if (vector === undefined || (ranges.get(vector)?.max ?? 0) + 1 !== lanes) return false;
  if (!at.every((i, d) => moves(i) === (d === laneDim ? 1 : 0))) return false;
  const first = fixed[laneDim];
  return !isConstant(first) || first.offset % lanes === 0;
}

/** The dimension of a buffer that vector loops run along, if any, and how many lanes they have. */
function laneDimension(
  block: Block,
  buffer: string,
  widthOf: (l: ForStmt) => number,
): Pick<RegisterFile, "lanes" | "laneDim"> | undefined {
  const inLoop = (
    b: Block,
    vector: ForStmt | undefined,
  ): Pick<RegisterFile, "lanes" | "laneDim"> | undefined => {
    for (const s of b) {
      let found: Pick<RegisterFile, "lanes" | "laneDim"> | undefined;
      if (s.kind === "for") {
        found = inLoop(
          s.body,
          (s.mode === "vector" || s.mode === "instruction") && widthOf(s) > 1 ? s : vector,
        );
      } else if (s.kind === "alloc" || s.kind === "if") {
        found = inLoop(s.body, vector);
      } else if (s.buffer === buffer && vector !== undefined) {
        const laneDim = s.at.findIndex((i) => coefficient(i, vector.axis) === 1);
        found = laneDim < 0 ? undefined : { laneDim, lanes: widthOf(vector) };
      }
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return inLoop(block, undefined);
}

function notInLanes(file: RegisterFile, vector: string | undefined): UserError["diagnostic"] {
  const loop = vector === undefined ? "outside a vector loop" : `in the lanes of \`${vector}\``;
  return {
    code: "L104",
    exit: "illegalSchedule",
    title: `registers of \`${file.buffer}\` are not taken whole ${loop}`,
    why:
      file.laneDim === undefined
        ? `each holds one element, and \`${vector}\` asks for neighbours at once`
        : `each holds ${file.lanes} neighbours along dimension ${file.laneDim}`,
    help: [`vectorize every loop along \`${file.buffer}\` alike, or stage it on the stack`],
  };
}

function chosenAtRunTime(buffer: string, index: Index): UserError["diagnostic"] {
  const axes = index.terms
    .map((t) => (t.atom.kind === "axis" ? `\`${t.atom.name}\`` : "a division"))
    .join(", ");
  return {
    code: "L101",
    exit: "illegalSchedule",
    title: `registers of \`${buffer}\` are chosen by ${axes} at run time`,
    why: "a register has no address",
    help: [`unroll ${axes}, or stage \`${buffer}\` on the stack`],
  };
}
