import type { DType } from "./dtype.ts";
import type { LoopProc } from "./proc.ts";

/**
 * A vector register that an instruction takes: so many elements, those of its array in the meaning; or several, each filled with copies of its
 * share of them.
 */
export interface Operand {
  readonly name: string;
  readonly dtype: DType;
  readonly lanes: number;
  readonly registers?: number;
}

/** An instruction that does the work of a nest of loops, with its meaning beside its text. */
export interface Instruction {
  readonly name: string;
  /** What it writes, and reads too where it adds to it, then what it reads. */
  readonly operands: readonly Operand[];
  /** A nest of loops around one assignment to elements of the operands. */
  readonly meaning: LoopProc;
  /** The meaning as it is written. */
  readonly text: string;
  /** A feature that the core must have. */
  readonly needs: string | undefined;
  /** Its C: `$1`, `$2`, ... are the operands. */
  readonly c: string;
  /** The same in two, where it adds to its first operand: what it adds (`$1` is not in it) as C of a type, then the sum of that, `$2`, and `$1`. */
  readonly parts?: { readonly type: string; readonly first: string; readonly then: string };
}

/** What a schedule may ask of the machine that is compiled for. */
export interface Machine {
  readonly isa: string;
  readonly core: string;
  readonly features: readonly string[];
  /** Instructions of its instruction set, those that the core lacks included. */
  readonly instructions: () => readonly Instruction[];
}

export function instructionNamed(
  machine: Machine | undefined,
  name: string | undefined,
): Instruction | undefined {
  return machine?.instructions().find((i) => i.name === name);
}

/** Whether a machine's core has what an instruction needs. */
export function canRun(
  machine: Pick<Machine, "features">,
  { needs }: { readonly needs?: string | undefined },
): boolean {
  return needs === undefined || machine.features.includes(needs);
}
