import { axisRanges } from "../ir/axes.ts";
import type { LoopProc } from "../ir/proc.ts";
import type { Block, Stmt } from "../ir/stmt.ts";
import { isOnce, isParallel, nestsThatMeet, sharedLoops } from "./join-nests.ts";

/** A parallel loop that one thread runs alone. */
export interface LostThreads {
  readonly axis: string;
  readonly why: string;
}

/**
 * Parallel loops of a procedure whose nests are joined (join-nests.ts) that no threads share: they are not outermost, and nothing
 * around them is shared either.
 * @param inSteps whether the statements at the top are shared one after the other (ir/steps.ts)
 */
export function lostThreads({ body }: LoopProc, inSteps: boolean): readonly LostThreads[] {
  let top = body;
  while (isOnce(top) || (inSteps && isAlloc(top))) top = blockOf(top[0]);
  if (top.length === 1 && isShared(top[0])) return [];
  if (inSteps)
    return byName(
      outermostParallel(
        top.filter((s) => !isShared(s)),
        undefined,
        "",
      ),
    );
  const element = top.some(isShared) ? nestsThatMeet(top, axisRanges(body)) : undefined;
  const beside = `it is one of ${top.length} statements, and two of them touch ${element}: they cannot run at the same time`;
  return byName(outermostParallel(top, undefined, beside));
}

/** A step on a name takes all its loops: one line for each name. */
function byName(lost: readonly LostThreads[]): readonly LostThreads[] {
  return [...new Map(lost.map((l) => [l.axis, l])).values()];
}

function isAlloc(block: Block): boolean {
  return block.length === 1 && block[0].kind === "alloc";
}

function isShared(s: Stmt): boolean {
  return isParallel(s) && sharedLoops(s).loops.some((l) => l.extent > 1);
}

function blockOf(s: Stmt): Block {
  return "body" in s ? s.body : [];
}

/** The outermost parallel loops of more than one iteration below a block, each with what keeps threads from sharing it. */
function outermostParallel(block: Block, around: string | undefined, beside: string): LostThreads[] {
  return block.flatMap((s): LostThreads[] => {
    if (isParallel(s) && s.extent > 1) return [{ axis: s.axis, why: around ?? beside }];
    switch (s.kind) {
      case "for":
        return outermostParallel(
          s.body,
          around ?? `it lies inside \`${s.axis}\`, which is not parallel`,
          beside,
        );
      case "alloc":
        return outermostParallel(
          s.body,
          around ?? `the local buffer \`${s.buffer}\` is declared outside of it`,
          beside,
        );
      case "if":
        return outermostParallel(s.body, around ?? "it lies under a condition", beside);
      default:
        return [];
    }
  });
}
