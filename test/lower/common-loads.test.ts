import { expect, test } from "vitest";
import type { Expr } from "../../compiler/ir/expr.ts";
import { walk, walkLoads } from "../../compiler/ir/rewrite.ts";
import { type VBlock, type VExpr, walkVExpr } from "../../compiler/ir/vector.ts";
import { parseKernelText } from "../../compiler/language/parse-kernel.ts";
import { lower } from "../../compiler/lower/lower.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { Schedule } from "../../compiler/schedule/schedule.ts";

const products = Schedule.of<"p" | "i" | "c">(
  parseKernelText(
    `export function products(x: Input<[2, 4]>, w: Input<[3, 4]>, y: Output<[2, 3, 4]>): void {
       for (const p of range(2)) {
         for (const i of range(3)) { for (const c of range(4)) { y[p][i][c] = x[p][c] * w[i][c]; } }
       }
     }`,
    {},
  ),
);

/** How many loads of each buffer there are as things, whatever they say. */
function counted(loads: Iterable<Expr | VExpr>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const e of new Set(loads)) if (e.kind === "load") counts[e.buffer] = (counts[e.buffer] ?? 0) + 1;
  return counts;
}

test("what is one load before loops are written out is one for all statements that have it afterwards", () => {
  const loads = new Map<string, (Expr | VExpr)[]>();
  const { proc } = products.unroll("p", "i").vectorize("c");
  const target = loadTarget("qemu-rpi4");
  lower(proc, target, (pass, left) => {
    const found: (Expr | VExpr)[] = [];
    loads.set(pass, found);
    if (left.stage === "vector") inLanes(left.body, (e) => found.push(e));
    else
      walk(left.body, (s) => {
        if (s.kind === "store") walkLoads(s.value, (e) => found.push(e));
      });
  });
  expect(loads.get("unroll")?.length).toBe(12);
  expect(counted(loads.get("unroll") ?? [])).toEqual({ x: 2, w: 3 });
  expect(counted(loads.get("to-vector") ?? [])).toEqual({ x: 2, w: 3 });
});

function inLanes(block: VBlock, visit: (e: VExpr) => void): void {
  for (const s of block) if (s.kind === "store") walkVExpr(s.value, visit);
}
