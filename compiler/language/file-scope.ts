import type { Expression } from "ts-morph";
import { findDeclaration, type OpenFile } from "./declarations.ts";
import { parseValue } from "./parse-expr.ts";
import { parseTable } from "./parse-table.ts";
import { type Binding, emptyScope, freeName, type Scope } from "./scope.ts";
import { Node } from "./ts-morph.ts";

/**
 * The scope around a kernel: `const` numbers and tables and functions at the top of its file, or imported
 * from files beside it; each is read when it is first used.
 */
export function fileScope(open: OpenFile): Scope {
  const known = new Map<Node, Binding>();
  const constant = (name: string, at: Node): Binding | undefined => {
    const found = findDeclaration(name, at, open);
    if (found?.kind !== "constant" || !Node.isExpression(found.node)) return undefined;
    let binding = known.get(found.node);
    if (binding === undefined) {
      binding = bind(found.name, found.node);
      known.set(found.node, binding);
    }
    return binding;
  };
  const callee = (name: string, at: Node) => {
    const found = findDeclaration(name, at, open);
    return found?.kind === "function" ? found : undefined;
  };
  const scope = emptyScope({ constant, callee });
  const bind = (name: string, node: Expression): Binding => {
    if (!Node.isArrayLiteralExpression(node)) {
      return { kind: "value", what: "constant", value: parseValue(node, scope) };
    }
    const free = freeName(scope, name);
    scope.taken.add(free);
    return { kind: "table", table: parseTable(free, node, scope, parseValue) };
  };
  return scope;
}
