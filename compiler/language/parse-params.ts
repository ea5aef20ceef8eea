import type {
  BindingElement,
  FunctionDeclaration,
  ParameterDeclaration,
  TypeNode,
  TypeReferenceNode,
} from "ts-morph";
import { type DType, isDType } from "../ir/dtype.ts";
import type { Role } from "../ir/proc.ts";
import { parseStorage, plainStorage, type Storage } from "../ir/storage.ts";
import { didYouMean } from "../support/text.ts";
import type { Dims } from "./kernel.ts";
import { kernelError } from "./kernel-error.ts";
import { declare, type ParseValue, type Scope } from "./scope.ts";
import { numberOf } from "./syntax.ts";
import { Node } from "./ts-morph.ts";

/** Types of tensor parameters. */
export const ROLES: ReadonlyMap<string, Role> = new Map<string, Role>([
  ["Input", "input"],
  ["Weight", "weight"],
  ["Indices", "weight"],
  ["Output", "output"],
]);

/** The scope a kernel's body starts in: its dimensions bound to numbers, its tensors. */
export function parseParams(
  kernel: FunctionDeclaration,
  dims: Dims,
  outside: Scope,
  parseValue: ParseValue,
): Scope {
  return kernel.getParameters().reduce((scope, param) => {
    const pattern = param.getNameNode();
    return Node.isObjectBindingPattern(pattern)
      ? bindDims(pattern.getElements(), dims, scope, param, parseValue)
      : declareTensor(param, dims, scope);
  }, outside);
}

/** Names of dimensions, each bound to its number or to its default; what `...REST` stands for are the others. */
export function bindDims(
  elements: readonly BindingElement[],
  dims: Dims,
  start: Scope,
  param: ParameterDeclaration,
  parseValue: ParseValue,
): Scope {
  const missing: string[] = [];
  let scope = start;
  for (const element of elements) {
    const name = dimensionOf(element);
    if (element.getDotDotDotToken() !== undefined) {
      const named = elements.map(dimensionOf);
      const others = Object.entries(dims).filter(([dim]) => !named.includes(dim));
      scope = declare(scope, name, { kind: "dims", dims: Object.fromEntries(others) }, element);
      continue;
    }
    const initial = element.getInitializer();
    const value =
      (Object.hasOwn(dims, name) ? dims[name] : undefined) ??
      (initial && constantOf(initial, scope, parseValue));
    if (value === undefined) missing.push(name);
    else
      scope = declare(
        scope,
        element.getName(),
        { kind: "value", what: "dimension", value: { kind: "constant", value } },
        element,
      );
  }
  if (missing.length > 0)
    throw unbound(
      missing,
      dims,
      param.getNameNode(),
      elements.map((e) => e.getName()),
    );
  return scope;
}

/** The dimension that an element of a pattern binds. */
export function dimensionOf(element: BindingElement): string {
  return element.getPropertyNameNode()?.getText() ?? element.getName();
}

function constantOf(node: Node, scope: Scope, parseValue: ParseValue): number | undefined {
  const value = Node.isExpression(node) ? parseValue(node, scope) : undefined;
  return value?.kind === "constant" ? value.value : undefined;
}

function unbound(missing: readonly string[], dims: Dims, at: Node, wanted: readonly string[]): Error {
  const unused = Object.keys(dims).filter((name) => !wanted.includes(name));
  const near = missing.flatMap((name) => didYouMean(name, unused) ?? []);
  const names = missing.map((name) => `\`${name}\``).join(", ");
  return kernelError("unboundDims", at, `no value for dimension${missing.length === 1 ? "" : "s"} ${names}`, {
    why: `given are ${Object.keys(dims).join(", ") || "none"}`,
    help: [
      near.length > 0
        ? `did you mean ${near.map((n) => `\`${n}\``).join(", ")}?`
        : "give every dimension of the kernel a number",
    ],
  });
}

function declareTensor(param: ParameterDeclaration, dims: Dims, scope: Scope): Scope {
  const type = param.getTypeNode();
  const name = type && Node.isTypeReference(type) ? type.getTypeName().getText() : "";
  const role = ROLES.get(name);
  if (type === undefined || !Node.isTypeReference(type) || role === undefined) {
    throw badParameter(param, `parameter \`${param.getName()}\` is no tensor`);
  }
  const { shapeNode, storageNode, dtype, boundNode } = tensorType(type);
  let known: Storage | undefined;
  const storage = (): Storage => {
    known ??= storageOf(param, shapeNode, storageNode, dims, scope);
    return known;
  };
  scope.taken.add(param.getName());
  const bound = boundNode && { bound: () => boundOf(param, boundNode, storage().shape, dims, scope) };
  const binding = { kind: "param", role, dtype, storage, ...bound } as const;
  return declare(scope, param.getName(), binding, param.getNameNode());
}

