import type { FunctionDeclaration, ObjectBindingPattern } from "ts-morph";
import { type Callee, findDeclaration, type OpenFile } from "./declarations.ts";
import { dimensionOf } from "./parse-params.ts";
import { Node, SyntaxKind } from "./ts-morph.ts";

/** A parameter of a kernel's function: its dimensions, or a tensor. */
export type KernelParameter =
  /** `optional`: those with a default. */
  | { readonly kind: "dims"; readonly names: readonly string[]; readonly optional: readonly string[] }
  | {
      readonly kind: "tensor";
      readonly name: string;
      readonly extents: readonly string[];
      /** Known at compile time. */
      readonly weight: boolean;
    };

export function parametersOf(kernel: FunctionDeclaration, open: OpenFile): readonly KernelParameter[] {
  return kernel.getParameters().map((param) => {
    const pattern = param.getNameNode();
    if (Node.isObjectBindingPattern(pattern)) {
      const dims = namedIn(pattern, kernel, open);
      const wanted = dims.filter((dim) => !dim.optional).map(({ name }) => name);
      const names = [...new Set(dims.map(({ name }) => name))];
      return { kind: "dims", names, optional: names.filter((name) => !wanted.includes(name)) };
    }
    const shape = param.getTypeNode()?.getFirstDescendant(Node.isTupleTypeNode);
    const extents = shape?.getElements().map((e) => e.getText().replaceAll('"', "")) ?? [];
    const weight = /^(Weight|Indices)\b/.test(param.getTypeNode()?.getText() ?? "");
    return { kind: "tensor", name: param.getName(), extents, weight };
  });
}

interface NamedDim {
  readonly name: string;
  readonly optional: boolean;
}

/** The dimensions that a function names, and those that functions name to which it hands the others. */
function namedIn(
  pattern: ObjectBindingPattern,
  callee: Callee,
  open: OpenFile,
  within: readonly Callee[] = [],
): readonly NamedDim[] {
  if (within.includes(callee)) return [];
  return pattern.getElements().flatMap((element) => {
    if (element.getDotDotDotToken() === undefined)
      return [{ name: dimensionOf(element), optional: element.hasInitializer() }];
    return patternsGiven(element.getName(), callee, open).flatMap(([inner, of]) =>
      namedIn(inner, of, open, [...within, callee]),
    );
  });
}

/** Of each function that is called with it, what it names of the dimensions that `rest` stands for. */
function patternsGiven(
  rest: string,
  callee: Callee,
  open: OpenFile,
): readonly (readonly [ObjectBindingPattern, Callee])[] {
  return callee.getDescendantsOfKind(SyntaxKind.CallExpression).flatMap((call) => {
    const at = call.getArguments().findIndex((arg) => Node.isIdentifier(arg) && arg.getText() === rest);
    const found = at < 0 ? undefined : findDeclaration(call.getExpression().getText(), call, open);
    if (found?.kind !== "function") return [];
    const pattern = found.node.getParameters()[at]?.getNameNode();
    return Node.isObjectBindingPattern(pattern) ? [[pattern, found.node] as const] : [];
  });
}
