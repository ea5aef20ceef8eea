import type { CallExpression, Expression, Statement, VariableDeclaration } from "ts-morph";
import { DTYPES, type DType, isDType } from "../ir/dtype.ts";
import { type Access, type Expr, load, typeOf, unary } from "../ir/expr.ts";
import { sameIndex } from "../ir/index-expr.ts";
import type { AllocStmt, Block, Stmt } from "../ir/stmt.ts";
import { bindArguments } from "./bind-arguments.ts";
import { ASSIGNMENTS, mustKeep } from "./keep-const.ts";
import { kernelError } from "./kernel-error.ts";
import { parseAccess } from "./parse-access.ts";
import { disjuncts, parseCondition } from "./parse-condition.ts";
import { parseValue } from "./parse-expr.ts";
import { type LoopHeader, parseCounted, parseForOf } from "./parse-loop.ts";
import { parseTable } from "./parse-table.ts";
import { type Binding, declare, enterGuard, freeName, lookup, procName, type Scope } from "./scope.ts";
import { bare, describe, rootName } from "./syntax.ts";
import { Node, VariableDeclarationKind } from "./ts-morph.ts";
import { combine, storedValue } from "./types.ts";
import { computed, toExpr } from "./value.ts";

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
  if (Node.isForOfStatement(s)) return makeLoop(parseForOf(s, scope), noteOf(s));
  if (Node.isForStatement(s)) return makeLoop(parseCounted(s, scope), noteOf(s));
  if (Node.isBlock(s)) return parseBlock(s.getStatements(), scope);
  if (Node.isEmptyStatement(s)) return [];
  if (Node.isExpressionStatement(s)) return parseAction(bare(s.getExpression()), scope);
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

/** An assignment, or a call whose body takes the call's place. */
function parseAction(e: Expression, scope: Scope): Block {
  const callee = Node.isCallExpression(e) ? e.getExpression() : undefined;
  const name = callee?.getText();
  if (Node.isCallExpression(e) && name !== undefined && Object.hasOwn(PREFETCHES, name)) {
    return [parsePrefetch(e, name, scope)];
  }
  const called = Node.isIdentifier(callee) ? scope.outside.callee(callee.getText(), callee) : undefined;
  const body = called?.node.getBody();
  if (!Node.isCallExpression(e) || called === undefined || !Node.isBlock(body))
    return [parseAssignment(e, scope)];
  return parseBlock(body.getStatements(), bindArguments(e, called, scope, parseValue));
}

/** What the calls that ask for memory say of the use they ask for. */
const PREFETCHES: Readonly<Record<string, { readonly written?: true }>> = {
  prefetch: {},
  prefetchToWrite: { written: true },
};

/** `prefetch(x[i][j])`: the element is never read. */
function parsePrefetch(e: CallExpression, name: string, scope: Scope): Stmt {
  const [element, extra] = e.getArguments();
  if (!Node.isElementAccessExpression(element) || extra !== undefined) {
    throw kernelError("badStatement", e, `${name}() takes one element of a tensor`, {
      help: [`write ${name}(x[i][j])`],
    });
  }
  return { kind: "prefetch", ...PREFETCHES[name], ...parseAccess(element, scope, parseValue).access };
}

/** A loop that never runs, or runs nothing, is no loop. */
function makeLoop(
  { axis, extent, mode, instruction, body, inside }: LoopHeader,
  note: string | undefined,
): Block {
  const block = extent === 0 ? [] : parseBody(body, inside);
  if (block.length === 0) return [];
  const by = instruction === undefined ? {} : { instruction };
  return [{ kind: "for", axis, extent, mode, body: block, ...by, ...(note === undefined ? {} : { note }) }];
}

/** The remark that a schedule put on a loop, printed as `// note: ...` on the line above it. */
function noteOf(loop: Statement): string | undefined {
  const [comment] = loop.getLeadingCommentRanges().slice(-1);
  return comment === undefined ? undefined : /^\/\/ note: (.*)$/.exec(comment.getText())?.[1];
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
  if (Node.isArrayLiteralExpression(value)) {
    const free = freeName(scope, name);
    scope.taken.add(free);
    const table = parseTable(free, value, scope, parseValue);
    return next(declare(scope, name, { kind: "table", table }, head.getNameNode()));
  }
  const local = parseLocal(value, scope);
  if (local !== undefined) {
    const buffer = procName(scope, name);
    const { shape, dtype } = local;
    const inner = declare(scope, name, { kind: "local", buffer, shape, dtype }, head.getNameNode());
    return [{ kind: "alloc", buffer, ...local, body: next(inner) }];
  }
  const parsed = parseValue(value, scope);
  const variable = head.getVariableStatementOrThrow().getDeclarationKind() !== VariableDeclarationKind.Const;
  if (!variable && (parsed.kind !== "expr" || !mustKeep(name, parsed.expr, [...others, ...rest], scope))) {
    return next(declare(scope, name, { kind: "value", what: "constant", value: parsed }, head.getNameNode()));
  }
  const buffer = procName(scope, name);
  const first = toExpr(parsed);
  const dtype = typeOf(first);
  const inner = declare(scope, name, { kind: "local", buffer, shape: [], dtype }, head.getNameNode());
  const store: Stmt = { kind: "store", buffer, at: [], value: first };
  return [{ kind: "alloc", buffer, shape: [], memory: "register", dtype, body: [store, ...next(inner)] }];
}

