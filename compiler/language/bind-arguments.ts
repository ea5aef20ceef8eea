import type { CallExpression, Expression, ParameterDeclaration, TypeNode, TypeReferenceNode } from "ts-morph";
import type { Index } from "../ir/index-expr.ts";
import type { Role } from "../ir/proc.ts";
import type { CalledFunction } from "./declarations.ts";
import { kernelError } from "./kernel-error.ts";
import { parseTensorPart, type TensorPart } from "./parse-access.ts";
import { bindDims, ROLES, tensorType } from "./parse-params.ts";
import { type Binding, declare, type ParseValue, type Scope } from "./scope.ts";
import { bare, numberOf } from "./syntax.ts";
import { Node } from "./ts-morph.ts";

/**
 * The scope that the body of a called function starts in: its parameters stand for the arguments.
 * Tensors are handed over whole or in part (`x[n][g]`), never copied; dimensions that only the
 * shapes of parameters name are taken from the arguments.
 */
export function bindArguments(
  call: CallExpression,
  { name, node }: CalledFunction,
  scope: Scope,
  parseValue: ParseValue,
): Scope {
  if (scope.calls.includes(node)) {
    throw kernelError("recursion", call, `\`${name}\` calls itself`, {
      why: "a call is replaced by the function's body, which would never end",
      help: ["use a loop"],
    });
  }
  const args = call.getArguments().filter(Node.isExpression);
  const params = node.getParameters();
  const needed = params.filter((p) => !p.hasInitializer()).length;
  if (args.length < needed || args.length > params.length) {
    throw kernelError(
      "badArgument",
      call,
      `\`${name}\` takes ${params.length} argument${params.length === 1 ? "" : "s"}, ${args.length === 0 ? "none are" : args.length === 1 ? "one is" : `${args.length} are`} given`,
      { help: [`its parameters are ${params.map((p) => p.getName().replace(/\s+/g, " ")).join(", ")}`] },
    );
  }
  const start: Scope = { ...scope, names: new Map(), calls: [...scope.calls, node] };
  const extents = new Map<string, number>();
  return params.reduce((inner, param, i) => {
    const arg = args[i] ?? param.getInitializerOrThrow();
    const pattern = param.getNameNode();
    if (Node.isObjectBindingPattern(pattern)) {
      const dims = objectDims(arg, scope, parseValue);
      for (const [dim, value] of Object.entries(dims)) extents.set(dim, value);
      return bindDims(pattern.getElements(), dims, inner, param, parseValue);
    }
    const binding = bindOne(param, arg, scope, inner, extents, parseValue);
    return declare(inner, param.getName(), binding, pattern);
  }, start);
}

/** `{ M: OH, K }`: constants by name; or the name of a pattern's rest. */
function objectDims(arg: Expression, scope: Scope, parseValue: ParseValue): Readonly<Record<string, number>> {
  const object = bare(arg);
  const rest = Node.isIdentifier(object) ? scope.names.get(object.getText()) : undefined;
  if (rest?.kind === "dims") return rest.dims;
  if (!Node.isObjectLiteralExpression(object)) {
    throw kernelError("badArgument", arg, "the dimensions of a called kernel are given by name", {
      help: ["write { M: OH, K: 64 }"],
    });
  }
  const entries = object.getProperties().map((property) => {
    const value = Node.isPropertyAssignment(property)
      ? property.getInitializer()
      : Node.isShorthandPropertyAssignment(property)
        ? property.getNameNode()
        : undefined;
    const known = value === undefined ? undefined : parseValue(value, scope);
    if (known?.kind === "constant" && !Node.isSpreadAssignment(property)) {
      return [property.getName(), known.value] as const;
    }
    throw kernelError("badArgument", property, `\`${property.getText()}\` gives a dimension no constant`, {
      help: ["write its name and a constant: { M: 4 }"],
    });
  });
  return Object.fromEntries(entries);
}

