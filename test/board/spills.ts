/** A loop without loops inside, that keeps values on the stack because registers ran out. */
export interface SpillingLoop {
  /** Instructions of the loop, and of those the ones that write or read a spilled value. */
  readonly instructions: number;
  readonly vectors: number;
  readonly addresses: number;
}

const LABEL = /^(\.L\w+):/;
const INSTRUCTION = /^\s+[a-z]/;
const BRANCH = /^\s+(?:b\.?\w*|cbn?z|tbn?z|j\w+)\s+(?:.*,\s*)?(\.L\w+)$/;
/** gcc's -fverbose-asm writes this for the place of a value without a register; arrays on the stack have names. */
const SPILLED = "%sfp";

/** The innermost loops with spilled values of assembly by gcc -fverbose-asm. */
export function spillingLoops(assembly: string): SpillingLoop[] {
  const lines = assembly.split("\n");
  return innermost(lines)
    .map(({ from, to }) => {
      const body = lines.slice(from, to + 1).filter((line) => INSTRUCTION.test(line));
      const spilled = body.filter((line) => line.includes(SPILLED) && /\[sp|\[x29|\(%r[sb]p\)/.test(line));
      const vectors = spilled.filter((line) => /^\s+\w+\s+[qdsv]\d|[xyz]mm/.test(line)).length;
      return { instructions: body.length, vectors, addresses: spilled.length - vectors };
    })
    .filter(({ vectors, addresses }) => vectors + addresses > 0);
}

/** Loops from a label to the last branch back to it, those that hold no other. */
function innermost(lines: readonly string[]): readonly { readonly from: number; readonly to: number }[] {
  const labels = new Map<string, number>();
  const ends = new Map<number, number>();
  lines.forEach((line, i) => {
    const label = LABEL.exec(line)?.[1];
    if (label !== undefined) labels.set(label, i);
    const from = labels.get(BRANCH.exec(line.replace(/\s*(?:\/\/|#).*/, ""))?.[1] ?? "");
    if (from !== undefined) ends.set(from, i);
  });
  const loops = [...ends].map(([from, to]) => ({ from, to }));
  return loops.filter((a) => !loops.some((b) => b !== a && b.from >= a.from && b.to <= a.to));
}
