import { assertNever, defined } from "../../support/assert.ts";
import { valueBounds } from "../bounds.ts";
import { anyExtents, imageExtents, NO_PADS } from "../extents.ts";
import type { Graph } from "../graph.ts";
import { type Layout, PLANAR } from "../layout.ts";
import { makeNodeTasks } from "../node-task/make-node-task.ts";
import type { NodeTask, OperandLayouts, ParamBinding } from "../node-task/node-task.ts";
import { LOWEST } from "../node-task/pool-task.ts";
import {
  type DecideAlgorithm,
  type Room,
  roomUsed,
  type WinogradLimits,
} from "../node-task/winograd-calls.ts";
import { canonical, freeShuffle, type Layouts } from "./assign-layouts.ts";
import { type Buffer, type Offer, type Request, settleBuffers } from "./buffers.ts";
import { joinContext, type PartPlace, partsInPlace } from "./join-in-place.ts";
import { activationOperands, type MoveNode, type PlanNode, shapeOf } from "./plan-node.ts";

/** Every buffer of a network, and how each node gets at its own. */
export interface BufferPlan {
  /** The buffers of each tensor, the one its producer writes first. */
  readonly buffers: ReadonlyMap<string, readonly Buffer[]>;
  /** What each node asks of its operands, by node and operand number; constants ask nothing. */
  readonly requests: ReadonlyMap<PlanNode, ReadonlyMap<number, Request>>;
  /** The kernel calls of each kernel node. */
  readonly tasks: ReadonlyMap<PlanNode, readonly NodeTask[]>;
  readonly outputs: readonly Request[];
}

export interface BufferOptions {
  /** Set when convolutions may be computed by Winograd's algorithm: the registers for its tiles. */
  readonly winograd: WinogradLimits | undefined;
  /** Asked for each convolution that has a choice. */
  readonly decide: DecideAlgorithm | undefined;
}

/**
 * Goes through the network backwards: when a node is reached, all readers of its output have said what
 * they need, so its buffers are settled, and with them what it needs itself.
 */
export function planBuffers(
  graph: Graph,
  nodes: readonly PlanNode[],
  layouts: Layouts,
  lanes: number,
  options: BufferOptions,
): BufferPlan {
  const bounds = valueBounds(graph);
  const asked = new Map<string, Request[]>();
  const buffers = new Map<string, readonly Buffer[]>();
  const requests = new Map<PlanNode, ReadonlyMap<number, Request>>();
  const tasks = new Map<PlanNode, readonly NodeTask[]>();
  const joins = joinContext(graph, nodes, layouts, lanes);
  const parts = new Map<string, PartPlace>();
  const operandLayouts = (
    node: PlanNode & { readonly kind: "kernel" },
    at: number,
    output: Layout,
  ): OperandLayouts => {
    const operands = activationOperands(graph, node.node);
    const inputs = node.inputs.map((_, i) =>
      operands.includes(i) ? layouts.wanted(at, operands.indexOf(i)) : PLANAR,
    );
    return { inputs, output };
  };
  const ask = (tensor: string, request: Request): void => {
    const before = asked.get(tensor);
    if (before === undefined) asked.set(tensor, [request]);
    else before.push(request);
  };
  const settle = (tensor: string, how: Partial<Offer>): Buffer => {
    const extents = anyExtents(shapeOf(graph, tensor));
    const nothing = {
      canHalo: false,
      input: undefined,
      aliasOf: undefined,
      part: undefined,
      room: undefined,
    };
    const offer = { tensor, extents, layout: layouts.written(tensor), ...nothing, ...how };
    const settled = settleBuffers(offer, asked.get(tensor) ?? []);
    buffers.set(tensor, settled);
    return settled[0];
  };

  const outputs = graph.outputs.map((tensor, output): Request => {
    const layout = canonical(PLANAR, imageExtents(shapeOf(graph, tensor)), lanes);
    return { ...plain(layout), exact: true, output };
  });
  graph.outputs.forEach((tensor, i) => {
    ask(tensor, outputs[i]);
  });
  const calls = (node: PlanNode, at: number, layout: Layout, room?: Room): readonly NodeTask[] | undefined =>
    node.kind === "kernel"
      ? makeNodeTasks(graph, node.node, operandLayouts(node, at, layout), room)
      : undefined;
  const places = new Map(nodes.map(({ output }, at) => [output, at]));
  /** What a node would like to write beyond its output; a join, what the nodes behind it would. */
  const roomWanted = (node: PlanNode, at: number): readonly [number, number] | undefined => {
    const winograd = limitsOf(node, options);
    if (winograd === undefined) return undefined;
    if (node.kind === "join") {
      const behind = node.inputs.flatMap((tensor) => {
        const from = places.get(tensor) ?? -1;
        const wanted = from < 0 || nodes[from].kind === "join" ? undefined : roomWanted(nodes[from], from);
        return wanted === undefined ? [] : [wanted];
      });
      return [
        Math.max(0, ...behind.map(([rows]) => rows)),
        Math.max(0, ...behind.map(([, columns]) => columns)),
      ];
    }
    const ideal = calls(node, at, layouts.written(node.output), { ...ENDLESS, ...winograd });
    return ideal && roomUsed(ideal);
  };
  for (let at = nodes.length - 1; at >= 0; at--) {
    const node = nodes[at];
    const aliasOf = isAlias(node, layouts.wanted(at, 0), lanes) ? node.inputs[0] : undefined;
    const written = settle(node.output, {
      canHalo: canHalo(node),
      aliasOf,
      part: parts.get(node.output),
      room: roomWanted(node, at),
    });
    if (node.kind === "join") {
      for (const [tensor, place] of partsInPlace(node, written, joins)) parts.set(tensor, place);
    }
    const needs = new Map<number, Request>();
    if (node.kind === "kernel") {
      const { inputs } = operandLayouts(node, at, written.layout);
      const [, , rows, columns] = written.halo;
      const winograd = limitsOf(node, options);
      const room = winograd && { rows, columns, ...winograd };
      const made = defined(calls(node, at, written.layout, room), `tasks of ${node.name}`);
      tasks.set(node, made);
      for (const operand of activationOperands(graph, node.node)) {
        const nonNegative = (bounds.get(node.inputs[operand])?.lo ?? -1) >= 0;
        needs.set(operand, kernelRequest(made, operand, inputs[operand], nonNegative));
      }
    } else {
      node.inputs.forEach((_, i) => {
        const layout = layouts.wanted(at, i);
        needs.set(i, aliasOf === undefined ? moveRequest(node, layout) : aliasRequest(node, written, layout));
      });
    }
    requests.set(node, needs);
    for (const [operand, request] of needs) ask(node.inputs[operand], request);
  }
  graph.inputs.forEach((tensor, input) => {
    settle(tensor, { input });
  });
  return { buffers, requests, tasks, outputs };
}

