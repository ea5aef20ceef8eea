import type { LoopCost, LoopCosts } from "./loop-costs.ts";

/**
 * Bytes that a cache of `cacheBytes` has to take in while a procedure runs, modelled from its loops: a cache keeps what one
 * iteration of a loop touches when it fits, so that the next finds again what both touch; what does not fit is
 * fetched anew each time. Associativity, lines partly used and write-backs are left out.
 */
export function trafficInto(cacheBytes: number, { loops, buffers }: LoopCosts): number {
  const roots = childrenOf(loops, 0, loops.length, 0);
  const once = total(buffers);
  if (once <= cacheBytes || roots.length === 0) return once;
  return roots.reduce((sum, at) => sum + traffic(loops, at, cacheBytes), 0);
}

/** Of one whole execution of loop number `at`. */
function traffic(loops: readonly LoopCost[], at: number, cacheBytes: number): number {
  const loop = loops[at];
  const inner = childrenOf(loops, at + 1, endOf(loops, at), loop.depth + 1);
  // What one iteration touches: the larger of what its inner loops do with each buffer.
  const iteration = new Map<string, number>();
  for (const child of inner) {
    for (const [buffer, bytes] of Object.entries(loops[child].buffers))
      iteration.set(buffer, Math.max(bytes, iteration.get(buffer) ?? 0));
  }
  const fits = total(Object.fromEntries(iteration)) <= cacheBytes;
  if (fits || inner.length === 0) return loop.bytes;
  const each = inner.reduce((sum, child) => sum + traffic(loops, child, cacheBytes), 0);
  return Math.max(loop.bytes, loop.extent * each);
}

function endOf(loops: readonly LoopCost[], at: number): number {
  let end = at + 1;
  while (end < loops.length && loops[end].depth > loops[at].depth) end++;
  return end;
}

function childrenOf(loops: readonly LoopCost[], from: number, to: number, depth: number): readonly number[] {
  return loops.flatMap((loop, i) => (i >= from && i < to && loop.depth === depth ? [i] : []));
}

function total(buffers: Readonly<Record<string, number>>): number {
  return Object.values(buffers).reduce((a, b) => a + b, 0);
}
