import { assertNever, defined } from "../../support/assert.ts";
import type { Task } from "../../task/task.ts";
import { anyExtents, NO_PADS } from "../extents.ts";
import type { Graph } from "../graph.ts";
import { PLANAR } from "../layout.ts";
import type { Buffer } from "./buffers.ts";
import { commonBlock, copyView, exchangeGroups, takeWindow } from "./copy-view.ts";
import { type Emission, finish, move, ready, requested, root } from "./emission.ts";
import { concatTask, copyTask, joinWindow, sliceTask, transposeTask } from "./move-tasks.ts";
import { type MoveNode, shapeOf } from "./plan-node.ts";
import { collectTask, spreadTask } from "./space-tasks.ts";

/** The steps of a node that moves data: none where its result is its operand's memory. */
export function emitMove(to: Emission, node: MoveNode, written: Buffer): void {
  const sources = node.inputs.map((tensor, i) => ready(to, tensor, requested(to, node, i)));
  if (written.source.kind === "alias") {
    to.made.add(written);
    return;
  }
  const [x] = sources;
  if (node.kind === "join" || node.kind === "concat") emitParts(to, node, sources, written);
  else {
    const task = moveTask(to.graph, node, x, root(to, x).halo, written);
    if (task !== undefined) move(to, { layer: node.name }, task, [x, written], written);
  }
  finish(to, { layer: node.name }, written, false);
}

type WholeMove = Exclude<MoveNode, { readonly kind: "join" | "concat" }>;

/** What moves one operand's data; undefined where it lies as it is to. */
function moveTask(
  graph: Graph,
  node: WholeMove,
  x: Buffer,
  halo: Buffer["halo"],
  written: Buffer,
): Task | undefined {
  switch (node.kind) {
    case "reshape": {
      const block = defined(commonBlock(x.extents, x.layout, PLANAR), "a view of the source");
      const from = defined(copyView(x.extents, x.layout, block, halo), "the source's view");
      return copyTask(from, defined(copyView(x.extents, PLANAR, block, NO_PADS), "rows"));
    }
    case "shuffle": {
      const from = defined(copyView(x.extents, x.layout, node.size, halo), "the source's view");
      const into = copyView(written.extents, written.layout, node.groups, written.halo);
      return copyTask(exchangeGroups(from), defined(into, "the shuffled view"));
    }
    case "transpose":
      return transposeTask(node.name, shapeOf(graph, node.inputs[0]), node.perm);
    case "take": {
      const from = defined(
        takeWindow(x.extents, written.extents, node.start, x.layout, halo),
        "the channels taken",
      );
      const into = copyView(written.extents, written.layout, from.shape[2], written.halo);
      return copyTask(from, defined(into, "a view of them"));
    }
    case "slice":
      return sliceTask(shapeOf(graph, x.tensor), shapeOf(graph, node.output), node.axis, node.start);
    case "spread":
      return spreadTask(node.op, [{ ...x, halo }, written]);
    case "collect":
      return collectTask(node.op, [{ ...x, halo }, written]);
    case "rename":
    case "flatten":
      return undefined;
    default:
      return assertNever(node);
  }
}

type Joining = MoveNode & { readonly kind: "join" | "concat" };

/** One step for each operand that is not written in place. */
function emitParts(to: Emission, node: Joining, sources: readonly Buffer[], written: Buffer): void {
  // A tensor that is joined twice lies in one place.
  const inPlace = (x: Buffer, i: number): boolean =>
    x.source.kind === "part" && x.source.of === written && sources.indexOf(x) === i;
  const last = sources.findLastIndex((x, i) => !inPlace(x, i));
  let offset = 0;
  sources.forEach((x, i) => {
    const { halo } = root(to, x);
    if (!inPlace(x, i)) {
      const what = { layer: node.name, ...(i !== last && { role: `part${i}` }) };
      const task = partTask(to.graph, node, x, halo, written, offset);
      move(to, what, task, [x, written], i === last ? written : undefined);
    }
    offset += shapeOf(to.graph, x.tensor)[node.kind === "concat" ? node.axis : 1];
  });
}

/** One operand of a concat into its window of the result. */
function partTask(
  graph: Graph,
  node: Joining,
  x: Buffer,
  xHalo: Buffer["halo"],
  written: Buffer,
  offset: number,
): Task {
  const part = shapeOf(graph, x.tensor);
  if (node.kind === "concat") return concatTask(part, shapeOf(graph, node.output), node.axis, offset);
  const { layout, halo } = written;
  if (layout.kind === "blocked" && layout.order.kind === "padded") {
    const whole = defined(copyView(x.extents, x.layout, part[1], xHalo), "a part of a concat, whole");
    const to = takeWindow(written.extents, anyExtents(part), offset, layout, halo);
    return copyTask(whole, defined(to, "its place"));
  }
  const from = defined(copyView(x.extents, x.layout, 1, xHalo), "a part of a concat, in natural order");
  return copyTask(from, joinWindow(written.extents, anyExtents(part), offset, layout, halo));
}