/** What a node may be made of. */
function limitsOf({ kind, name }: PlanNode, { winograd, decide }: BufferOptions): WinogradLimits | undefined {
  if (kind !== "kernel" || decide === undefined || winograd === undefined) return winograd;
  return { ...winograd, decide: (candidates) => decide(name, candidates) };
}

/** More than any tile hangs over. */
const ENDLESS = { rows: 1 << 20, columns: 1 << 20 };

function plain(layout: Layout): Request {
  return { layout, pads: NO_PADS, fill: 0, exact: false, readsPadding: false, output: undefined };
}

function canHalo(node: PlanNode): boolean {
  switch (node.kind) {
    case "kernel":
      return node.node.op.kind !== "global-avg-pool" && node.node.op.kind !== "softmax";
    case "rename":
    case "shuffle":
    case "join":
    case "take":
      return true;
    case "flatten":
    case "reshape":
    case "transpose":
    case "concat":
    case "slice":
      return false;
    default:
      return assertNever(node);
  }
}

function isAlias(node: PlanNode, wanted: Layout, lanes: number): boolean {
  if (node.kind === "rename" || node.kind === "flatten") return true;
  if (node.kind !== "shuffle") return false;
  return freeShuffle(wanted, node.groups, node.size, lanes) !== undefined;
}

/** A border of zeros does for a maximum over values that are not negative. */
function kernelRequest(
  tasks: readonly NodeTask[],
  operand: number,
  layout: Layout,
  nonNegative: boolean,
): Request {
  const [binding, ...others] = tasks.map(({ params }) => activationBinding(params, operand));
  const { view, padValue } = binding;
  const side = (i: number): number => Math.max(view.pads[i], ...others.map((other) => other.view.pads[i]));
  const exact = view.form === "matrix" || view.form === "vector";
  const readsPadding = !(
    view.form === "matrix" ||
    ((view.form === "dense" || view.form === "rows") && view.exact)
  );
  const fill = padValue === LOWEST && nonNegative ? 0 : padValue;
  const pads = [side(0), side(1), side(2), side(3)] as const;
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

function moveRequest(node: MoveNode, layout: Layout): Request {
  return { ...plain(layout), exact: PLANAR_MOVES.includes(node.kind) };
}

/** What memory must offer so that the tensor `written` can be read from it as it is. */
function aliasRequest(node: MoveNode, written: Buffer, layout: Layout): Request {
  const { halo, fill, readsPadding, port } = written;
  const output = port?.kind === "output" ? port.index : undefined;
  const exact = written.exact || node.kind === "flatten";
  return { layout, pads: halo, fill, exact, readsPadding, output };
}
