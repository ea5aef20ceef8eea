import { axisRanges } from "../ir/axes.ts";
import { foldBlock } from "../ir/fold.ts";
import { constant, type Index, type Ranges } from "../ir/index-expr.ts";
import { flatMapSame, mapBlocks, mapStmt, type Rewritten } from "../ir/rewrite.ts";
import type { Block, ForStmt } from "../ir/stmt.ts";
import { substitute } from "../ir/substitute.ts";
import { foldProducts } from "./fold-products.ts";

/** Writes out the loops marked `unroll`, and drops loops that run once; constants and conditions that become known by it fold. */
export function unrollLoops(block: Block): Block {
  const ranges = axisRanges(block);
  const rewrite = (b: Block): Block =>
    flatMapSame(b, (s) => {
      if (s.kind === "for" && s.mode === "instruction") return s;
      const inner = mapBlocks(s, rewrite);
      if (inner.kind !== "for") return inner;
      if (inner.mode !== "unroll" && inner.extent !== 1) return inner;
      return iterations(inner, ranges);
    });
  const written = rewrite(block);
  return written === block ? block : foldProducts(foldBlock(written, new Map()));
}

function iterations(l: ForStmt, ranges: Ranges): Block {
  return Array.from({ length: l.extent }, (_, i) => {
    const by = new Map([[l.axis, constant(i)]]);
    const onIndex = (index: Index): Index => substitute(index, by, ranges);
    const loads: Rewritten = new Map();
    return l.body.map((s) => mapStmt(s, onIndex, undefined, undefined, loads));
  }).flat();
}
