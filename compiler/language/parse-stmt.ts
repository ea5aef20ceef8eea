import {
  type Expression,
  Node,
  type Statement,
  SyntaxKind,
  type VariableDeclaration,
  VariableDeclarationKind,
} from "ts-morph";
import { type Access, type BinaryOp, binary, type Expr, load, unary } from "../ir/expr.ts";
import { sameIndex } from "../ir/index-expr.ts";
import { walkLoads } from "../ir/rewrite.ts";
import type { Block, Memory, Stmt } from "../ir/stmt.ts";
import { kernelError } from "./kernel-error.ts";
import { parseAccess } from "./parse-access.ts";
import { disjuncts, parseCondition } from "./parse-condition.ts";
import { parseValue } from "./parse-expr.ts";
import { type LoopHeader, parseCounted, parseForOf } from "./parse-loop.ts";
import { declare, enterGuard, lookup, type Scope } from "./scope.ts";
import { bare, describe } from "./syntax.ts";
import { toExpr } from "./value.ts";

/** Statements in order; a local lives to the end of the block that declares it. */
export function parseBlock(statements: readonly Statement[], scope: Scope): Block {
  const [head, ...rest] = statements;
  if (head === undefined) return [];
  if (Node.isVariableStatement(head)) return parseDeclarations(head.getDeclarations(), rest, scope);
  return [...parseStatement(head, scope), ...parseBlock(rest, scope)];
}

/** The statements of a loop's or branch's body, braces or not. */
export function parseBody(body: Statement, scope: Scope): Block {
  return parseBlock(Node.isBlock(body) ? body.getStatements() : [body], scope);
}

function parseStatement(s: Statement, scope: Scope): Block {
  if (Node.isForOfStatement(s)) return makeLoop(parseForOf(s, scope));
  if (Node.isForStatement(s)) return makeLoop(parseCounted(s, scope));
  if (Node.isBlock(s)) return parseBlock(s.getStatements(), scope);
  if (Node.isEmptyStatement(s)) return [];
  if (Node.isExpressionStatement(s)) return [parseAssignment(bare(s.getExpression()), scope)];
  if (Node.isIfStatement(s)) {
    const when = parseCondition(s.getExpression(), scope, parseValue);
    const otherwise = s.getElseStatement();
    return [
      ...branch(s.getThenStatement(), disjuncts(when), scope),
      ...(otherwise === undefined ? [] : branch(otherwise, disjuncts({ kind: "not", of: when }), scope)),
    ];
  }
  throw kernelError("badStatement", s, `${describe(s)} is not part of the kernel language`, {
    help: ["a kernel has loops, `if` on indices, `const`, `let` and assignments to tensor elements"],
  });
}

/** A loop that never runs, or runs nothing, is no loop. */
function makeLoop({ axis, extent, mode, body, inside }: LoopHeader): Block {
  const block = extent === 0 ? [] : parseBody(body, inside);
  return block.length === 0 ? [] : [{ kind: "for", axis, extent, mode, body: block }];
}

/** The body under each alternative; at most one of them holds. */
function branch(body: Statement, alternatives: ReturnType<typeof disjuncts>, scope: Scope): Block {
  return alternatives.flatMap((conds) =>
    conds.reduceRight<Block>(
      (inner, cond) => [{ kind: "if", cond, body: inner }],
      parseBody(body, enterGuard(scope, conds)),
    ),
  );
}

/** `const` names a value, `let` makes a scalar, register() and stack() make arrays; `rest` is where they live. */
function parseDeclarations(
  declarations: readonly VariableDeclaration[],
  rest: readonly Statement[],
  scope: Scope,
): Block {
  const [head, ...others] = declarations;
  if (head === undefined) return parseBlock(rest, scope);
  const next = (inner: Scope): Block => parseDeclarations(others, rest, inner);
  const name = head.getName();
  const initial = head.getInitializer();
  if (!Node.isIdentifier(head.getNameNode()) || initial === undefined) {
    throw kernelError("badStatement", head, `\`${head.getText()}\` has no value`, {
      help: ["write `let acc = 0;`, or `const tile = register([4, 8]);` for an array"],
    });
  }
  const value = bare(initial);
  const local = parseLocal(value, scope);
  if (local !== undefined) {
    const body = next(declare(scope, name, { kind: "local", ...local }, head.getNameNode()));
    return [{ kind: "alloc", buffer: name, ...local, body }];
  }
  const parsed = parseValue(value, scope);
  const variable = head.getVariableStatementOrThrow().getDeclarationKind() !== VariableDeclarationKind.Const;
  if (!variable && (parsed.kind !== "expr" || !mustKeep(name, parsed.expr, [...others, ...rest]))) {
    return next(declare(scope, name, { kind: "value", what: "constant", value: parsed }, head.getNameNode()));
  }
  const inner = declare(scope, name, { kind: "local", shape: [], memory: "register" }, head.getNameNode());
  const store: Stmt = { kind: "store", buffer: name, at: [], value: toExpr(parsed) };
  return [{ kind: "alloc", buffer: name, shape: [], memory: "register", body: [store, ...next(inner)] }];
}

