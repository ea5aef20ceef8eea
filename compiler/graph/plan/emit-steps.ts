import type { DType } from "../../ir/dtype.ts";
import { isReadType, PORT_MEMORY } from "../../ir/port-type.ts";
import { defined, invariant } from "../../support/assert.ts";
import type { Task } from "../../task/task.ts";
import type { Graph } from "../graph.ts";
import { dtypeOf, floatsOf } from "../layout.ts";
import { roomUsed } from "../node-task/conv-algorithms.ts";
import type { NodeTask } from "../node-task/node-task.ts";
import { viewStorage } from "../view.ts";
import type { Buffer } from "./buffers.ts";
import {
  type DraftArg,
  type DraftMemory,
  type DraftStep,
  type Emission,
  finish,
  memory,
  placementOf,
  push,
  ready,
  requested,
  type StepName,
  startEmission,
} from "./emission.ts";
import { emitMove } from "./emit-moves.ts";
import type { BufferPlan } from "./plan-buffers.ts";
import type { PlanNode } from "./plan-node.ts";

/**
 * Steps, where the floats lie that outputs of other types are made of, nothing for those of f32, and what is checked; where floats are
 * made of inputs that kernels do not read, by input.
 */
export interface EmittedSteps {
  readonly steps: readonly DraftStep[];
  readonly floats: readonly (DraftMemory | undefined)[];
  readonly checks: readonly DraftMemory[];
  readonly given: ReadonlyMap<string, DraftMemory>;
}

/** The steps of a network in order; a copy is made just before its first reader. */
export function emitSteps(graph: Graph, nodes: readonly PlanNode[], plan: BufferPlan): EmittedSteps {
  const to = startEmission(graph, nodes, plan);
  for (const node of nodes) {
    const [written] = defined(plan.buffers.get(node.output), `buffers of ${node.output}`);
    if (node.kind === "kernel") emitKernel(to, node, written);
    else emitMove(to, node, written);
  }
  const floats = graph.outputs.map((tensor, i) => {
    const buffer = ready(to, tensor, plan.outputs[i]);
    return graph.tensors.get(tensor)?.type === undefined ? undefined : memory(to, buffer);
  });
  const checks = nodes.flatMap((node) => {
    const [written] = defined(plan.buffers.get(node.output), `buffers of ${node.output}`);
    return node.kind === "kernel" && node.node.op.kind === "check" ? [memory(to, written)] : [];
  });
  const given = graph.inputs.flatMap((tensor): (readonly [string, DraftMemory])[] => {
    const type = graph.tensors.get(tensor)?.type;
    if (type === undefined || isReadType(type)) return [];
    const [made] = defined(plan.buffers.get(tensor), `buffers of ${tensor}`);
    return [[tensor, memory(to, made)]];
  });
  return { steps: to.steps, floats, checks, given: new Map(given) };
}

type KernelNode = PlanNode & { readonly kind: "kernel" };

/** Several calls write rows of their own; the last one completes the tensor. */
function emitKernel(to: Emission, node: KernelNode, written: Buffer): void {
  const layer = node.name;
  const tasks = defined(to.plan.tasks.get(node), `tasks of ${layer}`);
  tasks.slice(0, -1).forEach((task, i) => {
    emitCall(to, node, task, written, { layer, role: `part${i}` });
  });
  const last = tasks[tasks.length - 1];
  emitCall(to, node, last, written, { layer }, written);
  finish(to, { layer }, written, last.leavesPadding !== true);
}

function emitCall(
  to: Emission,
  node: KernelNode,
  call: NodeTask,
  written: Buffer,
  what: StepName,
  produces?: Buffer,
): void {
  const { op, dims, params } = call;
  const args: Record<string, DraftArg> = {};
  const storage: Record<string, Task["storage"][string]> = {};
  const types: Record<string, DType> = {};
  for (const binding of params) {
    if (binding.kind === "weight") args[binding.param] = binding;
    if (binding.kind !== "activation") continue;
    const { operand, param, view } = binding;
    const buffer =
      operand === "output" ? written : ready(to, node.inputs[operand], requested(to, node, operand));
    args[param] = memory(to, buffer);
    if (buffer.type !== undefined) types[param] = PORT_MEMORY[buffer.type].dtype;
    if (buffer.layout.quantized !== undefined) {
      const counts = operand === "output" ? call.counts !== undefined : call.counts === "all";
      invariant(counts, `${param} of ${node.name} may be numbers of i8`);
      types[param] = dtypeOf(buffer.layout);
    }
    invariant(
      buffer.layout.floats === written.layout.floats,
      `${param} of ${node.name} is as what it writes`,
    );
    storage[param] = viewStorage(view, placementOf(to, buffer));
  }
  const task = {
    op,
    dims,
    storage,
    ...floatsOf(written.layout),
    ...(Object.keys(types).length > 0 && { types }),
  };
  const crosses = roomUsed([call]).some((room) => room > 0);
  push(to, what, task, args, produces, { ...call, border: crosses ? "crossed" : undefined });
}
