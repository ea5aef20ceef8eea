import type { Expression } from "ts-morph";
import type { DType } from "../ir/dtype.ts";
import { type Access, entry, load, type Table } from "../ir/expr.ts";
import { lookup as element, type Index, type IndexTable } from "../ir/index-expr.ts";
import { invariant } from "../support/assert.ts";
import { checkBounds } from "./check-bounds.ts";
import { kernelError } from "./kernel-error.ts";
import { type Binding, lookup, type ParseValue, type Scope } from "./scope.ts";
import { bare, describe } from "./syntax.ts";
import { Node, SyntaxKind } from "./ts-morph.ts";
import { address, asIndex, computed, known, type Value } from "./value.ts";

/** What an access names: a place in a buffer, or in a table of constants; `shape` are the dimensions not indexed. */
export type TensorPart =
  | {
      readonly kind: "buffer";
      readonly buffer: string;
      readonly at: readonly Index[];
      readonly shape: readonly number[];
      readonly dtype: DType;
      readonly writable: boolean;
      /** Where it is an index table. */
      readonly indices?: IndexTable;
    }
  | {
      readonly kind: "table";
      readonly table: Table;
      readonly at: readonly Index[];
      readonly shape: readonly number[];
    };

/** A buffer's element, read from `x[i][j]` or a scalar's name; bounds are checked. */
export function parseAccess(
  node: Expression,
  scope: Scope,
  parseValue: ParseValue,
): { readonly access: Access; readonly dtype: DType } {
  const part = wholeAccess(node, scope, parseValue);
  invariant(part.kind === "buffer", "a table is read by parseElement, and never written");
  return { access: { buffer: part.buffer, at: part.at }, dtype: part.dtype };
}

/** The value of `x[i][j]`: a tensor's element, or a table's; one of an index table is an index. */
export function parseElement(node: Expression, scope: Scope, parseValue: ParseValue): Value {
  const part = wholeAccess(node, scope, parseValue);
  if (part.kind === "buffer") {
    const [of] = part.at;
    if (part.indices !== undefined) return address(element(part.indices, of));
    return computed(load(part.buffer, part.at, part.dtype));
  }
  const found = entry(part.table, part.at);
  return found.kind === "literal" ? known(found.value) : computed(found);
}

function wholeAccess(node: Expression, scope: Scope, parseValue: ParseValue): TensorPart {
  const { root, indices } = split(node);
  const binding = lookup(scope, root.getText(), root);
  if (binding.kind === "dims") throw noValue(root);
  if (binding.kind === "value") {
    throw kernelError("wrongRank", node, `\`${root.getText()}\` is a ${binding.what}, not a tensor`, {
      help: ["use it without indices"],
    });
  }
  const shape = shapeOf(binding);
  if (indices.length !== shape.length) throw rankError(node, root.getText(), shape, indices.length);
  return place(root, indices, binding, scope, parseValue);
}

/** A tensor, a table, or a part of one with its first dimensions indexed; nothing when the expression is a single value. */
export function parseTensorPart(
  node: Expression,
  scope: Scope,
  parseValue: ParseValue,
): TensorPart | undefined {
  let e = bare(node);
  while (Node.isElementAccessExpression(e)) e = bare(e.getExpression());
  if (!Node.isIdentifier(e) || ["Infinity", "NaN"].includes(e.getText())) return undefined;
  const { root, indices } = split(node);
  const binding = lookup(scope, root.getText(), root);
  if (binding.kind === "dims") throw noValue(root);
  if (binding.kind === "value" || indices.length >= shapeOf(binding).length) return undefined;
  return place(root, indices, binding, scope, parseValue);
}

function split(node: Expression): { readonly root: Expression; readonly indices: readonly Expression[] } {
  const indices: Expression[] = [];
  let root = bare(node);
  while (Node.isElementAccessExpression(root)) {
    indices.unshift(root.getArgumentExpressionOrThrow());
    root = bare(root.getExpression());
  }
  if (Node.isIdentifier(root)) return { root, indices };
  throw kernelError("badExpression", root, `cannot index ${describe(root)}`, {
    help: ["index a tensor parameter or a local buffer by its name: x[n][c][h][w]"],
  });
}

/** Of a name that stands for several dimensions. */
export function noValue(at: Expression): Error {
  return kernelError("badExpression", at, `\`${at.getText()}\` is dimensions, not a value`, {
    help: ["hand it to a function that names those it uses: function f(v: number, { LO, HI }: Dims)"],
  });
}

type TensorBinding = Exclude<Binding, { readonly kind: "value" | "dims" }>;

function shapeOf(binding: TensorBinding): readonly number[] {
  switch (binding.kind) {
    case "table":
      return binding.table.shape;
    case "param":
      return binding.storage().shape;
    case "local":
    case "view":
      return binding.shape;
  }
}

function place(
  root: Expression,
  indices: readonly Expression[],
  binding: TensorBinding,
  scope: Scope,
  parseValue: ParseValue,
): TensorPart {
  const whole = shapeOf(binding);
  const own = indices.map((index) => parseIndex(index, scope, parseValue));
  for (const [dim, index] of own.entries())
    checkBounds(indices[dim], root.getText(), whole, dim, index, scope);
  const shape = whole.slice(own.length);
  switch (binding.kind) {
    case "table":
      return { kind: "table", table: binding.table, at: own, shape };
    case "param":
      return {
        ...{ kind: "buffer", buffer: root.getText(), at: own, shape, dtype: binding.dtype },
        writable: binding.role === "output",
        ...(binding.bound && {
          indices: { name: root.getText(), length: whole[0], bound: binding.bound() },
        }),
      };
    case "local":
      return { kind: "buffer", buffer: binding.buffer, at: own, shape, dtype: binding.dtype, writable: true };
    case "view": {
      const { buffer, prefix, role, dtype, indices: table } = binding;
      const place = { kind: "buffer", buffer, at: [...prefix, ...own], shape, dtype } as const;
      return { ...place, writable: role === "output", ...(table && { indices: table }) };
    }
  }
}

/** An error that says how many indices a buffer takes. */
export function rankError(at: Node, name: string, shape: readonly number[], given: number): Error {
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
function parseIndex(node: Expression, scope: Scope, parseValue: ParseValue): Index {
  const index = asIndex(parseValue(node, scope));
  if (index !== undefined) return index;
  const { node: culprit, why } = whyNotAffine(bare(node), scope, parseValue);
  throw kernelError("notAffine", culprit, `\`${culprit.getText()}\` cannot be part of an index`, {
    why,
    help: [
      "an index is a sum of loop variables, and elements of Indices, times whole constants; Math.floor(i / 4) and i % 4 are allowed",
    ],
  });
}

/** The smallest part of an expression that is no address, and why. */
function whyNotAffine(
  node: Expression,
  scope: Scope,
  parseValue: ParseValue,
): { readonly node: Expression; readonly why: string } {
  const e = bare(node);
  const parts = Node.isBinaryExpression(e) ? [bare(e.getLeft()), bare(e.getRight())] : [];
  for (const part of parts) {
    if (asIndex(parseValue(part, scope)) === undefined) return whyNotAffine(part, scope, parseValue);
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
