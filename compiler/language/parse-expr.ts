import type { BinaryExpression, ConditionalExpression, Expression } from "ts-morph";
import { type BinaryOp, type Expr, load, select } from "../ir/expr.ts";
import { kernelError } from "./kernel-error.ts";
import { noValue, parseElement, rankError } from "./parse-access.ts";
import { parseCall, parseDivision } from "./parse-call.ts";
import { type Conjunction, disjuncts, parseCondition } from "./parse-condition.ts";
import { enterGuard, lookup, type Scope } from "./scope.ts";
import { bare, describe, numberOf } from "./syntax.ts";
import { Node, SyntaxKind } from "./ts-morph.ts";
import { asType, combine, commonType, negated } from "./types.ts";
import { computed, known, type Value } from "./value.ts";

/** The meaning of an expression of the kernel language. */
export function parseValue(node: Expression, scope: Scope): Value {
  const e = bare(node);
  if (Node.isNumericLiteral(e)) return known(numberOf(e));
  if (Node.isTrueLiteral(e)) return known(1);
  if (Node.isFalseLiteral(e)) return known(0);
  if (Node.isIdentifier(e)) return parseName(e, scope);
  if (Node.isElementAccessExpression(e)) return parseElement(e, scope, parseValue);
  if (Node.isPrefixUnaryExpression(e) && e.getOperatorToken() === SyntaxKind.MinusToken) {
    return negated(parseValue(e.getOperand(), scope), e, e.getOperand());
  }
  if (Node.isPrefixUnaryExpression(e) && e.getOperatorToken() === SyntaxKind.PlusToken) {
    return parseValue(e.getOperand(), scope);
  }
  if (Node.isBinaryExpression(e)) return parseBinary(e, scope);
  if (Node.isConditionalExpression(e)) return parseChoice(e, scope);
  if (Node.isCallExpression(e)) return parseCall(e, scope, parseValue);
  throw kernelError("badExpression", e, `${describe(e)} is not part of the kernel language`, {
    help: ["use numbers, tensor elements, + - * /, min, max, exp, sqrt, tanh and `condition ? a : b`"],
  });
}

/** `condition ? a : b`: one branch when the condition is known, else selects, each branch checked where it holds. */
function parseChoice(e: ConditionalExpression, scope: Scope): Value {
  const when = parseCondition(e.getCondition(), scope, parseValue);
  if (when.kind === "constant") return parseValue(when.value ? e.getWhenTrue() : e.getWhenFalse(), scope);
  const swapped = when.kind === "not";
  const condition = swapped ? when.of : when;
  const [then, otherwise] = swapped
    ? [e.getWhenFalse(), e.getWhenTrue()]
    : [e.getWhenTrue(), e.getWhenFalse()];
  const under = (node: Expression, conds: Conjunction): Value => parseValue(node, enterGuard(scope, conds));
  const [last] = disjuncts({ kind: "not", of: condition }).map((conds) => under(otherwise, conds));
  const taken = disjuncts(condition, true).map((conds) => ({ conds, value: under(then, conds) }));
  const dtype = commonType([...taken.map(({ value }) => value), last]);
  return computed(
    taken.reduceRight<Expr>(
      (rest, { conds, value }) => {
        const chosen = asType(value, dtype, then);
        return conds.reduceRight<Expr>((inner, cond) => select(cond, inner, rest), chosen);
      },
      asType(last, dtype, otherwise),
    ),
  );
}

function parseName(e: Expression, scope: Scope): Value {
  const name = e.getText();
  if (name === "Infinity") return known(Number.POSITIVE_INFINITY);
  if (name === "NaN") return known(Number.NaN);
  const binding = lookup(scope, name, e);
  switch (binding.kind) {
    case "value":
      return binding.value;
    case "local":
      if (binding.shape.length === 0) return computed(load(binding.buffer, [], binding.dtype));
      throw rankError(e, name, binding.shape, 0);
    case "dims":
      throw noValue(e);
    case "view":
      throw rankError(e, name, binding.shape, 0);
    case "table":
      throw rankError(e, name, binding.table.shape, 0);
    case "param":
      throw rankError(e, name, binding.storage().shape, 0);
  }
}

const OPERATORS = new Map<string, BinaryOp>([
  ["+", "add"],
  ["-", "sub"],
  ["*", "mul"],
  ["/", "div"],
]);

function parseBinary(e: BinaryExpression, scope: Scope): Value {
  const sign = e.getOperatorToken().getText();
  if (sign === "%") return parseDivision(e.getLeft(), e.getRight(), scope, "remainder", parseValue);
  const op = OPERATORS.get(sign);
  if (op === undefined) {
    const hint = /^[<>!=]=?=?$/.test(sign) && sign !== "=" ? COMPARE : HINTS.get(sign);
    throw kernelError("badExpression", e, `\`${sign}\` is not part of the kernel language here`, {
      help: [hint ?? "use + - * / on values, and + - * Math.floor(i / 4) i % 4 on indices"],
    });
  }
  const [left, right] = [e.getLeft(), e.getRight()];
  return combine(op, parseValue(left, scope), parseValue(right, scope), e, [left, right]);
}

const HINTS = new Map([
  [">>", "write Math.floor(i / 4) for i >> 2"],
  ["&", "write i % 4 for i & 3"],
  ["**", "write v * v"],
  ["=", "an assignment stands on its own: y[i] = v"],
]);
const COMPARE = "a comparison stands in a condition on indices: i < 4 ? a : b";