interface TensorType {
  readonly shapeNode: TypeNode | undefined;
  readonly storageNode: TypeNode | undefined;
  readonly dtype: DType;
  /** Of an index table. */
  readonly boundNode?: TypeNode;
}

/**
 * The parts of `Input<["N"], "f16", "0/8 0%8">`: how it lies in memory may stand where the type could. Of
 * `Indices<["N"], "M">`, whose elements are i32 below M, too.
 */
export function tensorType(type: TypeReferenceNode): TensorType {
  const [shapeNode, second, third] = type.getTypeArguments();
  if (type.getTypeName().getText() === "Indices") {
    return { shapeNode, storageNode: third, dtype: "i32", ...(second && { boundNode: second }) };
  }
  const literal = Node.isLiteralTypeNode(second) ? second.getLiteral() : undefined;
  const word = Node.isStringLiteral(literal) ? literal.getLiteralValue() : "";
  return isDType(word)
    ? { shapeNode, storageNode: third, dtype: word }
    : { shapeNode, storageNode: second, dtype: "f32" };
}

/** What all elements of an index table lie below; one dimension is enough, as several are an index of one. */
function boundOf(
  param: ParameterDeclaration,
  boundNode: TypeNode,
  shape: readonly number[],
  dims: Dims,
  scope: Scope,
): number {
  const bound = extentOf(boundNode, dims, scope);
  if (bound > 0 && shape.length === 1) return bound;
  throw kernelError("badParameter", param, `parameter \`${param.getName()}\` is no index table`, {
    why: bound > 0 ? `it has ${shape.length} dimensions` : "nothing lies below 0",
    help: ['write its length and what its elements lie below: at: Indices<["OW"], "IW">'],
  });
}

function badParameter(at: Node, title: string): Error {
  return kernelError("badParameter", at, title, {
    help: ['write its role and shape: x: Input<["N", "C", 56]>, with Input, Weight, Indices or Output'],
  });
}

function storageOf(
  param: ParameterDeclaration,
  shapeNode: TypeNode | undefined,
  storageNode: TypeNode | undefined,
  dims: Dims,
  scope: Scope,
): Storage {
  if (!Node.isTupleTypeNode(shapeNode) || shapeNode.getElements().length === 0)
    throw badParameter(param, `parameter \`${param.getName()}\` has no shape`);
  const shape = shapeNode.getElements().map((element) => extentOf(element, dims, scope));
  if (storageNode === undefined) return plainStorage(shape);
  const literal = Node.isLiteralTypeNode(storageNode) ? storageNode.getLiteral() : undefined;
  const storage = Node.isStringLiteral(literal) ? parseStorage(literal.getLiteralValue(), shape) : undefined;
  if (storage === undefined) {
    throw kernelError(
      "badStorage",
      storageNode,
      `${storageNode.getText()} is no storage of ${shape.length} dimensions`,
      {
        help: [
          'name every dimension by number in memory order: "0 1/4 2+1,1 3+1,1 1%4" is NCHW in blocks of 4 with a border',
        ],
      },
    );
  }
  return storage;
}

function extentOf(element: TypeNode, dims: Dims, scope: Scope): number {
  const literal = Node.isLiteralTypeNode(element) ? element.getLiteral() : undefined;
  if (Node.isNumericLiteral(literal)) return numberOf(literal);
  if (!Node.isStringLiteral(literal)) throw badParameter(element, `\`${element.getText()}\` is no extent`);
  const name = literal.getLiteralValue();
  const binding = scope.names.get(name);
  const bound =
    binding?.kind === "value" && binding.value.kind === "constant" ? binding.value.value : undefined;
  const value = Object.hasOwn(dims, name) ? dims[name] : bound;
  if (value === undefined) throw unbound([name], dims, element, [...scope.names.keys()]);
  if (!Number.isInteger(value) || value < 0)
    throw badParameter(element, `extent \`${name}\` is ${value}, not a whole number`);
  return value;
}
