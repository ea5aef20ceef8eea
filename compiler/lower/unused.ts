import { eachBuffer, type VBlock, type VStmt } from "../ir/vector.ts";

/** Leaves out pointers and arrays that nothing uses: loops that gave their last access away keep none, and of a kernel's sizes some leave nothing to hold. */
export function dropUnused(block: VBlock): VBlock {
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
    } else if (s.kind === "array") {
      if (used.has(s.name)) kept.push(s);
    } else if (s.kind === "for" || s.kind === "if") {
      const inner = prune(s.body, new Set());
      for (const name of inner.used) used.add(name);
      kept.push({ ...s, body: inner.block });
    } else {
      eachMentioned(s, (name) => used.add(name));
      kept.push(s);
    }
  }
  return { block: kept.reverse(), used };
}

function eachMentioned(
  s: Exclude<VStmt, { readonly kind: "for" | "if" | "pointer" | "array" }>,
  visit: (name: string) => void,
): void {
  switch (s.kind) {
    case "let":
    case "set":
      eachBuffer(s.value, visit);
      return;
    case "store":
      visit(s.buffer);
      eachBuffer(s.value, visit);
      return;
    case "prefetch":
    case "fence":
      visit(s.buffer);
      return;
    case "declare":
      return;
  }
}