function bindOne(
  param: ParameterDeclaration,
  arg: Expression,
  scope: Scope,
  inner: Scope,
  extents: Map<string, number>,
  parseValue: ParseValue,
): Binding {
  const type = param.getTypeNode();
  const typeName = Node.isTypeReference(type) ? type.getTypeName().getText() : "";
  const role = ROLES.get(typeName);
  if (role !== undefined && Node.isTypeReference(type)) {
    const part = parseTensorPart(arg, scope, parseValue);
    if (part === undefined || part.kind === "table") throw noTensor(param, arg);
    if (role === "output" && !part.writable) {
      throw kernelError(
        "badArgument",
        arg,
        `\`${arg.getText()}\` cannot be written, but \`${param.getName()}\` is an Output`,
        {
          help: ["hand over an Output, or a local array"],
        },
      );
    }
    return view(param, role, type, arg, part, inner, extents);
  }
  const part = parseTensorPart(arg, scope, parseValue);
  if (part?.kind === "table") return { kind: "table", table: part.table };
  if (part !== undefined) {
    throw kernelError(
      "badArgument",
      arg,
      `\`${arg.getText()}\` is a tensor, but \`${param.getName()}\` is a number`,
      {
        help: [`write its type: ${param.getName()}: Input<["N", "M"]>, or hand over one element`],
      },
    );
  }
  return { kind: "value", what: "number", value: parseValue(arg, scope) };
}

function noTensor(param: ParameterDeclaration, arg: Expression): Error {
  return kernelError(
    "badArgument",
    arg,
    `\`${arg.getText()}\` is no tensor, but \`${param.getName()}\` is one`,
    {
      help: ["hand over a tensor, or a part of one: x, x[n][g]"],
    },
  );
}

/** A tensor parameter that stands for (a part of) a buffer of the caller, its declared shape compared with what is handed over. */
function view(
  param: ParameterDeclaration,
  role: Role,
  type: TypeReferenceNode,
  arg: Expression,
  part: Extract<TensorPart, { readonly kind: "buffer" }>,
  inner: Scope,
  extents: Map<string, number>,
): Binding {
  const { buffer, shape, dtype, indices } = part;
  const { shapeNode, dtype: wanted, boundNode } = tensorType(type);
  if (dtype !== wanted) {
    throw kernelError(
      "badArgument",
      arg,
      `\`${arg.getText()}\` holds ${dtype}, but \`${param.getName()}\` is a tensor of ${wanted}`,
      {
        why: "no value is converted unless the kernel says so",
        help: [
          `give the parameter the type of what is handed over, or convert into an array of ${wanted} first`,
        ],
      },
    );
  }
  const prefix: readonly Index[] = part.at;
  const declared = Node.isTupleTypeNode(shapeNode) ? shapeNode.getElements() : [];
  const names = declared.map((element) => element.getText().replaceAll('"', ""));
  if (declared.length !== shape.length) {
    throw kernelError(
      "badArgument",
      arg,
      `\`${arg.getText()}\` has ${shape.length} dimension${shape.length === 1 ? "" : "s"}, \`${param.getName()}\` has ${declared.length}`,
      {
        why: `its shape is [${shape.join(", ")}], the parameter's [${names.join(", ")}]`,
        help: ["hand over a part of it by indexing its first dimensions: x[n]"],
      },
    );
  }
  declared.forEach((element, d) => {
    const known = settle(element, shape[d], inner, extents);
    if (known !== shape[d]) {
      throw kernelError(
        "badArgument",
        arg,
        `\`${arg.getText()}\` does not fit \`${param.getName()}\`: dimension ${d} is ${shape[d]}, not ${known}`,
        { why: `its shape is [${shape.join(", ")}], the parameter's [${names.join(", ")}]` },
      );
    }
  });
  const place = { kind: "view", role, buffer, prefix, shape, dtype } as const;
  if (boundNode === undefined) return place;
  const below = indices && settle(boundNode, indices.bound, inner, extents);
  if (indices !== undefined && below === indices.bound) return { ...place, indices };
  throw noIndices(param, arg, indices?.bound, below);
}

function noIndices(
  param: ParameterDeclaration,
  arg: Expression,
  bound: number | undefined,
  wanted: number | undefined,
): Error {
  const title = `\`${arg.getText()}\` does not fit the index table \`${param.getName()}\``;
  return kernelError("badArgument", arg, title, {
    why: bound === undefined ? "it is no index table" : `its elements lie below ${bound}, not ${wanted}`,
    help: ["hand over an index table: a parameter of type Indices"],
  });
}

/** The number that an extent of a parameter's type stands for: a new name takes the one that is handed over. */
function settle(element: TypeNode, given: number, inner: Scope, extents: Map<string, number>): number {
  const literal = Node.isLiteralTypeNode(element) ? element.getLiteral() : undefined;
  const name = element.getText().replaceAll('"', "");
  const known = Node.isNumericLiteral(literal)
    ? numberOf(literal)
    : (extents.get(name) ?? constantOf(inner, name));
  if (known === undefined) extents.set(name, given);
  return known ?? given;
}

function constantOf(scope: Scope, name: string): number | undefined {
  const binding = scope.names.get(name);
  return binding?.kind === "value" && binding.value.kind === "constant" ? binding.value.value : undefined;
}
