import type { VBlock, VStmt } from "../ir/vector.ts";

/** Statements that neither branch nor open a scope. */
export type Straight = Extract<VStmt, { readonly kind: "let" | "set" | "store" }>;

export function isStraight(s: VStmt): s is Straight {
  return s.kind === "let" || s.kind === "set" || s.kind === "store";
}

/** Rewrites each longest run of straight-line statements, which may be none, and the blocks below. */
export function mapRuns(block: VBlock, f: (run: readonly Straight[]) => VBlock): VBlock {
  const out: VStmt[] = [];
  let run: Straight[] = [];
  const flush = (): void => {
    out.push(...f(run));
    run = [];
  };
  for (const s of block) {
    if (isStraight(s)) {
      run.push(s);
      continue;
    }
    flush();
    out.push(s.kind === "for" || s.kind === "if" ? { ...s, body: mapRuns(s.body, f) } : s);
  }
  flush();
  return out;
}

/** Buffers a block stores to. */
export function storedIn(block: VBlock, into: Set<string> = new Set()): ReadonlySet<string> {
  for (const s of block) {
    if (s.kind === "store") into.add(s.buffer);
    else if (s.kind === "for" || s.kind === "if") storedIn(s.body, into);
  }
  return into;
}
