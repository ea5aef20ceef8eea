import type { Expression, NumericLiteral } from "ts-morph";
import { Node } from "./ts-morph.ts";

/** Drops parentheses, `!`, `as T` and `satisfies T`. */
export function bare(node: Expression): Expression {
  let inner = node;
  while (
    Node.isParenthesizedExpression(inner) ||
    Node.isNonNullExpression(inner) ||
    Node.isAsExpression(inner) ||
    Node.isSatisfiesExpression(inner)
  )
    inner = inner.getExpression();
  return inner;
}

/** The number a literal stands for (ts-morph's own getLiteralValue cuts 1e-20 to 1). */
export function numberOf(literal: NumericLiteral): number {
  return Number(literal.compilerNode.text);
}

/** A syntax in words: "a string", "an arrow function". */
export function describe(node: Node): string {
  const words = node
    .getKindName()
    .replace(/(Expression|Declaration|Keyword)$/, "")
    .replace(/(?<=[a-z])(?=[A-Z])/g, " ")
    .toLowerCase();
  return `${/^[aeiou]/.test(words) ? "an" : "a"} ${words}`;
}

/** The name that an access begins with: `y` of `y[i][j]`; nothing where it begins otherwise. */
export function rootName(node: Node): string {
  let at = Node.isExpression(node) ? bare(node) : node;
  while (Node.isElementAccessExpression(at) || Node.isPropertyAccessExpression(at))
    at = bare(at.getExpression());
  return Node.isIdentifier(at) ? at.getText() : "";
}
