import { type Expression, Node, SyntaxKind } from "ts-morph";
import type { Index } from "../ir/index-expr.ts";
import { checkBounds } from "./check-bounds.ts";
import { kernelError } from "./kernel-error.ts";
import { lookup, type ParseValue, type Scope } from "./scope.ts";
import { bare, describe } from "./syntax.ts";
import { asIndex } from "./value.ts";

/** A buffer's name and its indices, read from `x[i][j]` or a scalar's name; bounds are checked. */
export function parseAccess(
  node: Expression,
  scope: Scope,
  parseValue: ParseValue,
): { readonly buffer: string; readonly at: readonly Index[] } {
  const indices: Expression[] = [];
  let root = bare(node);
  while (Node.isElementAccessExpression(root)) {
    indices.unshift(root.getArgumentExpressionOrThrow());
    root = bare(root.getExpression());
  }
  if (!Node.isIdentifier(root)) {
    throw kernelError("badExpression", root, `cannot index ${describe(root)}`, {
      help: ["index a tensor parameter or a local buffer by its name: x[n][c][h][w]"],
    });
  }
  const buffer = root.getText();
  const binding = lookup(scope, buffer, root);
  if (binding.kind === "value") {
    throw kernelError("wrongRank", node, `\`${buffer}\` is a ${binding.what}, not a tensor`, {
      help: ["use it without indices"],
    });
  }
  const shape = binding.kind === "param" ? binding.storage().shape : binding.shape;
  if (indices.length !== shape.length) throw rankError(node, buffer, shape, indices.length);
  const at = indices.map((index) => parseIndex(index, scope, parseValue));
  for (const [dim, index] of at.entries()) checkBounds(indices[dim], buffer, shape, dim, index, scope);
  return { buffer, at };
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
      "an index is a sum of loop variables times whole constants; Math.floor(i / 4) and i % 4 are allowed",
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
