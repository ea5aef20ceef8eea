/** The innermost loop of a function in assembly, as gcc prints it. */
export interface HotLoop {
  /** Instructions and labels, the branch back included. */
  readonly lines: readonly string[];
  /** Instructions among them, and those that compute with vectors of floats. */
  readonly instructions: number;
  readonly vectorArithmetic: number;
}

const LABEL = /^(\.?L\w+):/;
const INSTRUCTION = /^\s+[a-z]/;
/** fmla v0.4s, ...; vmla.f32 q0, ...; vfmadd231ps; vmulps: arithmetic on vectors in Arm's and in x86's spelling. */
const VECTOR_ARITHMETIC =
  /^\s+(f(mla|mls|mul|add|sub|div|max|min)\w*\s+v\d|v(f?m(l?[as]|ul|in|ax)|add|sub)\.f32\s+q\d|v?(fn?m(add|sub)\d*|mul|add|sub|div|max|min)ps\s)/;

/**
 * Of the loops that hold no other, the one with the most vector arithmetic: a loop reaches from a label to
 * the last branch back to it. Undefined when nothing loops.
 */
export function hotLoop(assembly: string): HotLoop | undefined {
  const lines = assembly.split("\n");
  const labels = new Map<string, number>();
  const loops: { readonly from: number; readonly to: number }[] = [];
  lines.forEach((line, i) => {
    const label = LABEL.exec(line)?.[1];
    if (label !== undefined) labels.set(label, i);
    else if (INSTRUCTION.test(line)) {
      const target = /(\.?L\w+)\s*$/.exec(line)?.[1];
      const from = target === undefined ? undefined : labels.get(target);
      if (from !== undefined) loops.push({ from, to: i });
    }
  });
  const innermost = loops.filter((a) => !loops.some((b) => b !== a && b.from >= a.from && b.to <= a.to));
  const described = innermost.map(({ from, to }) => describe(lines.slice(from, to + 1)));
  return described.reduce<HotLoop | undefined>(
    (best, l) => (best === undefined || l.vectorArithmetic > best.vectorArithmetic ? l : best),
    undefined,
  );
}

function describe(all: readonly string[]): HotLoop {
  const lines = all.filter((line) => LABEL.test(line) || INSTRUCTION.test(line));
  return {
    lines,
    instructions: lines.filter((line) => INSTRUCTION.test(line)).length,
    vectorArithmetic: lines.filter((line) => VECTOR_ARITHMETIC.test(line)).length,
  };
}
