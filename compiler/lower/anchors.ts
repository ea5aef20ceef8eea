import { BYTES } from "../ir/dtype.ts";
import { mapOperands } from "../ir/rewrite-vector.ts";
import type { VBlock, VExpr, VLoad, VStmt } from "../ir/vector.ts";
import { walkVExpr } from "../ir/vector.ts";
import type { Names } from "./names.ts";

type Pointer = Extract<VStmt, { readonly kind: "pointer" }>;

/** Why a pointer is one of its own. */
export const NEAR = "near enough to load pairs of vectors";

/** An anchor moves on in every iteration: it must save more instructions than that. */
const FEWEST_PAIRS = 2;

/**
 * Gives loads of an innermost loop that lie far from their pointer a pointer of their own, so that one instruction
 * loads two neighbouring vectors: such an instruction reaches only so far. The C compiler would fold the
 * pointers into one again; `kept` tells it not to.
 * @param reach bytes from a pointer to the farthest pair of vectors
 */
export function anchorFarLoads(block: VBlock, reach: number, names: Names): VBlock {
  return block.flatMap((s): VStmt[] => {
    if (s.kind === "if") return [{ ...s, body: anchorFarLoads(s.body, reach, names) }];
    if (s.kind !== "for") return [s];
    if (s.body.some((t) => t.kind === "for" || t.kind === "if")) {
      return [{ ...s, body: anchorFarLoads(s.body, reach, names) }];
    }
    const loads = loadsIn(s.body);
    const anchors = s.body.flatMap((t) =>
      t.kind === "pointer" ? anchorsOf(t, loads.get(t.name) ?? [], reach, names) : [],
    );
    if (anchors.length === 0) return [s];
    return [...anchors.map((a) => a.before), { ...s, body: rebased(s.body, anchors) }];
  });
}

interface Anchor {
  readonly pointer: string;
  /** Elements from the pointer to the anchor. */
  readonly at: number;
  readonly end: number;
  /** The anchor before the loop, and what follows it inside. */
  readonly before: Pointer;
  readonly inside: Pointer;
}

function anchorsOf(pointer: Pointer, loads: readonly VLoad[], bytes: number, names: Names): Anchor[] {
  const reach = bytes / BYTES[pointer.dtype];
  const offsets = [...new Set(loads.map((l) => l.at.offset))].sort((a, b) => a - b);
  const lanes = loads[0]?.lanes ?? 1;
  const clusters: number[][] = [];
  for (const offset of offsets) {
    const cluster = clusters[clusters.length - 1];
    if (cluster && offset - cluster[0] <= reach) cluster.push(offset);
    else clusters.push([offset]);
  }
  return clusters
    .filter((c) => c[0] > reach && pairs(c, lanes) >= FEWEST_PAIRS)
    .map((cluster): Anchor => {
      const stem = pointer.name.replace(/_p\d+$/, "");
      const before = names.numbered(`${stem}_far`);
      const at = cluster[0];
      return {
        pointer: pointer.name,
        at,
        end: cluster[cluster.length - 1],
        before: { ...pointer, name: before, at: { terms: [], offset: at }, kept: NEAR },
        inside: { ...pointer, name: names.numbered(`${stem}_p`), base: before },
      };
    });
}

/** Pairs of neighbouring vectors among rising offsets. */
function pairs(offsets: readonly number[], lanes: number): number {
  let count = 0;
  for (let i = 0; i + 1 < offsets.length; i++) {
    if (offsets[i + 1] - offsets[i] !== lanes) continue;
    count++;
    i++;
  }
  return count;
}

/** Loads of whole vectors at a pointer and a constant, by pointer. */
function loadsIn(body: VBlock): ReadonlyMap<string, readonly VLoad[]> {
  const found = new Map<string, VLoad[]>();
  for (const s of body) {
    if (s.kind !== "let" && s.kind !== "set" && s.kind !== "store") continue;
    walkVExpr(s.value, (e) => {
      if (e.kind !== "load" || e.lanes === 1 || e.at.terms.length > 0) return;
      const loads = found.get(e.buffer);
      if (loads === undefined) found.set(e.buffer, [e]);
      else loads.push(e);
    });
  }
  return found;
}

function rebased(body: VBlock, anchors: readonly Anchor[]): VBlock {
  const rewrite = (e: VExpr): VExpr => {
    if (e.kind !== "load") return mapOperands(e, rewrite);
    const { offset } = e.at;
    const anchor = anchors.find((a) => a.pointer === e.buffer && a.at <= offset && offset <= a.end);
    if (!anchor || e.lanes === 1 || e.at.terms.length > 0) return e;
    return { ...e, buffer: anchor.inside.name, at: { terms: [], offset: offset - anchor.at } };
  };
  return body.flatMap((s): VStmt[] => {
    if (s.kind === "pointer") return [s, ...anchors.filter((a) => a.pointer === s.name).map((a) => a.inside)];
    return s.kind === "let" || s.kind === "set" || s.kind === "store"
      ? [{ ...s, value: rewrite(s.value) }]
      : [s];
  });
}
