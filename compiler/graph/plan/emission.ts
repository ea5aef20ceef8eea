import { defined } from "../../support/assert.ts";
import type { Task } from "../../task/task.ts";
import type { Graph } from "../graph.ts";
import type { NodeTask } from "../node-task/node-task.ts";
import { blockView, commonBlock, type Placement, positionBytes } from "../placement.ts";
import type { Arg } from "../plan.ts";
import { type Buffer, type Request, serve } from "./buffers.ts";
import { haloTask, paddingTask } from "./fill-tasks.ts";
import { copyTask, movedTask, typedCopyTask } from "./move-tasks.ts";
import type { BufferPlan } from "./plan-buffers.ts";
import type { PlanNode } from "./plan-node.ts";

/** A step whose buffers have no place yet; those of its arguments have memory of their own. */
export interface DraftStep {
  readonly name: string;
  readonly layer: string;
  readonly task: Task;
  readonly args: Readonly<Record<string, DraftArg>>;
  readonly macs: number;
  readonly algorithm: string | undefined;
  readonly computes: string | undefined;
  /** What it writes of the border of y's memory: "filled": what readers see of it; "crossed": anything, as it hangs over; absent: nothing. */
  readonly border?: "filled" | "crossed" | undefined;
  /** Set on the step that completes a tensor. */
  readonly produces: { readonly buffer: Buffer; readonly memory: DraftMemory } | undefined;
}
/** Memory from byte `offset` of a buffer on. */
export interface DraftMemory {
  readonly kind: "buffer";
  readonly buffer: Buffer;
  readonly offset: number;
}
export type DraftArg = DraftMemory | Extract<Arg, { readonly kind: "weight" }>;

/** What a step is called: after its layer, and after its role where it only helps that or does a part of it. */
export interface StepName {
  readonly layer: string;
  readonly role?: string;
}

/** The steps of a network as far as they are emitted. */
export interface Emission {
  readonly graph: Graph;
  readonly plan: BufferPlan;
  readonly steps: DraftStep[];
  /** How many steps wished for a name. */
  readonly names: Map<string, number>;
  /** Buffers whose contents are there. */
  readonly made: Set<Buffer>;
  /** Names of nodes by the tensor they write. */
  readonly producers: ReadonlyMap<string, string>;
  /** What the node that writes a tensor asks of its first operand. */
  readonly requests: ReadonlyMap<string, Request | undefined>;
}

export function startEmission(graph: Graph, nodes: readonly PlanNode[], plan: BufferPlan): Emission {
  return {
    graph,
    plan,
    steps: [],
    names: new Map(),
    made: new Set(),
    producers: new Map(nodes.map((node) => [node.output, node.name])),
    requests: new Map(nodes.map((node) => [node.output, plan.requests.get(node)?.get(0)])),
  };
}

/** What a node asks of an operand. */
export function requested({ plan }: Emission, node: PlanNode, operand: number): Request {
  return defined(plan.requests.get(node)?.get(operand), `operand ${operand} of ${node.name}`);
}

/** How a buffer lies, inside the border of the memory that it is in. */
export function placementOf(to: Emission, buffer: Buffer): Placement {
  const { extents, layout } = buffer;
  return { extents, layout, halo: memory(to, buffer).buffer.halo };
}

function bufferFor({ plan }: Emission, tensor: string, request: Request): Buffer {
  return serve(defined(plan.buffers.get(tensor), `buffers of ${tensor}`), request);
}

/** Where a buffer lies: in the memory of another one, or a part of that, as its source says. */
export function memory(to: Emission, buffer: Buffer): DraftMemory {
  const { source, tensor } = buffer;
  if (source.kind === "part") {
    const whole = memory(to, source.of);
    return { ...whole, offset: whole.offset + source.offset };
  }
  if (source.kind !== "alias") return { kind: "buffer", buffer, offset: 0 };
  const whole = memory(to, bufferFor(to, source.of, defined(to.requests.get(tensor), `memory of ${tensor}`)));
  return { ...whole, offset: whole.offset + positionBytes(whole.buffer, source.channel) };
}

type CallTraits = Pick<NodeTask, "macs" | "algorithm" | "computes"> & Pick<DraftStep, "border">;

/** Adds a step; of one name only the first has it without a number. */
export function push(
  to: Emission,
  { layer, role }: StepName,
  task: Task,
  args: DraftStep["args"],
  produces?: Buffer,
  { macs = 0, algorithm, computes, border }: CallTraits = {},
): void {
  const wish = role === undefined ? layer : `${layer}/${role}`;
  const count = to.names.get(wish) ?? 0;
  to.names.set(wish, count + 1);
  const name = count === 0 ? wish : `${wish}${count + 1}`;
  const completed = produces && { buffer: produces, memory: memory(to, produces) };
  to.steps.push({ name, layer, task, args, macs, algorithm, computes, border, produces: completed });
}

/** A step that reads x and writes y. */
export function move(
  to: Emission,
  what: StepName,
  task: Task,
  [x, y]: readonly [Buffer, Buffer],
  produces?: Buffer,
): void {
  push(to, what, movedTask(task, x.layout, y.layout), { x: memory(to, x), y: memory(to, y) }, produces);
}

/** After the step that writes a buffer: its border, and the padding that step leaves as it was. */
export function finish(to: Emission, what: StepName, buffer: Buffer, writesPadding: boolean): void {
  to.made.add(buffer);
  const y = { y: memory(to, buffer) };
  const helper = (role: string): StepName => ({
    layer: what.layer,
    role: what.role === undefined ? role : `${what.role}/${role}`,
  });
  const padding = writesPadding ? undefined : paddingTask(buffer);
  if (padding !== undefined) push(to, helper("padding"), padding, y, undefined, { border: "crossed" });
  const halo = haloTask(buffer);
  if (halo !== undefined) push(to, helper("halo"), halo, y, undefined, { border: "filled" });
}

/** The buffer that serves the request, its contents made if they are not yet there. */
export function ready(to: Emission, tensor: string, request: Request): Buffer {
  const buffer = bufferFor(to, tensor, request);
  makeCopy(to, buffer);
  return buffer;
}

function makeCopy(to: Emission, buffer: Buffer): void {
  const { tensor, extents, layout, source } = buffer;
  if (source.kind !== "copy" || to.made.has(buffer)) return;
  const { from } = source;
  makeCopy(to, from);
  const block = defined(commonBlock(extents, from.layout, layout), "a common view of both layouts");
  const x = defined(blockView(placementOf(to, from), block), "the source's view");
  const y = defined(blockView(buffer, block), "the copy's view");
  const what = { layer: to.producers.get(tensor) ?? tensor, role: "repack" };
  const task = from.type === undefined ? copyTask(x, y) : typedCopyTask(from.type, x, y);
  move(to, what, task, [from, buffer]);
  finish(to, what, buffer, false);
}
