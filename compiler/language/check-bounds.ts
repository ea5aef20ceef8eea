import type { Node } from "ts-morph";
import { escapes } from "../ir/bounds.ts";
import type { Index } from "../ir/index-expr.ts";
import { kernelError } from "./kernel-error.ts";
import type { Scope } from "./scope.ts";

/** Refuses an index that leaves its dimension, with an iteration that shows it. */
export function checkBounds(
  at: Node,
  buffer: string,
  shape: readonly number[],
  dim: number,
  index: Index,
  scope: Scope,
): void {
  const found = escapes(index, shape[dim], scope.ranges, scope.guards);
  if (found === undefined) return;
  const { min, max } = found.range;
  const when = [...(found.witness ?? [])].map(([axis, value]) => `${axis} = ${value}`).join(", ");
  const guard = `${at.getText()} ${min < 0 ? ">= 0" : `< ${shape[dim]}`}`;
  throw kernelError("outOfBounds", at, `\`${at.getText()}\` leaves dimension ${dim} of \`${buffer}\``, {
    why: `it runs from ${min} to ${max}, the dimension from 0 to ${shape[dim] - 1}${when === "" ? "" : `; for example with ${when}`}`,
    help: [`correct the index or the shape of \`${buffer}\`, or guard the access: ${guard} ? ... : 0`],
  });
}
