import { assertNever, defined } from "../../support/assert.ts";
import type { Task } from "../../task/task.ts";
import { anyExtents, NO_PADS } from "../extents.ts";
import type { Graph } from "../graph.ts";
import { PLANAR } from "../layout.ts";
import type { NodeTask } from "../node-task/node-task.ts";
import type { Arg } from "../plan.ts";
import { viewStorage } from "../view.ts";
import { type Buffer, type Request, serve } from "./buffers.ts";
import { commonBlock, copyView, exchangeGroups, takeWindow } from "./copy-view.ts";
import { haloTask, paddingTask } from "./fill-tasks.ts";
import { concatTask, copyTask, joinWindow, sliceTask, transposeTask } from "./move-tasks.ts";
import type { BufferPlan } from "./plan-buffers.ts";
import { type MoveNode, type PlanNode, shapeOf } from "./plan-node.ts";

/** A step whose buffers have no place yet; those of its arguments have memory of their own. */
export interface DraftStep {
  readonly name: string;
  readonly layer: string;
  readonly task: Task;
  readonly args: Readonly<Record<string, DraftArg>>;
  readonly macs: number;
  /** Set on the step that completes a tensor. */
  readonly produces: { readonly buffer: Buffer; readonly memory: DraftMemory } | undefined;
}
/** What a step is called: after its layer, and after its role where it only helps that or does a part of it. */
interface StepName {
  readonly layer: string;
  readonly role?: string;
}
/** Memory from byte `offset` of a buffer on. */
export interface DraftMemory {
  readonly kind: "buffer";
  readonly buffer: Buffer;
  readonly offset: number;
}
export type DraftArg = DraftMemory | Extract<Arg, { readonly kind: "weight" }>;

