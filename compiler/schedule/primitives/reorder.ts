import { z } from "zod";
import { axisNames, axisRanges } from "../../ir/axes.ts";
import type { Ranges } from "../../ir/index-expr.ts";
import { mapBlocks, mapSame } from "../../ir/rewrite.ts";
import type { Block, ForStmt } from "../../ir/stmt.ts";
import { accessesOf, conflicting } from "../accesses.ts";
import { type Distance, meet, type Witness } from "../dependence.ts";
import { knownName, listOf } from "../fields.ts";
import { withBody } from "../loops.ts";
import { checkAxis, clashText, definePrimitive, refuse } from "../primitive.ts";

const schema = z.strictObject({
  op: z.literal("reorder"),
  order: listOf(knownName).min(2, "two loops or more"),
});
export type ReorderStep = Readonly<z.infer<typeof schema>>;

/**
 * Permutes loops of a perfect nest: the named ones take each other's places in the order given, loops
 * between them that are not named stay where they are. In a nest that has only some of the names, those
 * are permuted.
 *
 * ```ts before
 * for (const i of range(4)) { for (const j of range(8)) { y[i][j] = x[i][j]; } }
 * ```
 * ```ts after reorder("j", "i")
 * for (const j of range(8)) { for (const i of range(4)) { y[i][j] = x[i][j]; } }
 * ```
 */
export const reorder = definePrimitive<ReorderStep>({
  op: "reorder",
  schema,
  check(proc, { order }, { strict }) {
    for (const name of order) {
      const missing = checkAxis(proc, "reorder", name);
      if (missing) return missing;
    }
    const twice = order.find((name, i) => order.indexOf(name) !== i);
    if (twice !== undefined) {
      return refuse("S103", `cannot reorder: \`${twice}\` is named twice`, "a loop has one place in a nest");
    }
    const ranges = axisRanges(proc.body);
    for (const chain of chains(proc.body, order)) {
      const names = chain.map((l) => l.axis);
      const body = chain[chain.length - 1].body;
      const deeper = axisNames(body).find((n) => order.includes(n));
      if (deeper !== undefined && names.some((n) => order.includes(n))) {
        return refuse(
          "S105",
          `cannot reorder \`${names.find((n) => order.includes(n))}\` and \`${deeper}\`: they are not perfectly nested`,
          `between them lie ${body.length === 1 ? "a local buffer or a condition" : `${body.length} statements`}`,
          `stage the local buffer and fission the loops between first`,
        );
      }
      const clash = reversed(chain, permuted(chain, order), ranges, strict);
      if (clash) {
        return refuse(
          "S201",
          `cannot reorder ${names.map((n) => `\`${n}\``).join(", ")}: a dependence would be reversed`,
          clashText(clash, "must come before"),
        );
      }
    }
    return undefined;
  },
  apply(proc, { order }) {
    const rewrite = (block: Block): Block =>
      mapSame(block, (s) => {
        if (s.kind !== "for") return mapBlocks(s, rewrite);
        const chain = chainFrom(s);
        const inner = rewrite(chain[chain.length - 1].body);
        const next = permuted(chain, order);
        if (inner === chain[chain.length - 1].body && next.every((l, i) => l === chain[i])) return s;
        return next.reduceRight<Block>((body, l) => [{ ...l, body }], inner)[0];
      });
    return withBody(proc, rewrite(proc.body));
  },
});

/** Loops from this one down, as long as each is all there is in the one above. */
function chainFrom(first: ForStmt): ForStmt[] {
  const chain = [first];
  for (;;) {
    const { body } = chain[chain.length - 1];
    const only = body[0];
    if (body.length !== 1 || only?.kind !== "for") return chain;
    chain.push(only);
  }
}

/** Every perfect nest that has loops to permute. */
function chains(block: Block, order: readonly string[]): ForStmt[][] {
  return block.flatMap((s) => {
    if (s.kind === "alloc" || s.kind === "if") return chains(s.body, order);
    if (s.kind !== "for") return [];
    const chain = chainFrom(s);
    const below = chains(chain[chain.length - 1].body, order);
    return chain.some((l) => order.includes(l.axis)) ? [chain, ...below] : below;
  });
}

function permuted(chain: readonly ForStmt[], order: readonly string[]): ForStmt[] {
  const wanted = order.flatMap((name) => chain.filter((l) => l.axis === name));
  let next = 0;
  return chain.map((l) => (order.includes(l.axis) ? wanted[next++] : l));
}

/** Two iterations whose order the permutation turns round though they touch the same element. */
function reversed(
  before: readonly ForStmt[],
  after: readonly ForStmt[],
  around: Ranges,
  strict: boolean,
): Witness | "unknown" | undefined {
  if (after.every((l, i) => l === before[i])) return undefined;
  const touched = accessesOf(before[before.length - 1].body);
  for (const a of touched) {
    for (const b of touched) {
      if (!conflicting(a, b, strict)) continue;
      for (const distances of reversals(before, after)) {
        const met = meet(a, b, distances, around);
        if (met) return met;
      }
    }
  }
  return undefined;
}

type Distances = Map<string, { readonly extent: number; readonly distance: Distance }>;

/** Every way an iteration can come later in one order and earlier in the other. */
function* reversals(before: readonly ForStmt[], after: readonly ForStmt[]): Generator<Distances> {
  for (const p of before) {
    for (const q of after) {
      const laterFirst = before.indexOf(p) < before.findIndex((l) => l.axis === q.axis);
      const earlierFirst = after.indexOf(q) < after.findIndex((l) => l.axis === p.axis);
      if (p.axis === q.axis || !laterFirst || !earlierFirst) continue;
      const distances: Distances = new Map();
      for (const l of before) distances.set(l.axis, { extent: l.extent, distance: "any" });
      for (const l of before.slice(0, before.indexOf(p))) {
        distances.set(l.axis, { extent: l.extent, distance: "same" });
      }
      for (const l of after.slice(0, after.indexOf(q))) {
        distances.set(l.axis, { extent: l.extent, distance: "same" });
      }
      distances.set(p.axis, { extent: p.extent, distance: "after" });
      distances.set(q.axis, { extent: q.extent, distance: "before" });
      yield distances;
    }
  }
}
