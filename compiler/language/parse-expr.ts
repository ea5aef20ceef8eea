import { type BinaryExpression, type CallExpression, type Expression, Node, SyntaxKind } from "ts-morph";
import { type BinaryOp, binary, type Expr, literal, load, select, type UnaryOp, unary } from "../ir/expr.ts";
import { add, constant, divMod, type Index, isConstant, rangeOf, scale, subtract } from "../ir/index-expr.ts";
import { checkBounds } from "./check-bounds.ts";
import { kernelError } from "./kernel-error.ts";
import { disjuncts, parseCondition } from "./parse-condition.ts";
import { enterGuard, lookup, type Scope, type Value } from "./scope.ts";

const known = (value: number): Value => ({ kind: "constant", value });
const address = (index: Index): Value => (isConstant(index) ? known(index.offset) : { kind: "index", index });
const computed = (expr: Expr): Value => ({ kind: "expr", expr });

/** A value as IR; constants are rounded to f32 here, their arithmetic before was Node's. */
export function toExpr(value: Value): Expr {
  switch (value.kind) {
    case "constant":
      return literal(Math.fround(value.value));
    case "index":
      return { kind: "index", index: value.index };
    case "expr":
      return value.expr;
  }
}

/** Drops parentheses and `!`. */
export function bare(node: Expression): Expression {
  let inner = node;
  while (Node.isParenthesizedExpression(inner) || Node.isNonNullExpression(inner))
    inner = inner.getExpression();
  return inner;
}

/** The meaning of an expression of the kernel language. */
export function parseValue(node: Expression, scope: Scope): Value {
  const e = bare(node);
  if (Node.isNumericLiteral(e)) return known(e.getLiteralValue());
  if (Node.isTrueLiteral(e)) return known(1);
  if (Node.isFalseLiteral(e)) return known(0);
  if (Node.isIdentifier(e)) return parseName(e, scope);
  if (Node.isElementAccessExpression(e)) return parseLoad(e, scope);
  if (Node.isPrefixUnaryExpression(e) && e.getOperatorToken() === SyntaxKind.MinusToken) {
    return negate(parseValue(e.getOperand(), scope));
  }
  if (Node.isPrefixUnaryExpression(e) && e.getOperatorToken() === SyntaxKind.PlusToken) {
    return parseValue(e.getOperand(), scope);
  }
  if (Node.isBinaryExpression(e)) return parseBinary(e, scope);
  if (Node.isConditionalExpression(e)) {
    const when = parseCondition(e.getCondition(), scope);
    if (when.kind === "constant") return parseValue(when.value ? e.getWhenTrue() : e.getWhenFalse(), scope);
    const yes = disjuncts(when);
    const no = disjuncts({ kind: "not", of: when });
    const otherwise = underOneOf(e.getWhenFalse(), no, scope);
    return computed(
      yes.reduceRight<Expr>((rest, conjunction) => {
        const then = toExpr(parseValue(e.getWhenTrue(), enterGuard(scope, conjunction)));
        return conjunction.reduceRight<Expr>(
          (inner, cond) => select(cond, inner, rest),
          then,
        );
      }, otherwise),
    );
  }
  if (Node.isCallExpression(e)) return parseCall(e, scope);
  throw kernelError("badExpression", e, `${describe(e)} is not part of the kernel language`, {
    help: ["use numbers, tensor elements, + - * /, min, max, exp, sqrt, tanh and `condition ? a : b`"],
  });
}

/** A value that is used where one of several conjunctions holds: checked under each, the same under all. */
function underOneOf(node: Expression, cases: ReturnType<typeof disjuncts>, scope: Scope): Expr {
  const values = cases.map((conds) => toExpr(parseValue(node, enterGuard(scope, conds))));
  return values[0] ?? toExpr(parseValue(node, scope));
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
      if (binding.shape.length === 0) return computed(load(name, []));
      throw rankError(e, name, binding.shape, 0);
    case "param":
      throw rankError(e, name, binding.storage().shape, 0);
  }
}

/** A buffer's name and its indices, read from `x[i][j]` or a scalar's name; bounds are checked. */
export function parseAccess(
  node: Expression,
  scope: Scope,
): { readonly buffer: string; readonly at: readonly Index[] } {
  const indices: Expression[] = [];
  let root = bare(node);
  while (Node.isElementAccessExpression(root)) {
    indices.unshift(root.getArgumentExpressionOrThrow());
    root = bare(root.getExpression());
  }
  if (!Node.isIdentifier(root)) {
    throw kernelError("badExpression", root, `cannot index ${describe(root)}`, {
      help: ["index a tensor parameter or a local buffer by its name: x[n][c][h][w]"],
    });
  }
  const buffer = root.getText();
  const binding = lookup(scope, buffer, root);
  if (binding.kind === "value") {
    throw kernelError("wrongRank", node, `\`${buffer}\` is a ${binding.what}, not a tensor`);
  }
  const shape = binding.kind === "param" ? binding.storage().shape : binding.shape;
  if (indices.length !== shape.length) throw rankError(node, buffer, shape, indices.length);
  const at = indices.map((index) => parseIndex(index, scope));
  for (const [dim, index] of at.entries()) checkBounds(indices[dim], buffer, shape, dim, index, scope);
  return { buffer, at };
}

