import type { ForOfStatement, ForStatement, Statement } from "ts-morph";
import { add, axis, constant } from "../ir/index-expr.ts";
import type { LoopMode } from "../ir/stmt.ts";
import { kernelError } from "./kernel-error.ts";
import { parseValue } from "./parse-expr.ts";
import { declare, enterLoop, procName, type Scope } from "./scope.ts";
import { bare } from "./syntax.ts";
import { Node, SyntaxKind } from "./ts-morph.ts";

/** A loop's header, read: the axis counts from 0, the body's scope knows what the variable is. */
export interface LoopHeader {
  readonly axis: string;
  readonly extent: number;
  readonly mode: LoopMode;
  readonly instruction?: string;
  readonly inside: Scope;
  readonly body: Statement;
}

/** Iterators of kernel.ts and the loop modes they stand for. */
export const ITERATORS = new Map<string, LoopMode>([
  ["range", "serial"],
  ["parallel", "parallel"],
  ["unroll", "unroll"],
  ["vector", "vector"],
  ["instruction", "instruction"],
]);

/** `for (const i of range(N))`, or with another iterator. */
export function parseForOf(loop: ForOfStatement, scope: Scope): LoopHeader {
  const list = loop.getInitializer();
  const variable = Node.isVariableDeclarationList(list) ? list.getDeclarations()[0] : undefined;
  const call = loop.getExpression();
  if (variable === undefined || !Node.isIdentifier(variable.getNameNode()) || !Node.isCallExpression(call))
    throw badLoop(loop);
  const mode = ITERATORS.get(call.getExpression().getText());
  const [bound, extra] = call.getArguments();
  const instruction =
    mode === "instruction" && Node.isStringLiteral(extra) ? extra.getLiteralValue() : undefined;
  const complete = mode === "instruction" ? instruction !== undefined : extra === undefined;
  if (mode === undefined || !Node.isExpression(bound) || !complete) throw badLoop(call);
  const read = header(
    variable.getName(),
    variable,
    0,
    trip(bound, scope),
    1,
    mode,
    loop.getStatement(),
    scope,
  );
  return instruction === undefined ? read : { ...read, instruction };
}

/** `for (let i = A; i < B; i++)`, also `<=` and `i += step`. */
export function parseCounted(loop: ForStatement, scope: Scope): LoopHeader {
  const list = loop.getInitializer();
  const variable = Node.isVariableDeclarationList(list) ? list.getDeclarations()[0] : undefined;
  const first = variable?.getInitializer();
  const condition = loop.getCondition();
  if (variable === undefined || first === undefined || !Node.isBinaryExpression(condition))
    throw badLoop(loop);
  const name = variable.getName();
  const token = condition.getOperatorToken().getKind();
  const closed = token === SyntaxKind.LessThanEqualsToken;
  if (condition.getLeft().getText() !== name || (!closed && token !== SyntaxKind.LessThanToken))
    throw badLoop(condition);
  const start = whole(first, scope);
  const end = whole(condition.getRight(), scope) + (closed ? 1 : 0);
  const step = stepOf(loop, name, scope);
  const extent = Math.max(0, Math.ceil((end - start) / step));
  return header(name, variable, start, extent, step, "serial", loop.getStatement(), scope);
}

function header(
  name: string,
  at: Node,
  start: number,
  extent: number,
  step: number,
  mode: LoopMode,
  body: Statement,
  scope: Scope,
): LoopHeader {
  const own = procName(scope, name);
  const index = add(axis(own, step), constant(start));
  const named = declare(
    scope,
    name,
    { kind: "value", what: "loop variable", value: { kind: "index", index } },
    at,
  );
  return { axis: own, extent, mode, inside: enterLoop(named, own, extent), body };
}

function stepOf(loop: ForStatement, name: string, scope: Scope): number {
  const step = loop.getIncrementor();
  if (Node.isPostfixUnaryExpression(step) || Node.isPrefixUnaryExpression(step)) {
    if (step.getOperatorToken() === SyntaxKind.PlusPlusToken && step.getOperand().getText() === name)
      return 1;
  }
  if (Node.isBinaryExpression(step) && step.getOperatorToken().getKind() === SyntaxKind.PlusEqualsToken) {
    const by = step.getLeft().getText() === name ? whole(step.getRight(), scope) : 0;
    if (by > 0) return by;
  }
  throw badLoop(step ?? loop);
}

/** A whole number known at compile time. */
function whole(node: Node, scope: Scope): number {
  const value = Node.isExpression(node) ? parseValue(bare(node), scope) : undefined;
  if (value?.kind === "constant" && Number.isInteger(value.value)) return value.value;
  throw kernelError("badBound", node, `loop bound \`${node.getText()}\` is not a whole constant`, {
    why: value?.kind === "constant" ? `its value is ${value.value}` : "it changes while the kernel runs",
    help: ["bound loops by dimensions; guard the body instead: if (i < n) { ... }"],
  });
}

function trip(node: Node, scope: Scope): number {
  const extent = whole(node, scope);
  if (extent >= 0) return extent;
  throw kernelError("badBound", node, `loop bound \`${node.getText()}\` is negative`, {
    why: `its value is ${extent}`,
  });
}

function badLoop(at: Node): Error {
  return kernelError("badLoop", at, "this loop is not part of the kernel language", {
    help: ["write `for (const i of range(N))` or `for (let i = 0; i < N; i++)`"],
  });
}
