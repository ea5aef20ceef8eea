import { imageExtents, NO_PADS, shapeOf, widest } from "../extents.ts";
import type { Graph, Pads } from "../graph.ts";
import { roomUsed } from "../node-task/conv-algorithms.ts";
import type { NodeTask } from "../node-task/node-task.ts";
import type { PlanNode } from "./plan-node.ts";

/** More pixels than this, times those of the map, are not worth a border. */
const MOST_PIXELS = 1.25;

/**
 * The border that a tensor is to have if it can, beside what its readers ask for: what its writer hangs over. What is joined gets
 * the widest of its parts', and of what readers of the parts ask: a part that lies in the joined tensor has no other border.
 * @param calls the kernel calls of a node where there is room for everything; none of nodes that move data
 */
export function wantedRooms(
  graph: Graph,
  nodes: readonly PlanNode[],
  uses: ReadonlyMap<string, number>,
  calls: (at: number) => readonly NodeTask[],
): ReadonlyMap<string, Pads> {
  const rooms = new Map<string, Pads>();
  const read = new Map<string, Pads>();
  nodes.forEach(({ kind, inputs, output }, at) => {
    if (kind !== "kernel") return;
    const tasks = calls(at);
    const [rows, columns] = roomUsed(tasks);
    rooms.set(output, [0, 0, rows, columns]);
    for (const param of tasks.flatMap(({ params }) => params)) {
      if (param.kind !== "activation" || param.operand === "output" || param.padValue !== 0) continue;
      const tensor = inputs[param.operand];
      read.set(tensor, widest(read.get(tensor), param.view.pads));
    }
  });
  // What stays in its operand's memory has that one's border.
  for (const { kind, inputs, output } of [...nodes].reverse()) {
    if (kind === "take" || kind === "rename")
      read.set(inputs[0], widest(read.get(inputs[0]), read.get(output)));
  }
  for (const { kind, inputs, output } of nodes) {
    if (kind !== "join") continue;
    const image = imageExtents(shapeOf(graph, output));
    const worth = ([top, left, bottom, right]: Pads): boolean =>
      image !== undefined &&
      (image.h + top + bottom) * (image.w + left + right) <= MOST_PIXELS * image.h * image.w;
    let room: Pads = NO_PADS;
    for (const tensor of inputs) {
      room = widest(room, rooms.get(tensor));
      const wider = widest(room, (uses.get(tensor) ?? 0) > 1 ? read.get(tensor) : undefined);
      if (worth(wider)) room = wider;
    }
    rooms.set(output, room);
  }
  return rooms;
}
