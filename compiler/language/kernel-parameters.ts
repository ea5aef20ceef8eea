import type { FunctionDeclaration, ObjectBindingPattern, TypeNode } from "ts-morph";
import { type Callee, findDeclaration, type OpenFile } from "./declarations.ts";
import { dimensionOf, tensorType } from "./parse-params.ts";
import { Node, SyntaxKind } from "./ts-morph.ts";

/** A parameter of a kernel's function: its dimensions, or a tensor. */
export type KernelParameter =
  /** `optional`: those with a default. */
  | { readonly kind: "dims"; readonly names: readonly string[]; readonly optional: readonly string[] }
  | {
      readonly kind: "tensor";
      readonly name: string;
      readonly extents: readonly string[];
      /** What the elements of an index table lie below. */
      readonly below?: string;
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
    const type = param.getTypeNode();
    const extents = type?.getFirstDescendant(Node.isTupleTypeNode)?.getElements().map(named) ?? [];
    const weight = /^(Weight|Indices)\b/.test(type?.getText() ?? "");
    const bound = Node.isTypeReference(type) ? tensorType(type).boundNode : undefined;
    return { kind: "tensor", name: param.getName(), extents, weight, ...(bound && { below: named(bound) }) };
  });
}

const named = (extent: TypeNode): string => extent.getText().replaceAll('"', "");

/** Every dimension that a kernel or its tensors name. */
export function dimensionsOf(parameters: readonly KernelParameter[]): readonly string[] {
  const names = parameters.flatMap((p) => (p.kind === "dims" ? p.names : []));
  const inTensors = parameters.flatMap((p) => {
    if (p.kind === "dims") return [];
    return p.below === undefined ? p.extents : [...p.extents, p.below];
  });
  return [...new Set([...names, ...inTensors.filter((extent) => Number.isNaN(Number(extent)))])];
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
