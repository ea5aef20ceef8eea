import type { BinaryOp, Expr } from "../ir/expr.ts";
import { walkLoads } from "../ir/rewrite.ts";
import type { Scope } from "./scope.ts";
import { rootName } from "./syntax.ts";
import { Node, SyntaxKind } from "./ts-morph.ts";

/** Assignment operators; those with an operation read the element first. */
export const ASSIGNMENTS: ReadonlyMap<string, BinaryOp | undefined> = new Map([
  ["=", undefined],
  ["+=", "add"],
  ["-=", "sub"],
  ["*=", "mul"],
  ["/=", "div"],
]);

/**
 * Whether a `const` is kept in a scalar instead of being repeated at each use: because a buffer it reads is
 * written before its last use, or because it is slow to compute and used often.
 */
export function mustKeep(name: string, value: Expr, after: readonly Node[], scope: Scope): boolean {
  const uses = after.flatMap((s) =>
    s.getDescendantsOfKind(SyntaxKind.Identifier).filter((i) => i.getText() === name),
  );
  if (isSlow(value) && (uses.length > 1 || uses.some((u) => insideLoop(u, after)))) return true;
  const read = new Set<string>();
  walkLoads(value, (l) => read.add(l.buffer));
  const last = after.findLastIndex((s) =>
    uses.some((u) => u.getPos() >= s.getPos() && u.getEnd() <= s.getEnd()),
  );
  return after.slice(0, last + 1).some((s, i) => {
    if (i === last && Node.isExpressionStatement(s) && !Node.isCallExpression(s.getExpression()))
      return false;
    return writtenBy(s, scope).some((buffer) => read.has(buffer));
  });
}

/** Whether a use sits in a loop that begins after the declaration. */
function insideLoop(use: Node, after: readonly Node[]): boolean {
  const from = after[0].getPos();
  return use
    .getAncestors()
    .some((a) => (Node.isForOfStatement(a) || Node.isForStatement(a)) && a.getPos() >= from);
}

function isSlow(e: Expr): boolean {
  switch (e.kind) {
    case "binary":
      return e.op === "div" || isSlow(e.lhs) || isSlow(e.rhs);
    case "unary":
      return e.op !== "neg" || isSlow(e.value);
    case "call":
      return true;
    case "convert":
      return isSlow(e.value);
    case "select":
      return isSlow(e.then) || isSlow(e.otherwise);
    case "literal":
    case "load":
    case "table":
    case "index":
      return false;
  }
}

/** Names of the buffers that a statement may write: those assigned to, and those handed to a function called as a statement. */
function writtenBy(s: Node, scope: Scope): readonly string[] {
  const assigned = s
    .getDescendantsOfKind(SyntaxKind.BinaryExpression)
    .filter((b) => ASSIGNMENTS.has(b.getOperatorToken().getText()))
    .map((b) => b.getLeft());
  const handed = [s, ...s.getDescendantsOfKind(SyntaxKind.ExpressionStatement)].flatMap((statement) => {
    const call = Node.isExpressionStatement(statement) ? statement.getExpression() : undefined;
    return Node.isCallExpression(call) ? call.getArguments() : [];
  });
  return [...assigned, ...handed].map((node) => {
    const name = rootName(node);
    const binding = scope.names.get(name);
    return binding?.kind === "local" || binding?.kind === "view" ? binding.buffer : name;
  });
}
