import type { ScratchArray, VBlock, VStmt } from "../ir/vector.ts";
import { arraysIn } from "./pointers.ts";

/** Local arrays of a kernel that lie on the stack of the thread that runs it, all of them together. */
export const STACK_BYTES = 1 << 14;

/**
 * Takes the largest local arrays out of a block until the others fit on a stack: the caller hands those over. Arrays of one
 * name are one: they are declared side by side, after a loop was split, and never hold anything at the same time.
 */
export function takeLargeArrays(block: VBlock): {
  readonly block: VBlock;
  readonly scratch: readonly ScratchArray[];
} {
  const sizes = new Map<string, number>();
  for (const { name, size } of arraysIn(block)) sizes.set(name, Math.max(size, sizes.get(name) ?? 0));
  let rest = 4 * [...sizes.values()].reduce((sum, size) => sum + size, 0);
  const scratch: ScratchArray[] = [];
  for (const [name, size] of [...sizes].sort(([, a], [, b]) => b - a)) {
    if (rest <= STACK_BYTES) break;
    scratch.push({ name, size });
    rest -= 4 * size;
  }
  return { block: without(block, new Set(scratch.map(({ name }) => name))), scratch };
}

function without(block: VBlock, names: ReadonlySet<string>): VBlock {
  if (names.size === 0) return block;
  return block.flatMap((s): VStmt[] => {
    if (s.kind === "array" && names.has(s.name)) return [];
    return [s.kind === "for" || s.kind === "if" ? { ...s, body: without(s.body, names) } : s];
  });
}
