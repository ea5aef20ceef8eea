import type { VBlock, VLoad, VStmt } from "../ir/vector.ts";
import type { Names } from "./names.ts";
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
  const placed = new Map<Straight, string>();
  const pointer = (load: Copied): VStmt => {
    const { buffer, at, dtype } = load.value;
    const name = names.numbered(`${buffer.replace(/_(p|near|far)\d*$/, "")}_at`);
    placed.set(load, name);
    const number = Number(/\d+$/.exec(name)?.[0]);
    return {
      kind: "pointer",
      name,
      base: buffer,
      dtype,
      at,
      writable: false,
      kept: "made ahead of its load",
      number,
    };
  };
  let next = 0;
  return run.flatMap((s): VStmt[] => {
    if (!isCopied(s)) return [s];
    const until = loads.indexOf(s) + AHEAD;
    const made = loads.slice(next, until + 1).map(pointer);
    next = Math.max(next, until + 1);
    const buffer = placed.get(s) ?? s.value.buffer;
    return [...made, { ...s, value: { ...s.value, buffer, at: { terms: [], offset: 0 } } }];
  });
}

function isCopied(s: Straight): s is Copied {
  return s.kind === "let" && s.value.kind === "load" && s.value.registers !== undefined;
}