function parseLoad(e: Expression, scope: Scope): Value {
  const { buffer, at } = parseAccess(e, scope);
  return computed(load(buffer, at));
}

function rankError(at: Node, name: string, shape: readonly number[], given: number): Error {
  const rank = shape.length;
  return kernelError(
    "wrongRank",
    at,
    `\`${name}\` has ${rank} dimension${rank === 1 ? "" : "s"}, but ${given === 0 ? "no" : given} ${given === 1 ? "index is" : "indices are"} given`,
    {
      why: `its shape is [${shape.join(", ")}]`,
      help: ["read and write single elements: one index per dimension"],
    },
  );
}

/** An affine address, integer everywhere. */
export function parseIndex(node: Expression, scope: Scope): Index {
  const value = parseValue(node, scope);
  if (value.kind === "index") return value.index;
  if (value.kind === "constant" && Number.isInteger(value.value)) return constant(value.value);
  const { node: culprit, why } = whyNotAffine(bare(node), scope);
  throw kernelError("notAffine", culprit, `\`${culprit.getText()}\` cannot be part of an index`, {
    why,
    help: [
      "an index is a sum of loop variables times whole constants; Math.floor(i / 4) and i % 4 are allowed",
    ],
  });
}

/** The smallest part of an expression that is no address, and why. */
function whyNotAffine(node: Expression, scope: Scope): { readonly node: Expression; readonly why: string } {
  const e = bare(node);
  const parts = Node.isBinaryExpression(e) ? [bare(e.getLeft()), bare(e.getRight())] : [];
  for (const part of parts) {
    const value = parseValue(part, scope);
    const whole = value.kind === "constant" && Number.isInteger(value.value);
    if (value.kind !== "index" && !whole) return whyNotAffine(part, scope);
  }
  if (!Node.isBinaryExpression(e)) {
    const value = parseValue(e, scope);
    const why =
      value.kind === "constant"
        ? `its value is ${value.value}, not a whole number`
        : "it is a value, computed when the kernel runs";
    return { node: e, why };
  }
  const slash = e.getOperatorToken().getKind() === SyntaxKind.SlashToken;
  return {
    node: e,
    why: slash ? "a division leaves whole numbers" : "both factors change while the loops run",
  };
}

function negate(value: Value): Value {
  if (value.kind === "constant") return known(-value.value);
  if (value.kind === "index") return address(scale(value.index, -1));
  return computed(unary("neg", value.expr));
}

const OPERATORS = new Map<SyntaxKind, BinaryOp>([
  [SyntaxKind.PlusToken, "add"],
  [SyntaxKind.MinusToken, "sub"],
  [SyntaxKind.AsteriskToken, "mul"],
  [SyntaxKind.SlashToken, "div"],
]);

function parseBinary(e: BinaryExpression, scope: Scope): Value {
  const token = e.getOperatorToken().getKind();
  if (token === SyntaxKind.PercentToken) return parseDivision(e, scope, "mod");
  const op = OPERATORS.get(token);
  if (op === undefined) {
    const sign = e.getOperatorToken().getText();
    throw kernelError("badExpression", e, `\`${sign}\` is not part of the kernel language here`, {
      help: [HINTS.get(sign) ?? "use + - * / on values, and + - * Math.floor(i / 4) i % 4 on indices"],
    });
  }
  return combineValues(op, parseValue(e.getLeft(), scope), parseValue(e.getRight(), scope));
}

const HINTS = new Map([
  [">>", "write Math.floor(i / 4) for i >> 2"],
  ["&", "write i % 4 for i & 3"],
  ["**", "write v * v"],
  ["=", "an assignment stands on its own: y[i] = v"],
  ["<", "a comparison stands in a condition: i < 4 ? a : b"],
]);

/** One operation on values of any kind: constants fold as in Node, sums of addresses stay addresses. */
export function combineValues(op: BinaryOp, a: Value, b: Value): Value {
  if (a.kind === "constant" && b.kind === "constant") return known(fold(op, a.value, b.value));
  const x = asIndex(a);
  const y = asIndex(b);
  if (x !== undefined && y !== undefined) {
    if (op === "add") return address(add(x, y));
    if (op === "sub") return address(subtract(x, y));
    if (op === "mul" && isConstant(x)) return address(scale(y, x.offset));
    if (op === "mul" && isConstant(y)) return address(scale(x, y.offset));
  }
  return computed(binary(op, toExpr(a), toExpr(b)));
}

