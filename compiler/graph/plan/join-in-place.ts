import { countUses } from "../draft.ts";
import { imageExtents, isZero, shapeOf } from "../extents.ts";
import type { Graph } from "../graph.ts";
import { naturalLayout, sameLayout } from "../layout.ts";
import { writesBorders, writesImages } from "../node-traits.ts";
import { channelWindow, windowBytes } from "../placement.ts";
import type { Layouts } from "./assign-layouts.ts";
import type { Buffer } from "./buffers.ts";
import { ALIGNMENT } from "./plan-memory.ts";
import type { MoveNode, PlanNode } from "./plan-node.ts";
import { type ReservedMemory, reservedMemory } from "./reserved-memory.ts";

/** Where a tensor is written that is one part of a join: at this byte of the joined tensor's buffer. */
export interface PartPlace {
  readonly of: Buffer;
  readonly offset: number;
}

/** What the choice looks at of the whole network, gathered once. */
export interface JoinContext {
  readonly graph: Graph;
  readonly layouts: Layouts;
  readonly uses: ReadonlyMap<string, number>;
  readonly producers: ReadonlyMap<string, PlanNode>;
  readonly memory: ReservedMemory;
  /** Places of tensors that are written where a join has them, as far as joins were looked at. */
  readonly parts: Map<string, PartPlace>;
}

export function joinContext(graph: Graph, nodes: readonly PlanNode[], layouts: Layouts): JoinContext {
  const producers = new Map(nodes.map((node) => [node.output, node]));
  const memory = reservedMemory(graph, nodes);
  return { graph, layouts, uses: countUses(graph), producers, memory, parts: new Map() };
}

/**
 * Finds the operands of a join that can be written straight into the joined tensor: they are whole blocks of channels of
 * one image (or padded to that), so contiguous, at an aligned address, and there is memory for all of the joined tensor from their
 * time on. So lists that grow from join to join are one buffer.
 */
export function placeParts(
  node: MoveNode & { readonly kind: "join" },
  joined: Buffer,
  { graph, layouts, producers, memory, parts }: JoinContext,
): void {
  const { layout } = joined;
  if (joined.port !== undefined || layout.kind === "planar") return;
  const natural = naturalLayout(layout);
  let first = 0;
  for (const [i, tensor] of node.inputs.entries()) {
    const own = imageExtents(shapeOf(graph, tensor))?.c ?? 0;
    const offset = windowBytes(channelWindow(joined, first, own));
    first += own;
    if (offset === undefined || offset % ALIGNMENT !== 0) continue;
    // one that is joined twice lies where the first is, or is copied to both
    const fits =
      node.inputs.indexOf(tensor) === i &&
      !parts.has(tensor) &&
      !graph.outputs.includes(tensor) &&
      writesInto(graph, producers.get(tensor), joined.halo) &&
      sameLayout(layouts.written(tensor), natural);
    if (fits && memory.reserve(tensor, joined)) parts.set(tensor, { of: joined, offset });
  }
}

/** A kernel of images writes any window, as a copy of channels does; one that reduces them to a pixel cannot step over a border. */
function writesInto(graph: Graph, producer: PlanNode | undefined, halo: Buffer["halo"]): boolean {
  if (producer?.kind === "take" || producer?.kind === "spread" || producer?.kind === "join") return true;
  if (producer?.kind !== "kernel") return false;
  return isZero(halo) ? writesImages(graph, producer.node) : writesBorders(graph, producer.node);
}