/** `register([4, 8])` or `stack([64], "i32")`. */
function parseLocal(e: Expression, scope: Scope): Pick<AllocStmt, "shape" | "memory" | "dtype"> | undefined {
  if (!Node.isCallExpression(e)) return undefined;
  const memory = e.getExpression().getText();
  if (memory !== "register" && memory !== "stack") return undefined;
  const [list, type] = e.getArguments();
  const dtype = type === undefined ? "f32" : Node.isStringLiteral(type) ? type.getLiteralValue() : "";
  if (!isDType(dtype)) {
    throw kernelError("badStatement", type ?? e, `${(type ?? e).getText()} is no type`, {
      help: [`the types are ${DTYPES.map((t) => `"${t}"`).join(", ")}`],
    });
  }
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
  return { shape, memory, dtype };
}

/** `=` stores; `+=`, `-=` and `y = max(y, v)` reduce; other updates store what they read and changed. */
function parseAssignment(e: Expression, scope: Scope): Stmt {
  const operator = Node.isBinaryExpression(e) ? e.getOperatorToken().getText() : "";
  if (!Node.isBinaryExpression(e) || !ASSIGNMENTS.has(operator)) {
    throw kernelError("badStatement", e, `\`${e.getText()}\` does nothing in a kernel`, {
      help: ["assign: y[i] = v, y[i] += v, or y[i] = max(y[i], v)"],
    });
  }
  const [left, right] = [e.getLeft(), e.getRight()];
  const { access: target, dtype } = parseTarget(left, scope);
  if (operator === "=") {
    const reduced = maxOperand(right, target, dtype, scope);
    if (reduced !== undefined) return { kind: "reduce", op: "max", ...target, value: reduced };
  }
  const given = parseValue(right, scope);
  const value = storedValue(given, dtype, rootName(left), right);
  const op = ASSIGNMENTS.get(operator);
  if (op === undefined) return { kind: "store", ...target, value };
  const updated = combine(op, computed(load(target.buffer, target.at, dtype)), given, e, [left, right]);
  if (op === "add") return { kind: "reduce", op, ...target, value };
  if (op === "sub") return { kind: "reduce", op: "add", ...target, value: unary("neg", value) };
  return { kind: "store", ...target, value: toExpr(updated) };
}

/** The buffer element assigned to; inputs, weights and constants are refused. */
function parseTarget(node: Expression, scope: Scope): ReturnType<typeof parseAccess> {
  const root = rootName(node);
  const what = readOnly(lookup(scope, root, node));
  if (what !== undefined) {
    throw kernelError("notAssignable", node, `cannot assign to \`${root}\`: it is ${what}`, {
      help: ["write to an Output parameter, or to a local declared with `let`"],
    });
  }
  return parseAccess(node, scope, parseValue);
}

/** What a name is that cannot be written; nothing for outputs and locals. */
function readOnly(binding: Binding): string | undefined {
  if (binding.kind === "table") return "a table of constants";
  if (binding.kind === "value") return `a ${binding.what}`;
  if (binding.kind === "dims") return "dimensions";
  if (binding.kind === "local" || binding.role === "output") return undefined;
  return binding.role === "input" ? "an input" : "a weight";
}

/** v in `target = max(target, v)`, in either order. */
function maxOperand(node: Expression, target: Access, dtype: DType, scope: Scope): Expr | undefined {
  const e = bare(node);
  if (!Node.isCallExpression(e) || !/^(Math\.)?max$/.test(e.getExpression().getText())) return undefined;
  const args = e.getArguments().filter(Node.isExpression);
  if (args.length !== 2) return undefined;
  const values = args.map((a) => parseValue(a, scope));
  const own = values.findIndex(
    (v) => v.kind === "expr" && v.expr.kind === "load" && sameAccess(v.expr, target),
  );
  return own < 0 ? undefined : storedValue(values[1 - own], dtype, target.buffer, args[1 - own]);
}

function sameAccess(a: Access, b: Access): boolean {
  return a.buffer === b.buffer && a.at.every((index, i) => sameIndex(index, b.at[i]));
}
