import { dependences, type VBlock, type VStmt } from "../ir/vector.ts";

/** Leaves out pointers that nothing uses: loops that gave their last access away keep none. */
export function dropUnusedPointers(block: VBlock): VBlock {
  return prune(block, new Set()).block;
}

/** From the last statement to the first; `after` holds what later statements mention. */
function prune(
  block: VBlock,
  after: ReadonlySet<string>,
): { readonly block: VBlock; readonly used: Set<string> } {
  const used = new Set(after);
  const kept: VStmt[] = [];
  for (const s of [...block].reverse()) {
    if (s.kind === "pointer") {
      if (!used.has(s.name)) continue;
      used.add(s.base);
      kept.push(s);
    } else if (s.kind === "for" || s.kind === "if") {
      const inner = prune(s.body, new Set());
      for (const name of inner.used) used.add(name);
      kept.push({ ...s, body: inner.block });
    } else {
      for (const name of mentioned(s)) used.add(name);
      kept.push(s);
    }
  }
  return { block: kept.reverse(), used };
}

function mentioned(s: Exclude<VStmt, { readonly kind: "for" | "if" | "pointer" }>): readonly string[] {
  switch (s.kind) {
    case "let":
    case "set":
    case "store": {
      const { buffers } = dependences(s.value);
      return s.kind === "store" ? [s.buffer, ...buffers] : [...buffers];
    }
    case "prefetch":
    case "fence":
      return [s.buffer];
    case "array":
    case "declare":
      return [];
  }
}
