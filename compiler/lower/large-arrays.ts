import { BYTES } from "../ir/dtype.ts";
import { stepsOf } from "../ir/steps.ts";
import type { ScratchArray, VBlock, VStmt } from "../ir/vector.ts";
import { arraysIn } from "./pointers.ts";

/** Local arrays of a kernel that lie on the stack of the thread that runs it, all of them together. */
export const STACK_BYTES = 1 << 14;

/**
 * Takes the largest local arrays out of a block until the others fit on a stack: the caller hands those over. Arrays of one
 * name are one: they are declared side by side, after a loop was split, and never hold anything at the same time.
 * What steps leave to one another lies in memory that all threads reach, however small it is.
 */
export function takeLargeArrays(block: VBlock): {
  readonly block: VBlock;
  readonly scratch: readonly ScratchArray[];
} {
  const between = new Set(stepsOf(block) === undefined ? [] : namesOf(block));
  const arrays = new Map<string, ScratchArray>();
  for (const { name, size, dtype } of arraysIn(block))
    arrays.set(name, { name, size: Math.max(size, arrays.get(name)?.size ?? 0), dtype });
  const bytes = ({ size, dtype }: ScratchArray): number => size * BYTES[dtype];
  let rest = [...arrays.values()].reduce((sum, array) => sum + bytes(array), 0);
  const scratch: ScratchArray[] = [];
  for (const array of [...arrays.values()].sort((a, b) => bytes(b) - bytes(a))) {
    if (rest <= STACK_BYTES && !between.has(array.name)) continue;
    scratch.push(array);
    rest -= bytes(array);
  }
  return { block: without(block, new Set(scratch.map(({ name }) => name))), scratch };
}

/** Of the arrays that a block itself declares. */
function namesOf(block: VBlock): readonly string[] {
  return block.flatMap((s) => (s.kind === "array" ? [s.name] : []));
}

/** A loop around an array that is handed over is one thread's: all of them would be handed the same. */
function without(block: VBlock, names: ReadonlySet<string>): VBlock {
  if (names.size === 0) return block;
  return block.flatMap((s): VStmt[] => {
    if (s.kind === "array" && names.has(s.name)) return [];
    if (s.kind === "if") return [{ ...s, body: without(s.body, names) }];
    if (s.kind !== "for") return [s];
    const body = without(s.body, names);
    if (!arraysIn([s]).some(({ name }) => names.has(name))) return [{ ...s, body }];
    const { shared: _, ...alone } = s;
    return [{ ...alone, body }];
  });
}
