import type { Gather, NodeOp, PadOp, Resample } from "../../../graph/graph.ts";
import { assertNever } from "../../../support/assert.ts";
import type { NodeContext } from "../node-context.ts";
import type { TensorValue } from "../value.ts";

/** What is done along one axis. */
export type Along =
  | ({ readonly kind: "gather" } & Gather["axes"][number])
  | ({ readonly kind: "resample" } & Resample["axes"][number])
  | ({ readonly kind: "pad"; readonly value: number } & PadOp["axes"][number]);

interface Step {
  readonly op: NodeOp;
  readonly shape: readonly number[];
}

/** Emits what is done along some axes, all alike; nothing is the identity. */
export function emitAlong(node: NodeContext, x: TensorValue, parts: readonly Along[]): void {
  const steps = stepsAlong(x, parts);
  const last = steps.at(-1);
  if (last === undefined) node.become(x);
  else node.emit(last.op, [helpers(node, x, steps.slice(0, -1)).name], last.shape);
}

/** The same, for a node that goes on from there. */
export function helpAlong(node: NodeContext, x: TensorValue, parts: readonly Along[]): TensorValue {
  return helpers(node, x, stepsAlong(x, parts));
}

function helpers(node: NodeContext, x: TensorValue, steps: readonly Step[]): TensorValue {
  return steps.reduce((from, { op, shape }, i) => node.emitHelper(`axis${i}`, op, [from.name], shape), x);
}

/** H and W of images at once, each other axis by itself; what makes the tensor smaller first. */
function stepsAlong(x: TensorValue, parts: readonly Along[]): readonly Step[] {
  const images = x.shape.length === 4 ? parts.filter(({ axis }) => axis >= 2) : [];
  const others = parts.filter((part) => !images.includes(part));
  const groups = [...(images.length === 0 ? [] : [images]), ...others.map((part) => [part])];
  const grows = (group: readonly Along[]): number =>
    group.reduce((product, part) => product * (extentAlong(part, x.shape) / x.shape[part.axis]), 1);
  const steps: Step[] = [];
  let { shape } = x;
  for (const group of [...groups].sort((a, b) => grows(a) - grows(b))) {
    shape = group.reduce((before, part) => before.with(part.axis, extentAlong(part, x.shape)), shape);
    steps.push({ op: operationOf(group), shape });
  }
  return steps;
}

function extentAlong(part: Along, shape: readonly number[]): number {
  switch (part.kind) {
    case "gather":
      return part.at.length;
    case "resample":
      return part.at.length / part.taps;
    case "pad":
      return shape[part.axis] + part.before + part.after;
    default:
      return assertNever(part);
  }
}

function operationOf(group: readonly Along[]): NodeOp {
  const [first] = group;
  const axes = <K extends Along["kind"]>(kind: K): Extract<Along, { readonly kind: K }>[] =>
    group.filter((part): part is Extract<Along, { readonly kind: K }> => part.kind === kind);
  switch (first.kind) {
    case "gather":
      return { kind: "gather", axes: axes("gather").map(({ axis, at }) => ({ axis, at })) };
    case "resample":
      return {
        kind: "resample",
        axes: axes("resample").map(({ axis, taps, at, weights }) => ({ axis, taps, at, weights })),
      };
    case "pad":
      return {
        kind: "pad",
        axes: axes("pad").map(({ axis, before, after }) => ({ axis, before, after })),
        value: first.value,
      };
    default:
      return assertNever(first);
  }
}

/** Whether indices are neighbours in order, which a slice takes. */
export function isRun(at: readonly number[]): boolean {
  return at.every((v, i) => v === at[0] + i);
}