/** `register([4, 8])` or `stack([64])`. */
function parseLocal(
  e: Expression,
  scope: Scope,
): { readonly shape: readonly number[]; readonly memory: Memory } | undefined {
  if (!Node.isCallExpression(e)) return undefined;
  const memory = e.getExpression().getText();
  if (memory !== "register" && memory !== "stack") return undefined;
  const list = e.getArguments()[0];
  if (!Node.isArrayLiteralExpression(list)) {
    throw kernelError("badStatement", e, `${memory}() takes a list of extents`, {
      help: [`write ${memory}([4, 8])`],
    });
  }
  const shape = list.getElements().map((element) => {
    const value = parseValue(element, scope);
    if (value.kind === "constant" && Number.isInteger(value.value) && value.value > 0) return value.value;
    throw kernelError(
      "badBound",
      element,
      `extent \`${element.getText()}\` is not a positive whole constant`,
      {
        help: ["give local arrays extents made of dimensions and numbers"],
      },
    );
  });
  return { shape, memory };
}

/**
 * Whether a `const` is kept in a scalar instead of being repeated at each use: because a buffer it reads is
 * written before its last use, or because it is slow to compute and used often.
 */
function mustKeep(name: string, value: Expr, after: readonly Node[]): boolean {
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
    if (i === last && Node.isExpressionStatement(s)) return false;
    return writtenBy(s).some((buffer) => read.has(buffer));
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
    case "select":
      return isSlow(e.then) || isSlow(e.otherwise);
    case "literal":
    case "load":
    case "table":
    case "index":
      return false;
  }
}

/** Names of the buffers assigned to in a statement. */
function writtenBy(s: Node): readonly string[] {
  return s
    .getDescendantsOfKind(SyntaxKind.BinaryExpression)
    .filter((b) => ASSIGNMENTS.has(b.getOperatorToken().getText()))
    .map((b) => /^\w+/.exec(b.getLeft().getText())?.[0] ?? "");
}

/** Assignment operators; those with an operation read the element first. */
const ASSIGNMENTS = new Map<string, BinaryOp | undefined>([
  ["=", undefined],
  ["+=", "add"],
  ["-=", "sub"],
  ["*=", "mul"],
  ["/=", "div"],
]);

/** `=` stores; `+=`, `-=` and `y = max(y, v)` reduce; other updates store what they read and changed. */
function parseAssignment(e: Expression, scope: Scope): Stmt {
  const operator = Node.isBinaryExpression(e) ? e.getOperatorToken().getText() : "";
  if (!Node.isBinaryExpression(e) || !ASSIGNMENTS.has(operator)) {
    throw kernelError("badStatement", e, `\`${e.getText()}\` does nothing in a kernel`, {
      help: ["assign: y[i] = v, y[i] += v, or y[i] = max(y[i], v)"],
    });
  }
  const target = parseTarget(e.getLeft(), scope);
  if (operator === "=") {
    const reduced = maxOperand(e.getRight(), target, scope);
    if (reduced !== undefined) return { kind: "reduce", op: "max", ...target, value: reduced };
  }
  const value = toExpr(parseValue(e.getRight(), scope));
  if (operator === "=") return { kind: "store", ...target, value };
  if (operator === "+=") return { kind: "reduce", op: "add", ...target, value };
  if (operator === "-=") return { kind: "reduce", op: "add", ...target, value: unary("neg", value) };
  const op = operator === "*=" ? "mul" : "div";
  return { kind: "store", ...target, value: binary(op, load(target.buffer, target.at), value) };
}

/** The buffer element assigned to; inputs, weights and constants are refused. */
function parseTarget(node: Expression, scope: Scope): Access {
  const root = /^\w+/.exec(bare(node).getText())?.[0] ?? "";
  const binding = lookup(scope, root, node);
  if (binding.kind === "value" || (binding.kind === "param" && binding.role !== "output")) {
    const what =
      binding.kind === "value" ? `a ${binding.what}` : `an ${binding.role}`.replace("an weight", "a weight");
    throw kernelError("notAssignable", node, `cannot assign to \`${root}\`: it is ${what}`, {
      help: ["write to an Output parameter, or to a local declared with `let`"],
    });
  }
  return parseAccess(node, scope, parseValue);
}

/** v in `target = max(target, v)`, in either order. */
function maxOperand(node: Expression, target: Access, scope: Scope): Expr | undefined {
  const e = bare(node);
  if (!Node.isCallExpression(e) || !/^(Math\.)?max$/.test(e.getExpression().getText())) return undefined;
  const args = e.getArguments().filter(Node.isExpression);
  if (args.length !== 2) return undefined;
  const values = args.map((a) => toExpr(parseValue(a, scope)));
  const own = values.findIndex((v) => v.kind === "load" && sameAccess(v, target));
  return own < 0 ? undefined : values[1 - own];
}

function sameAccess(a: Access, b: Access): boolean {
  return a.buffer === b.buffer && a.at.every((index, i) => sameIndex(index, b.at[i]));
}
