import { assertNever, defined } from "../../support/assert.ts";
import type { Task } from "../../task/task.ts";
import { NO_PADS, shapeOf } from "../extents.ts";
import type { Graph } from "../graph.ts";
import { channelRun, inOrder, PLANAR } from "../layout.ts";
import { blockView, channelView, channelWindow, commonBlock, ownView, type Placement } from "../placement.ts";
import type { Buffer } from "./buffers.ts";
import { type Emission, finish, move, placementOf, ready, requested } from "./emission.ts";
import { concatTask, copyTask, exchangeGroups, sliceTask, transposeTask } from "./move-tasks.ts";
import type { MoveNode } from "./plan-node.ts";
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
    const task = moveTask(to.graph, node, placementOf(to, x), written);
    if (task !== undefined) move(to, { layer: node.name }, task, [x, written], written);
  }
  finish(to, { layer: node.name }, written, false);
}

type WholeMove = Exclude<MoveNode, { readonly kind: "join" | "concat" }>;

/** What moves one operand's data; undefined where it lies as it is to. */
function moveTask(graph: Graph, node: WholeMove, x: Placement, written: Buffer): Task | undefined {
  switch (node.kind) {
    case "reshape": {
      const block = defined(commonBlock(x.extents, x.layout, PLANAR), "a view of the source");
      const from = defined(blockView(x, block), "the source's view");
      const rows = { extents: x.extents, layout: PLANAR, halo: NO_PADS };
      return copyTask(from, defined(blockView(rows, block), "rows"));
    }
    case "shuffle": {
      const from = defined(blockView(x, node.size), "the source's view");
      return copyTask(exchangeGroups(from), defined(blockView(written, node.groups), "the shuffled view"));
    }
    case "transpose":
      return transposeTask(shapeOf(graph, node.inputs[0]), node.perm);
    case "take": {
      const from = defined(ownView(channelWindow(x, node.start, written.extents.c)), "the channels taken");
      return copyTask(from, defined(blockView(written, from.shape[2]), "a view of them"));
    }
    case "slice":
      return sliceTask(shapeOf(graph, node.inputs[0]), shapeOf(graph, node.output), node.axis, node.start);
    case "spread":
      return spreadTask(node.op, [x, written]);
    case "collect":
      return collectTask(node.op, [x, written]);
    case "rename":
    case "flatten":
      return undefined;
    default:
      return assertNever(node);
  }
}

type Joining = MoveNode & { readonly kind: "join" | "concat" };

/** What is copied for each operand that is not written in place. */
function emitParts(to: Emission, node: Joining, sources: readonly Buffer[], written: Buffer): void {
  // A tensor that is joined twice lies in one place.
  const inPlace = (x: Buffer, i: number): boolean =>
    x.source.kind === "part" && x.source.of === written && sources.indexOf(x) === i;
  const last = sources.findLastIndex((x, i) => !inPlace(x, i));
  let offset = 0;
  sources.forEach((x, i) => {
    const part = shapeOf(to.graph, x.tensor);
    if (!inPlace(x, i)) {
      const tasks =
        node.kind === "concat"
          ? [concatTask(part, shapeOf(to.graph, node.output), node.axis, offset)]
          : joinTasks(placementOf(to, x), written, offset);
      tasks.forEach((task, copy) => {
        const isRun = copy < tasks.length - 1;
        const role = [...(i === last ? [] : [`part${i}`]), ...(isRun ? [`run${copy}`] : [])].join("/");
        const what = { layer: node.name, ...(role !== "" && { role }) };
        move(to, what, task, [x, written], role === "" ? written : undefined);
      });
    }
    offset += part[node.kind === "concat" ? node.axis : 1];
  });
}

/** Images into a window of the joined channels: those that lie in runs, run by run into a natural order. */
function joinTasks(x: Placement, joined: Placement, first: number): readonly Task[] {
  const { c } = x.extents;
  const run = channelRun(x.layout);
  if (inOrder(joined.layout) && run !== undefined) {
    return Array.from({ length: c / run }, (_, i) => {
      const from = defined(blockView(channelWindow(x, i * run, run), run), "a run of channels");
      return copyTask(exchangeGroups(from), channelView(channelWindow(joined, first + i * run, run)));
    });
  }
  const window = channelWindow(joined, first, c);
  if (inOrder(joined.layout))
    return [copyTask(defined(blockView(x, 1), "a part of a concat, in natural order"), channelView(window))];
  const whole = defined(blockView(x, c), "a part of a concat, whole");
  return [copyTask(whole, defined(ownView(window), "its place"))];
}
