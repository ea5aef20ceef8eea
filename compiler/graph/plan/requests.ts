import { defined } from "../../support/assert.ts";
import { NO_PADS, widest } from "../extents.ts";
import type { Layout } from "../layout.ts";
import type { NodeTask, ParamBinding } from "../node-task/node-task.ts";
import { LOWEST } from "../node-task/pool-task.ts";
import type { Buffer, Request } from "./buffers.ts";
import type { MoveNode } from "./plan-node.ts";

/** Memory of a layout, and nothing beside. */
export function plainRequest(layout: Layout): Request {
  return { layout, pads: NO_PADS, fill: 0, exact: false, readsPadding: false, output: undefined };
}

/** A border of zeros does for a maximum over values that are not negative. */
export function kernelRequest(
  tasks: readonly NodeTask[],
  operand: number,
  layout: Layout,
  nonNegative: boolean,
): Request {
  const [binding, ...others] = tasks.map(({ params }) => activationBinding(params, operand));
  const { view, padValue } = binding;
  const exact = view.form === "matrix" || view.form === "vector" || view.form === "rows";
  const readsPadding = !(
    view.form === "matrix" ||
    ((view.form === "dense" || view.form === "rows") && view.exact)
  );
  const fill = padValue === LOWEST && nonNegative ? 0 : padValue;
  const pads = others.reduce((all, other) => widest(all, other.view.pads), view.pads);
  return { layout, pads, fill, exact, readsPadding, output: undefined };
}

function activationBinding(
  params: NodeTask["params"],
  operand: number,
): Extract<ParamBinding, { readonly kind: "activation" }> {
  const found = params.flatMap((p) => (p.kind === "activation" && p.operand === operand ? [p] : []));
  return defined(found[0], `parameter for operand ${operand}`);
}

/** Those that see their operands as rows of elements. */
const PLANAR_MOVES: readonly MoveNode["kind"][] = ["transpose", "concat", "slice"];

export function moveRequest(node: MoveNode, layout: Layout): Request {
  return { ...plainRequest(layout), exact: PLANAR_MOVES.includes(node.kind) };
}

/** What memory must offer so that the tensor `written` can be read from it as it is. */
export function aliasRequest(node: MoveNode, written: Buffer, layout: Layout): Request {
  const { halo, fill, readsPadding, port } = written;
  const output = port?.kind === "output" ? port.index : undefined;
  const exact = written.exact || node.kind === "flatten" || node.kind === "reshape";
  return { layout, pads: halo, fill, exact, readsPadding, output };
}
