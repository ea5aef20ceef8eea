import { readsRegister, type VBlock, type VExpr, type VStmt } from "../ir/vector.ts";
import type { Names } from "./names.ts";
import { mapRuns, type Straight } from "./straight-line.ts";

type Sum = Straight & { readonly kind: "set" };
/** A statement that adds to a register by an instruction of two parts. */
type Adding = Sum & { readonly value: VExpr & { readonly kind: "instruction" } };

/**
 * Instructions that add to a register what they compute first: that is added behind the first part of the next one, so that a core in order has
 * something to do until it is there.
 *
 *     acc0 = add(acc0, products(a, x));       p0 = products(a, x);
 *     acc1 = add(acc1, products(b, x));       p1 = products(b, x);  acc0 = add(acc0, p0);
 *                                             acc1 = add(acc1, p1);
 */
export function sumsBehind(block: VBlock, names: Names): VBlock {
  return mapRuns(block, (run) => behindInRun(run, names));
}

function behindInRun(run: readonly Straight[], names: Names): VBlock {
  const out: VStmt[] = [];
  let waiting: Sum | undefined;
  const flush = (): void => {
    if (waiting !== undefined) out.push(waiting);
    waiting = undefined;
  };
  for (const s of run) {
    if (waiting !== undefined && touches(s, waiting.name)) flush();
    if (!isAdding(s)) {
      out.push(oneByOne(s));
      continue;
    }
    const [sum, ...args] = s.value.args;
    const { instruction, lanes } = s.value;
    const name = names.numbered("products_");
    out.push({ kind: "let", name, lanes, value: { ...s.value, part: "first", args } });
    flush();
    const products: VExpr = { kind: "register", name, lanes, dtype: instruction.operands[0].dtype };
    waiting = { ...s, value: { ...s.value, part: "then", args: [sum, products] } };
  }
  flush();
  return out;
}

/** Halves of registers are loaded beside multiplications, pairs of them are not. */
function oneByOne(s: Straight): Straight {
  const { value } = s;
  const isHalf = value.kind === "load" && value.dtype === "i8" && value.lanes === 8;
  return s.kind === "let" && isHalf ? { ...s, value: { ...value, inOrder: true } } : s;
}

function isAdding(s: Straight): s is Adding {
  if (s.kind !== "set" || s.value.kind !== "instruction") return false;
  const { instruction, args } = s.value;
  return instruction.parts !== undefined && args.length === instruction.operands.length;
}

function touches(s: Straight, name: string): boolean {
  return (s.kind !== "store" && s.name === name) || readsRegister(s.value, name);
}
