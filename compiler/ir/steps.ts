import { dependences, type VBlock, type VectorProc, type VStmt } from "./vector.ts";

/** Loops whose iterations threads share, from the outside in, and what one iteration of all of them does. */
export interface Step {
  /** None: one thread does it. */
  readonly loops: VectorProc["grid"];
  readonly body: VBlock;
}

/** A block as steps, each of which begins when the one before it is done by all threads. */
export interface Steps {
  /** What every iteration needs: addresses, constants, local arrays. */
  readonly before: VBlock;
  readonly steps: readonly Step[];
}

type Loop = Extract<VStmt, { readonly kind: "for" }>;

/** The steps of a block that has several, or arrays around one; undefined where threads have nothing to share. */
export function stepsOf(block: VBlock): Steps | undefined {
  const before = block.filter(isCheap);
  const rest = block.filter((s) => !isCheap(s));
  // what is declared or read here would be missing in the steps behind it
  if (!rest.every((s) => s.kind === "for" || s.kind === "if")) return undefined;
  if (!rest.some((s) => s.kind === "for" && s.shared === true)) return undefined;
  return { before, steps: rest.map(stepOf) };
}

/** Where each step ends when the iterations of all are numbered through. */
export function stepEnds(steps: readonly Step[]): readonly number[] {
  let end = 0;
  return steps.map(({ loops }) => {
    end += loops.reduce((product, { extent }) => product * extent, 1);
    return end;
  });
}

function stepOf(s: VStmt): Step {
  const loops: Loop[] = [];
  const around: VStmt[] = [];
  let body: VBlock = [s];
  for (;;) {
    const inner = body.filter((t) => !isCheap(t));
    const [only] = inner;
    if (inner.length !== 1 || only.kind !== "for" || only.shared !== true) break;
    around.push(...body.filter(isCheap));
    loops.push(only);
    body = only.body;
  }
  return { loops: loops.map(({ axis, extent }) => ({ axis, extent })), body: [...around, ...body] };
}

/** Has no effect, and reads nothing that a step may have written: it may be done again by each iteration. */
function isCheap(s: VStmt): boolean {
  if (s.kind === "pointer" || s.kind === "array") return true;
  return s.kind === "let" && dependences(s.value).buffers.size === 0;
}
