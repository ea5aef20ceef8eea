import type { DType } from "../ir/dtype.ts";
import { eachRegister, readsRegister, type VBlock, type VLoad, type VStmt } from "../ir/vector.ts";
import { isStraight } from "./straight-line.ts";

/**
 * Sums that begin with one vector of a constant (a bias), and are added to in the same straight-line code, load it anew, each for itself:
 * copies from register to register take time from the units that multiply, where loads take none, and the value keeps no register in between.
 * Those of a loop copy it: it would wait for all of them to be loaded.
 * @param constants buffers that nobody stores to, under this name or another
 */
export function loadSums(
  block: VBlock,
  { dtype, lanes }: { readonly dtype: DType; readonly lanes: number },
  constants: ReadonlySet<string>,
): VBlock {
  const isConstant = (load: VLoad): boolean =>
    load.dtype === dtype && load.lanes === lanes && constants.has(load.buffer);
  return dropUnread(loadedAnew(block, new Map(), isConstant), new Set());
}

/** @param known loads by the names of what they gave, where all they depend on is as it was there */
function loadedAnew(
  block: VBlock,
  known: ReadonlyMap<string, VLoad>,
  isConstant: (load: VLoad) => boolean,
): VBlock {
  const values = new Map(known);
  return block.map((s, i): VStmt => {
    if (s.kind === "for" || s.kind === "if") return { ...s, body: loadedAnew(s.body, values, isConstant) };
    if (s.kind === "let" && s.value.kind === "load" && isConstant(s.value)) values.set(s.name, s.value);
    if (s.kind !== "set" || s.value.kind !== "register") return s;
    const load = values.get(s.value.name);
    return load !== undefined && isReadNext(block, i + 1, s.name)
      ? { ...s, value: { ...load, inOrder: true } }
      : s;
  });
}

/** Whether a register is read in the straight-line code from there on. */
function isReadNext(block: VBlock, from: number, name: string): boolean {
  for (const s of block.slice(from)) {
    if (!isStraight(s)) return false;
    if (readsRegister(s.value, name)) return true;
  }
  return false;
}

/** Leaves out loads that nothing reads any more; `read` holds what later statements read. */
function dropUnread(block: VBlock, read: Set<string>): VBlock {
  const kept = block.toReversed().map((s): VStmt | undefined => {
    if (s.kind === "for" || s.kind === "if") return { ...s, body: dropUnread(s.body, read) };
    if (s.kind === "let" && s.value.kind === "load" && !read.has(s.name)) return undefined;
    if (isStraight(s)) eachRegister(s.value, (name) => void read.add(name));
    return s;
  });
  return kept.filter((s) => s !== undefined).toReversed();
}