function asIndex(value: Value): Index | undefined {
  if (value.kind === "index") return value.index;
  return value.kind === "constant" && Number.isInteger(value.value) ? constant(value.value) : undefined;
}

function fold(op: BinaryOp, a: number, b: number): number {
  switch (op) {
    case "add":
      return a + b;
    case "sub":
      return a - b;
    case "mul":
      return a * b;
    case "div":
      return a / b;
    case "min":
      return Math.min(a, b);
    case "max":
      return Math.max(a, b);
  }
}

/** `i % n`, or the `i / n` inside Math.floor: on addresses that are not negative, by a constant. */
function parseDivision(e: BinaryExpression, scope: Scope, want: "div" | "mod"): Value {
  const left = parseValue(e.getLeft(), scope);
  const by = parseValue(e.getRight(), scope);
  if (left.kind === "constant" && by.kind === "constant") {
    return known(want === "div" ? Math.floor(left.value / by.value) : left.value % by.value);
  }
  if (by.kind !== "constant" || !Number.isInteger(by.value) || by.value <= 0) {
    throw kernelError(
      "badDivision",
      e.getRight(),
      `\`${e.getRight().getText()}\` is not a positive whole constant`,
      {
        help: ["divide indices by constants: Math.floor(i / 4), i % 4"],
      },
    );
  }
  if (left.kind === "expr" || left.kind === "constant") {
    throw kernelError("badDivision", e.getLeft(), `\`${e.getLeft().getText()}\` is a value, not an index`, {
      help: ["Math.floor and % are for indices; values have + - * /"],
    });
  }
  const low = rangeOf(left.index, scope.ranges).min;
  if (want === "mod" && low < 0) {
    throw kernelError("badDivision", e.getLeft(), `\`${e.getLeft().getText()}\` may be negative`, {
      why: `it goes down to ${low}, and % of a negative number is negative in TypeScript`,
      help: [`add a multiple of ${by.value} first`],
    });
  }
  return address(divMod(left.index, by.value, scope.ranges)[want]);
}

const UNARY = new Set<string>(["exp", "sqrt", "tanh"] satisfies UnaryOp[]);
const BINARY = new Set<string>(["min", "max"] satisfies BinaryOp[]);

function parseCall(e: CallExpression, scope: Scope): Value {
  const callee = e.getExpression().getText();
  const name = callee.replace(/^Math\./, "");
  const args = e.getArguments().filter(Node.isExpression);
  if (name === "floor" && args.length === 1) return parseFloor(args[0], scope);
  if (BINARY.has(name) && args.length >= 2) {
    return args.map((a) => parseValue(a, scope)).reduce((a, b) => combineValues(name as BinaryOp, a, b));
  }
  if (UNARY.has(name) && args.length === 1) {
    const value = parseValue(args[0], scope);
    if (value.kind === "constant") return known(Math[name as "exp" | "sqrt" | "tanh"](value.value));
    return computed(unary(name as UnaryOp, toExpr(value)));
  }
  if (name === "float" && args.length === 1) return computed(toExpr(parseValue(args[0], scope)));
  throw kernelError(
    "badExpression",
    e,
    `cannot call \`${callee}\` with ${args.length} argument${args.length === 1 ? "" : "s"} in a kernel`,
    {
      help: [
        "the functions are min(a, b), max(a, b), exp(v), sqrt(v), tanh(v), float(i) and Math.floor(i / 4)",
      ],
    },
  );
}

function parseFloor(arg: Expression, scope: Scope): Value {
  const e = bare(arg);
  if (Node.isBinaryExpression(e) && e.getOperatorToken().getKind() === SyntaxKind.SlashToken) {
    return parseDivision(e, scope, "div");
  }
  const value = parseValue(e, scope);
  if (value.kind === "index") return value;
  if (value.kind === "constant") return known(Math.floor(value.value));
  throw kernelError("badDivision", e, `\`${e.getText()}\` is a value, not an index`, {
    help: ["Math.floor and % are for indices; values have + - * /"],
  });
}

/** A syntax in words: "a string", "an arrow function". */
export function describe(node: Node): string {
  const words = node
    .getKindName()
    .replace(/(Expression|Statement|Declaration|Keyword)$/, "")
    .replace(/(?<=[a-z])(?=[A-Z])/g, " ")
    .toLowerCase();
  return `${/^[aeiou]/.test(words) ? "an" : "a"} ${words}`;
}
