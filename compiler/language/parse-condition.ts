import type { Expression } from "ts-morph";
import type { Cond } from "../ir/expr.ts";
import type { Index } from "../ir/index-expr.ts";
import { kernelError } from "./kernel-error.ts";
import type { ParseValue, Scope } from "./scope.ts";
import { bare } from "./syntax.ts";
import { Node, SyntaxKind } from "./ts-morph.ts";
import { asIndex, type Value } from "./value.ts";

/** A condition on addresses as it is written. */
export type Condition =
  | { readonly kind: "constant"; readonly value: boolean }
  | { readonly kind: "compare"; readonly cond: Cond }
  | { readonly kind: "not"; readonly of: Condition }
  | { readonly kind: "and" | "or"; readonly lhs: Condition; readonly rhs: Condition };

/** Conditions that must all hold. */
export type Conjunction = readonly Cond[];

const not = (of: Condition): Condition =>
  of.kind === "constant" ? { kind: "constant", value: !of.value } : { kind: "not", of };

/** Reads a condition; what is known at compile time folds, in short-circuit order. */
export function parseCondition(node: Expression, scope: Scope, parseValue: ParseValue): Condition {
  const e = bare(node);
  if (Node.isPrefixUnaryExpression(e) && e.getOperatorToken() === SyntaxKind.ExclamationToken) {
    return not(parseCondition(e.getOperand(), scope, parseValue));
  }
  if (Node.isBinaryExpression(e)) {
    const sign = e.getOperatorToken().getText();
    if (sign === "&&" || sign === "||") {
      const kind = sign === "||" ? "or" : "and";
      const lhs = parseCondition(e.getLeft(), scope, parseValue);
      if (lhs.kind === "constant") {
        return lhs.value === (kind === "or") ? lhs : parseCondition(e.getRight(), scope, parseValue);
      }
      const rhs = parseCondition(e.getRight(), scope, parseValue);
      if (rhs.kind === "constant") return rhs.value === (kind === "or") ? rhs : lhs;
      return { kind, lhs, rhs };
    }
    const make = COMPARISONS.get(sign);
    if (make !== undefined) {
      const lhs = parseValue(e.getLeft(), scope);
      const rhs = parseValue(e.getRight(), scope);
      if (lhs.kind === "constant" && rhs.kind === "constant") {
        return { kind: "constant", value: make.known(lhs.value, rhs.value) };
      }
      return make.compare(operand(lhs, e.getLeft()), operand(rhs, e.getRight()));
    }
  }
  const value = parseValue(e, scope);
  if (value.kind === "constant")
    return { kind: "constant", value: value.value !== 0 && !Number.isNaN(value.value) };
  throw badCondition(e, `\`${e.getText()}\` is not a condition on indices`);
}

const compare = (op: Cond["op"], lhs: Index, rhs: Index): Condition => ({
  kind: "compare",
  cond: { op, lhs, rhs },
});

interface Comparison {
  readonly known: (a: number, b: number) => boolean;
  readonly compare: (a: Index, b: Index) => Condition;
}
const EQUAL: Comparison = { known: (a, b) => a === b, compare: (a, b) => compare("eq", a, b) };
const DIFFERENT: Comparison = { known: (a, b) => a !== b, compare: (a, b) => not(compare("eq", a, b)) };

const COMPARISONS = new Map<string, Comparison>([
  ["<", { known: (a, b) => a < b, compare: (a, b) => compare("lt", a, b) }],
  ["<=", { known: (a, b) => a <= b, compare: (a, b) => compare("ge", b, a) }],
  [">", { known: (a, b) => a > b, compare: (a, b) => compare("lt", b, a) }],
  [">=", { known: (a, b) => a >= b, compare: (a, b) => compare("ge", a, b) }],
  ["===", EQUAL],
  ["==", EQUAL],
  ["!==", DIFFERENT],
  ["!=", DIFFERENT],
]);

function operand(value: Value, node: Expression): Index {
  const index = asIndex(value);
  if (index !== undefined) return index;
  throw badCondition(node, `\`${node.getText()}\` cannot be compared in a kernel`);
}

function badCondition(at: Node, title: string): Error {
  return kernelError("badCondition", at, title, {
    why: "a condition compares indices and constants, so that it can be decided before the kernel runs",
    help: ["choose between values with min and max: max(v, 0)"],
  });
}

/**
 * A condition as alternatives, each a list of comparisons. At most one of them holds, unless `overlapping` is
 * asked for, which is shorter and enough where the first that holds is taken.
 */
export function disjuncts(c: Condition, overlapping = false): readonly Conjunction[] {
  switch (c.kind) {
    case "constant":
      return c.value ? [[]] : [];
    case "compare":
      return [[c.cond]];
    case "and":
      return product(disjuncts(c.lhs, overlapping), disjuncts(c.rhs, overlapping));
    case "or": {
      const rhs = disjuncts(c.rhs, overlapping);
      return [...disjuncts(c.lhs, overlapping), ...(overlapping ? rhs : product(disjuncts(not(c.lhs)), rhs))];
    }
    case "not":
      return disjuncts(negated(c.of), overlapping);
  }
}

/** The opposite of a condition, with its comparisons turned round. */
function negated(c: Condition): Condition {
  switch (c.kind) {
    case "constant":
      return not(c);
    case "not":
      return c.of;
    case "and":
      return { kind: "or", lhs: not(c.lhs), rhs: not(c.rhs) };
    case "or":
      return { kind: "and", lhs: not(c.lhs), rhs: not(c.rhs) };
    case "compare": {
      const { op, lhs, rhs } = c.cond;
      if (op === "lt") return compare("ge", lhs, rhs);
      if (op === "ge") return compare("lt", lhs, rhs);
      return { kind: "or", lhs: compare("lt", lhs, rhs), rhs: compare("lt", rhs, lhs) };
    }
  }
}

function product(a: readonly Conjunction[], b: readonly Conjunction[]): readonly Conjunction[] {
  return a.flatMap((x) => b.map((y) => [...x, ...y]));
}
