import type { CallExpression, Expression } from "ts-morph";
import { type BinaryOp, call, type UnaryOp, unary } from "../ir/expr.ts";
import { arityOf, evaluate, FUNCTION_NAMES, isFunctionName } from "../ir/functions.ts";
import { divMod, lookup as element, rangeOf } from "../ir/index-expr.ts";
import { inlineValue } from "./inline-value.ts";
import { kernelError } from "./kernel-error.ts";
import type { ParseValue, Scope } from "./scope.ts";
import { bare } from "./syntax.ts";
import { Node, SyntaxKind } from "./ts-morph.ts";
import { asType, CONVERSIONS, combine, floatOnly, parseConversion, wholeOnly } from "./types.ts";
import { address, asIndex, computed, known, type Value } from "./value.ts";

/**
 * The quotient inside Math.floor(i / n), the remainder i % n (of indices that are never negative), or
 * mod(i, n): indices divided by a constant.
 */
export function parseDivision(
  dividend: Expression,
  divisor: Expression,
  scope: Scope,
  want: "floor" | "remainder" | "mod",
  parseValue: ParseValue,
): Value {
  const of = parseValue(dividend, scope);
  const by = parseValue(divisor, scope);
  if (by.kind !== "constant" || !Number.isInteger(by.value) || by.value <= 0) {
    throw kernelError("badDivision", divisor, `\`${divisor.getText()}\` is not a positive whole constant`, {
      help: ["divide indices by constants: Math.floor(i / 4), i % 4"],
    });
  }
  const index = asIndex(of);
  if (index === undefined) throw notAnIndex(dividend);
  const low = rangeOf(index, scope.ranges).min;
  if (want === "remainder" && low < 0) {
    throw kernelError("badDivision", dividend, `\`${dividend.getText()}\` may be negative`, {
      why: `it goes down to ${low}, and % of a negative number is negative in TypeScript`,
      help: [`write mod(${bare(dividend).getText()}, ${divisor.getText()})`],
    });
  }
  return address(divMod(index, by.value, scope.ranges)[want === "floor" ? "div" : "mod"]);
}

function notAnIndex(at: Expression): Error {
  return kernelError("badDivision", at, `\`${at.getText()}\` is a value, not an index`, {
    help: ["Math.floor, % and mod are for indices; values have + - * /"],
  });
}

const UNARY = new Set<string>(["exp", "sqrt", "tanh"] satisfies UnaryOp[]);
const WRAP = "wrapI16" satisfies UnaryOp;
const BINARY = new Set<string>(["min", "max"] satisfies BinaryOp[]);

/** A call of one of the language's functions. */
export function parseCall(e: CallExpression, scope: Scope, parseValue: ParseValue): Value {
  const callee = e.getExpression().getText();
  const name = callee.replace(/^Math\./, "");
  const args = e.getArguments().filter(Node.isExpression);
  if (name === "floor" && args.length === 1) return parseFloor(args[0], scope, parseValue);
  if (BINARY.has(name) && args.length >= 2) {
    return args
      .map((node) => ({ node, value: parseValue(node, scope) }))
      .reduce((a, b) => ({
        node: b.node,
        value: combine(name as BinaryOp, a.value, b.value, e, [a.node, b.node]),
      })).value;
  }
  if (name === "fma" && args.length === 3) {
    const [a, b, c] = args.map((arg) => parseValue(arg, scope));
    const product = combine("mul", a, b, e, [args[0], args[1]]);
    return combine("add", product, c, e, [e, args[2]]);
  }
  if (UNARY.has(name) && args.length === 1) {
    const value = parseValue(args[0], scope);
    if (value.kind === "constant") return known(Math[name as "exp" | "sqrt" | "tanh"](value.value));
    return computed(unary(name as UnaryOp, floatOnly(name, value, e, args[0])));
  }
  if (name === WRAP && args.length === 1)
    return computed(unary(WRAP, wholeOnly(name, parseValue(args[0], scope), e, args[0])));
  if (isFunctionName(name) && args.length === arityOf(name)) {
    const values = args.map((arg) => parseValue(arg, scope));
    const constants = values.flatMap((value) => (value.kind === "constant" ? [value.value] : []));
    if (constants.length === values.length) return known(evaluate(name, constants));
    return computed(
      call(
        name,
        values.map((value, i) => floatOnly(name, value, e, args[i])),
      ),
    );
  }
  if (name === "heldIndex" && args.length === 2) return parseHeldIndex(e, args, scope, parseValue);
  if (name === "mod" && args.length === 2) return parseDivision(args[0], args[1], scope, "mod", parseValue);
  if (name === "float" && args.length === 1)
    return computed(asType(parseValue(args[0], scope), "f32", args[0]));
  const to = CONVERSIONS.get(name);
  if (to !== undefined && args.length === 1)
    return parseConversion(name, to, parseValue(args[0], scope), e, args[0]);
  const own = Node.isIdentifier(e.getExpression()) ? scope.outside.callee(callee, e) : undefined;
  if (own !== undefined) return inlineValue(e, own, scope, parseValue);
  throw kernelError(
    "badExpression",
    e,
    `cannot call \`${callee}\` with ${args.length} argument${args.length === 1 ? "" : "s"} in a kernel`,
    {
      help: [
        "the functions are min(a, b), max(a, b), fma(a, b, c), exp(v), sqrt(v), tanh(v), float(i), mod(i, 4) and Math.floor(i / 4)",
        `${FUNCTION_NAMES.join(", ")}, of values`,
        `${[...CONVERSIONS.keys()].join(", ")} convert a value to a type`,
        "wrapI16 is what 16 bits hold of a value of i32",
        "others are declared in this file, or imported from one beside it",
      ],
    },
  );
}

/** heldIndex(at[i], n): an element of an input as an index. */
function parseHeldIndex(
  e: CallExpression,
  [chooser, below]: readonly Expression[],
  scope: Scope,
  parseValue: ParseValue,
): Value {
  const value = parseValue(chooser, scope);
  const bound = parseValue(below, scope);
  const of = value.kind === "expr" && value.expr.kind === "load" ? value.expr : undefined;
  const binding = of && scope.names.get(of.buffer);
  const input =
    binding?.kind === "param" && binding.role === "input" && of?.dtype === "f32" ? binding : undefined;
  const count = bound.kind === "constant" ? bound.value : 0;
  if (
    of === undefined ||
    input === undefined ||
    of.at.length !== 1 ||
    !Number.isInteger(count) ||
    count < 1
  ) {
    throw kernelError("badExpression", e, `\`${e.getText()}\` is no index`, {
      help: [
        "write heldIndex(at[i], 8): an element of an f32 Input of one dimension, and how many indices there are",
      ],
    });
  }
  const table = { name: of.buffer, length: input.storage().shape[0], bound: count, held: true } as const;
  return address(element(table, of.at[0]));
}

function parseFloor(arg: Expression, scope: Scope, parseValue: ParseValue): Value {
  const e = bare(arg);
  const divides = Node.isBinaryExpression(e) && e.getOperatorToken().getKind() === SyntaxKind.SlashToken;
  const value = parseValue(e, scope);
  if (value.kind === "constant") return known(Math.floor(value.value));
  if (divides) return parseDivision(e.getLeft(), e.getRight(), scope, "floor", parseValue);
  if (value.kind === "index") return value;
  throw notAnIndex(e);
}
