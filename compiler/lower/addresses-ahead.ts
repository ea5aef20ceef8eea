import { ZERO } from "../ir/index-expr.ts";
import type { VBlock, VLoad, VStmt } from "../ir/vector.ts";
import { type Names, pointerFrom } from "./names.ts";
import { mapRuns, type Straight } from "./straight-line.ts";

type Let = Straight & { readonly kind: "let" };
type Copied = Let & { readonly value: VLoad };

/** Loads before a load of which its address is made: a core in order may take three cycles from one to the other. */
const AHEAD = 2;

/**
 * Loads of copies into several registers take no offset: the address of each is made some loads before it. A C compiler would make it right
 * before its load, or from the one before.
 */
export function addressesAhead(block: VBlock, names: Names): VBlock {
  return mapRuns(block, (run) => aheadInRun(run, names));
}

function aheadInRun(run: readonly Straight[], names: Names): VBlock {
  const loads = run.filter(isCopied);
  const pointers = loads.map(({ value: { buffer, at, dtype } }) => ({
    kind: "pointer" as const,
    ...{ base: buffer, at, dtype, writable: false, kept: "made ahead of its load" },
    ...pointerFrom(buffer, "at", names),
  }));
  let seen = 0;
  return run.flatMap((s): VStmt[] => {
    if (!isCopied(s)) return [s];
    const made = seen === 0 ? pointers.slice(0, AHEAD + 1) : pointers.slice(seen + AHEAD, seen + AHEAD + 1);
    const { name: buffer } = pointers[seen++];
    return [...made, { ...s, value: { ...s.value, buffer, at: ZERO } }];
  });
}

function isCopied(s: Straight): s is Copied {
  return s.kind === "let" && s.value.kind === "load" && s.value.registers !== undefined;
}
