import type { CallExpression, Expression, Statement } from "ts-morph";
import { bindArguments } from "./bind-arguments.ts";
import type { CalledFunction } from "./declarations.ts";
import { kernelError } from "./kernel-error.ts";
import { declare, type ParseValue, type Scope } from "./scope.ts";
import { bare } from "./syntax.ts";
import { Node } from "./ts-morph.ts";
import type { Value } from "./value.ts";

/** The value of a call of a function made of `const`s and one `return`, its body written out in place. */
export function inlineValue(
  call: CallExpression,
  callee: CalledFunction,
  scope: Scope,
  parseValue: ParseValue,
): Value {
  const inner = bindArguments(call, callee, scope, parseValue);
  const body = callee.node.getBody();
  if (Node.isExpression(body)) return parseValue(body, inner);
  return returned(Node.isBlock(body) ? body.getStatements() : [], inner, callee, parseValue);
}

function returned(
  statements: readonly Statement[],
  scope: Scope,
  callee: CalledFunction,
  parseValue: ParseValue,
): Value {
  const [head, ...rest] = statements;
  const value: Expression | undefined = Node.isReturnStatement(head) ? head.getExpression() : undefined;
  if (value !== undefined) return parseValue(value, scope);
  if (!Node.isVariableStatement(head)) {
    throw kernelError(
      "badFunction",
      head ?? callee.node,
      `\`${callee.name}\` is called for its value, and has more than \`const\` and \`return\``,
      {
        help: ["write `const t = ...; return ...;`, or let it write to an Output and call it as a statement"],
      },
    );
  }
  const inner = head.getDeclarations().reduce((s, declaration) => {
    const initial = declaration.getInitializer();
    if (initial === undefined) {
      throw kernelError("badStatement", declaration, `\`${declaration.getText()}\` has no value`, {
        help: [`write \`const ${declaration.getName()} = ...\``],
      });
    }
    const known: Value = parseValue(bare(initial), s);
    return declare(s, declaration.getName(), { kind: "value", what: "constant", value: known }, declaration);
  }, scope);
  return returned(rest, inner, callee, parseValue);
}
