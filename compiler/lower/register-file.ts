import { coefficient, type Index, isConstant, type Ranges, substitute, ZERO } from "../ir/index-expr.ts";
import type { AllocStmt, Block } from "../ir/stmt.ts";
import { UserError } from "../support/diagnostic.ts";

/** A local buffer kept in registers: one for each element, or for each group of lanes along one dimension. */
export interface RegisterFile {
  readonly buffer: string;
  readonly shape: readonly number[];
  /** Elements of one register. */
  readonly lanes: number;
  /** The dimension that lies in the lanes; undefined for scalars. */
  readonly laneDim: number | undefined;
  /** First part of the registers' names. */
  readonly prefix: string;
}

export function registerFile(s: AllocStmt, lanes: number, prefix: string): RegisterFile {
  const laneDim = laneDimension(s.body, s.buffer, lanes);
  return { buffer: s.buffer, shape: s.shape, lanes: laneDim === undefined ? 1 : lanes, laneDim, prefix };
}

/** Names of all registers of a file. */
export function registerNames(file: RegisterFile): string[] {
  const size = file.shape.reduce((a, b) => a * b, 1);
  if (file.shape.length === 0) return [file.prefix];
  return Array.from({ length: size / file.lanes }, (_, i) => `${file.prefix}${i}`);
}

/** The register that holds an element, whose index is constant but for the lanes. */
export function registerAt(
  file: RegisterFile,
  at: readonly Index[],
  vector: string | undefined,
  ranges: Ranges,
): string {
  if (file.shape.length === 0) return file.prefix;
  const lane0 = new Map(vector === undefined ? [] : [[vector, ZERO]]);
  const fixed = at.map((i) => substitute(i, lane0, ranges));
  const moving = fixed.find((i) => !isConstant(i));
  if (moving !== undefined) throw new UserError(chosenAtRunTime(file.buffer, moving));
  const order = file.shape.map((_, d) => d).filter((d) => d !== file.laneDim);
  let number = 0;
  for (const d of order) number = number * file.shape[d] + fixed[d].offset;
  if (file.laneDim !== undefined) {
    number =
      number * (file.shape[file.laneDim] / file.lanes) + Math.floor(fixed[file.laneDim].offset / file.lanes);
  }
  return `${file.prefix}${number}`;
}

/** The dimension of a buffer that vector loops run along, if any. */
function laneDimension(block: Block, buffer: string, lanes: number): number | undefined {
  const inLoop = (b: Block, vector: string | undefined): number | undefined => {
    for (const s of b) {
      let found: number | undefined;
      if (s.kind === "for") {
        found = inLoop(s.body, s.mode === "vector" && s.extent % lanes === 0 ? s.axis : vector);
      } else if (s.kind === "alloc" || s.kind === "if") {
        found = inLoop(s.body, vector);
      } else if (s.buffer === buffer && vector !== undefined) {
        const dim = s.at.findIndex((i) => coefficient(i, vector) === 1);
        found = dim < 0 ? undefined : dim;
      }
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return inLoop(block, undefined);
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
