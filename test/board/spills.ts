/** A loop without loops inside, that keeps values on the stack because registers ran out. */
export interface SpillingLoop {
  /** Instructions of the loop, and of those the ones that write or read a spilled value. */
  readonly instructions: number;
  /** Multiply-adds of vectors among them. */
  readonly products: number;
  readonly vectors: number;
  readonly addresses: number;
}

const LABEL = /^(\.L\w+):/;
const INSTRUCTION = /^\s+[a-z]/;
/** Comments: of Armv8-A, of x86, of Armv7-A, where `#` begins a number. */
const COMMENT = /\s*(?:\/\/|#[^-\d]|@).*/;
const PRODUCT = /^\s+(?:fml[as]\s+v|vf?ml?[as]\.f32\s+q|vfn?m(?:add|sub)\d+ps)/;
const BRANCH = /^\s+(?:b\.?\w*|cbn?z|tbn?z|j\w+)\s+(?:.*,\s*)?(\.L\w+)$/;
/** gcc's -fverbose-asm writes this for the place of a value without a register; arrays on the stack have names. */
const SPILLED = "%sfp";
/** Memory under the stack's pointers; Armv7-A takes the address of a vector into another register first. */
const MEMORY = /\[sp|\[x29|\[fp|\(%r[sb]p\)|^\s+v(?:ld|st).*\[/;

/** The innermost loops with spilled values of assembly by gcc -fverbose-asm. */
export function spillingLoops(assembly: string): SpillingLoop[] {
  const lines = assembly.split("\n");
  return innermost(lines)
    .map(({ from, to }) => {
      const body = lines.slice(from, to + 1).filter((line) => INSTRUCTION.test(line));
      const spilled = body.filter((line) => line.includes(SPILLED) && MEMORY.test(line));
      const vectors = spilled.filter((line) => /^\s+\w+\s+[qdsv]\d|^\s+v(?:ld|st)|[xyz]mm/.test(line)).length;
      const products = body.filter((line) => PRODUCT.test(line)).length;
      return { instructions: body.length, products, vectors, addresses: spilled.length - vectors };
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
    const from = labels.get(BRANCH.exec(line.replace(COMMENT, ""))?.[1] ?? "");
    if (from !== undefined) ends.set(from, i);
  });
  const loops = [...ends].map(([from, to]) => ({ from, to }));
  return loops.filter((a) => !loops.some((b) => b !== a && b.from >= a.from && b.to <= a.to));
}