/** The steps of a network in order; a copy is made just before its first reader. */
export function emitSteps(graph: Graph, nodes: readonly PlanNode[], plan: BufferPlan): readonly DraftStep[] {
  const steps: DraftStep[] = [];
  const names = new Map<string, number>();
  const made = new Set<Buffer>();
  const producerName = new Map(nodes.map((node) => [node.output, node.name]));
  const requestOf = new Map(nodes.map((node) => [node.output, plan.requests.get(node)?.get(0)]));

  const bufferFor = (tensor: string, request: Request): Buffer =>
    serve(defined(plan.buffers.get(tensor), `buffers of ${tensor}`), request);

  /** The buffer whose memory this is. */
  const root = (buffer: Buffer): Buffer => {
    const { source } = buffer;
    if (source.kind === "part") return root(source.of);
    if (source.kind !== "alias") return buffer;
    return root(bufferFor(source.of, defined(requestOf.get(buffer.tensor), `memory of ${buffer.tensor}`)));
  };

  const push = (what: StepName, task: Task, args: DraftStep["args"], produces?: Buffer, macs = 0): void => {
    const { layer, role } = what;
    const wish = role === undefined ? layer : `${layer}/${role}`;
    const count = names.get(wish) ?? 0;
    names.set(wish, count + 1);
    const name = count === 0 ? wish : `${wish}${count + 1}`;
    const completed = produces && { buffer: produces, memory: memory(produces) };
    steps.push({ name, layer, task, args, macs, produces: completed });
  };
  const move = (what: StepName, task: Task, from: Buffer, to: Buffer, produces?: Buffer): void => {
    push(what, task, { x: memory(from), y: memory(to) }, produces);
  };
  const memory = (buffer: Buffer): DraftMemory => {
    const offset = buffer.source.kind === "part" ? buffer.source.offset : 0;
    return { kind: "buffer", buffer: root(buffer), offset };
  };

  /** After the step that writes a buffer: its border, and the padding that step leaves as it was. */
  const finish = (what: StepName, buffer: Buffer, writesPadding: boolean): void => {
    made.add(buffer);
    // A part's border is the joined tensor's.
    if (buffer.source.kind === "part") return;
    const y = { y: memory(buffer) };
    const helper = (role: string): StepName => ({
      layer: what.layer,
      role: what.role === undefined ? role : `${what.role}/${role}`,
    });
    const padding = writesPadding ? undefined : paddingTask(buffer);
    if (padding !== undefined) push(helper("padding"), padding, y);
    const halo = haloTask(buffer);
    if (halo !== undefined) push(helper("halo"), halo, y);
  };

  /** The buffer that serves the request, its contents made if they are not yet there. */
  const ready = (tensor: string, request: Request): Buffer => {
    const buffer = bufferFor(tensor, request);
    makeCopy(buffer);
    return buffer;
  };
  const makeCopy = (buffer: Buffer): void => {
    if (buffer.source.kind !== "copy" || made.has(buffer)) return;
    const { from } = buffer.source;
    makeCopy(from);
    const { tensor, extents } = buffer;
    const block = defined(commonBlock(extents, from.layout, buffer.layout), "a common view of both layouts");
    const x = defined(copyView(extents, from.layout, block, root(from).halo), "the source's view");
    const y = defined(copyView(extents, buffer.layout, block, buffer.halo), "the copy's view");
    const what = { layer: producerName.get(tensor) ?? tensor, role: "repack" };
    move(what, copyTask(x, y), from, buffer);
    finish(what, buffer, false);
  };

  /** Several calls write rows of their own; the last one completes the tensor. */
  const emitKernel = (node: PlanNode & { readonly kind: "kernel" }, written: Buffer): void => {
    const tasks = defined(plan.tasks.get(node), `tasks of ${node.name}`);
    tasks.slice(0, -1).forEach((task, i) => {
      emitCall(node, task, written, { layer: node.name, role: `part${i}` });
    });
    const last = tasks[tasks.length - 1];
    emitCall(node, last, written, { layer: node.name }, written);
    finish({ layer: node.name }, written, last.op !== "softmax");
  };
  const emitCall = (
    node: PlanNode & { readonly kind: "kernel" },
    { op, dims, params, macs }: NodeTask,
    written: Buffer,
    what: StepName,
    produces?: Buffer,
  ): void => {
    const args: Record<string, DraftArg> = {};
    const storage: Record<string, Task["storage"][string]> = {};
    for (const binding of params) {
      if (binding.kind === "weight") args[binding.param] = binding;
      if (binding.kind !== "activation") continue;
      const buffer =
        binding.operand === "output"
          ? written
          : ready(node.inputs[binding.operand], requested(node, binding.operand));
      args[binding.param] = memory(buffer);
      const { halo } = root(buffer);
      storage[binding.param] = viewStorage(binding.view, buffer.extents, buffer.layout, halo);
    }
    push(what, { op, dims, storage }, args, produces, macs);
  };
  const requested = (node: PlanNode, operand: number): Request =>
    defined(plan.requests.get(node)?.get(operand), `operand ${operand} of ${node.name}`);

  const emitMove = (node: MoveNode, written: Buffer): void => {
    const sources = node.inputs.map((tensor, i) => ready(tensor, requested(node, i)));
    if (written.source.kind === "alias") {
      made.add(written);
      return;
    }
    const [x] = sources;
    const emit = (task: Task): void => {
      move({ layer: node.name }, task, x, written, written);
    };
    switch (node.kind) {
      case "reshape": {
        const block = defined(commonBlock(x.extents, x.layout, PLANAR), "a view of the source");
        const from = defined(copyView(x.extents, x.layout, block, root(x).halo), "the source's view");
        emit(copyTask(from, defined(copyView(x.extents, PLANAR, block, NO_PADS), "rows")));
        break;
      }
      case "shuffle": {
        const from = defined(copyView(x.extents, x.layout, node.size, root(x).halo), "the source's view");
        const to = copyView(written.extents, written.layout, node.groups, written.halo);
        emit(copyTask(exchangeGroups(from), defined(to, "the shuffled view")));
        break;
      }
      case "transpose":
        emit(transposeTask(node.name, shapeOf(graph, node.inputs[0]), node.perm));
        break;
      case "join":
      case "concat":
        emitParts(node, sources, written);
        break;
      case "take": {
        const from = takeWindow(x.extents, written.extents, node.start, x.layout, root(x).halo);
        const block = defined(from, "the channels taken").shape[2];
        const to = copyView(written.extents, written.layout, block, written.halo);
        emit(copyTask(defined(from, "the channels taken"), defined(to, "a view of them")));
        break;
      }
      case "slice":
        emit(sliceTask(shapeOf(graph, x.tensor), shapeOf(graph, node.output), node.axis, node.start));
        break;
      case "rename":
      case "flatten":
        break;
      default:
        assertNever(node);
    }
    finish({ layer: node.name }, written, false);
  };

  const emitParts = (
    node: MoveNode & { readonly kind: "join" | "concat" },
    sources: readonly Buffer[],
    written: Buffer,
  ): void => {
    const last = sources.findLastIndex((x) => root(x) !== written);
    let offset = 0;
    sources.forEach((x, i) => {
      if (root(x) !== written) {
        const what = { layer: node.name, ...(i !== last && { role: `part${i}` }) };
        const task = partTask(graph, node, x, root(x).halo, written, offset);
        move(what, task, x, written, i === last ? written : undefined);
      }
      offset += shapeOf(graph, x.tensor)[node.kind === "concat" ? node.axis : 1];
    });
  };

  for (const node of nodes) {
    const [written] = defined(plan.buffers.get(node.output), `buffers of ${node.output}`);
    if (node.kind === "kernel") emitKernel(node, written);
    else emitMove(node, written);
  }
  graph.outputs.forEach((tensor, i) => {
    ready(tensor, plan.outputs[i]);
  });
  return steps;
}

/** One operand of a concat into its window of the result. */
function partTask(
  graph: Graph,
  node: MoveNode & { readonly kind: "join" | "concat" },
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
