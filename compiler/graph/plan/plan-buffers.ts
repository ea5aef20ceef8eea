import { BYTES } from "../../ir/dtype.ts";
import { isReadType } from "../../ir/port-type.ts";
import { assertNever } from "../../support/assert.ts";
import { valueBounds } from "../bounds.ts";
import { anyExtents, imageExtents, isZero, shapeOf } from "../extents.ts";
import type { Graph, Pads } from "../graph.ts";
import {
  canonicalLayout,
  dtypeOf,
  type Format,
  type Layout,
  naturalLayout,
  PLANAR,
  planarLayout,
  sameLayout,
  shuffledLayout,
} from "../layout.ts";
import type { Room } from "../node-task/conv-algorithms.ts";
import { makeNodeTasks } from "../node-task/make-node-task.ts";
import type { NodeTask, OperandLayouts } from "../node-task/node-task.ts";
import { writesBorders } from "../node-traits.ts";
import { type AlgorithmOptions, ENDLESS, limitsOf } from "./algorithm-options.ts";
import type { Layouts } from "./assign-layouts.ts";
import { type Alias, type Buffer, type Offer, type Request, settleBuffers } from "./buffers.ts";
import type { Formats } from "./formats.ts";
import { joinContext, placeParts } from "./join-in-place.ts";
import { ALIGNMENT } from "./plan-memory.ts";
import { activationOperands, type MoveNode, type PlanNode } from "./plan-node.ts";
import { aliasRequest, kernelRequest, moveRequest, plainRequest } from "./requests.ts";
import { wantedRooms } from "./wanted-room.ts";

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

/** A network's buffers as far as they are planned. */
interface Planning {
  readonly graph: Graph;
  readonly nodes: readonly PlanNode[];
  readonly layouts: Layouts;
  readonly formats: Formats;
  readonly options: AlgorithmOptions;
  readonly bounds: ReturnType<typeof valueBounds>;
  readonly joins: ReturnType<typeof joinContext>;
  /** What readers that were reached ask of a tensor. */
  readonly asked: Map<string, Request[]>;
  readonly buffers: Map<string, readonly Buffer[]>;
  readonly requests: Map<PlanNode, ReadonlyMap<number, Request>>;
  readonly tasks: Map<PlanNode, readonly NodeTask[]>;
}

/**
 * Goes through the network backwards: when a node is reached, all readers of its output have said what
 * they need, so its buffers are settled, and with them what it needs itself.
 */
export function planBuffers(
  graph: Graph,
  nodes: readonly PlanNode[],
  layouts: Layouts,
  { formats, single }: { readonly formats: Formats; readonly single: Format },
  options: AlgorithmOptions,
): BufferPlan {
  const planning: Planning = {
    ...{ graph, nodes, layouts, formats, options },
    bounds: valueBounds(graph),
    joins: joinContext(graph, nodes, layouts),
    asked: new Map(),
    buffers: new Map(),
    requests: new Map(),
    tasks: new Map(),
  };
  const rooms = wantedRooms(graph, nodes, planning.joins.uses, (at) => freeCalls(planning, at));
  const outputs = graph.outputs.map((tensor, i): Request => {
    const layout = canonicalLayout(PLANAR, imageExtents(shapeOf(graph, tensor)), single);
    // whole numbers are made of floats in memory of our own
    const output = graph.tensors.get(tensor)?.type === undefined ? i : undefined;
    return { ...plainRequest(layout), exact: true, output };
  });
  graph.outputs.forEach((tensor, i) => {
    ask(planning, tensor, outputs[i]);
  });
  for (let at = nodes.length - 1; at >= 0; at--) planNode(planning, at, rooms);
  graph.inputs.forEach((tensor, input) => {
    settle(planning, tensor, { input, type: graph.tensors.get(tensor)?.type });
  });
  const { buffers, requests, tasks } = planning;
  return { buffers, requests, tasks, outputs };
}

function planNode(planning: Planning, at: number, rooms: ReadonlyMap<string, Pads>): void {
  const { nodes, layouts, joins, requests } = planning;
  const node = nodes[at];
  const alias = node.kind === "kernel" ? undefined : aliasOf(planning, node, layouts.wanted(at, 0));
  const written = settle(planning, node.output, {
    canHalo: canHalo(planning.graph, node),
    alias,
    part: joins.parts.get(node.output),
    room: rooms.get(node.output),
  });
  if (node.kind === "join") placeParts(node, written, joins);
  const needs =
    node.kind === "kernel"
      ? kernelNeeds(planning, node, at, written)
      : moveNeeds(node, written, alias !== undefined, (operand) => layouts.wanted(at, operand));
  requests.set(node, needs);
  for (const [operand, request] of needs) ask(planning, node.inputs[operand], request);
}

type KernelPlanNode = PlanNode & { readonly kind: "kernel" };

/** Makes the kernel calls of a node for where its output lies; what they ask of its operands. */
function kernelNeeds(
  planning: Planning,
  node: KernelPlanNode,
  at: number,
  written: Buffer,
): ReadonlyMap<number, Request> {
  const { graph, bounds, tasks, options } = planning;
  const { inputs } = operandLayouts(planning, node, at, written.layout);
  const [, , rows, columns] = written.halo;
  const limits = limitsOf(node, options, planning.formats(node.output));
  const bordered = written.source.kind === "part" || written.halo.some((pad) => pad !== 0);
  const room = limits && { rows, columns, ...limits };
  const made = callsOf(planning, node, at, { layout: written.layout, bordered }, room);
  tasks.set(node, made);
  const operands = activationOperands(graph, node.node);
  return new Map(
    operands.map((operand) => {
      const nonNegative = (bounds.get(node.inputs[operand])?.lo ?? -1) >= 0;
      const request = kernelRequest(made, operand, inputs[operand], nonNegative);
      const type = node.node.op.kind === "frame" && graph.tensors.get(node.inputs[operand])?.type;
      return [operand, type && isReadType(type) ? { ...request, type } : request];
    }),
  );
}

function moveNeeds(
  node: MoveNode,
  written: Buffer,
  aliases: boolean,
  wanted: (operand: number) => Layout,
): ReadonlyMap<number, Request> {
  const request = (layout: Layout): Request =>
    aliases ? aliasRequest(node, written, layout) : moveRequest(node, layout);
  return new Map(node.inputs.map((_, i) => [i, request(wanted(i))]));
}

function operandLayouts(
  { graph, layouts }: Planning,
  node: KernelPlanNode,
  at: number,
  output: Layout,
): OperandLayouts {
  const operands = activationOperands(graph, node.node);
  const inputs = node.inputs.map((_, i) =>
    operands.includes(i) ? layouts.wanted(at, operands.indexOf(i)) : PLANAR,
  );
  return { inputs, output };
}

function ask({ asked }: Planning, tensor: string, request: Request): void {
  const before = asked.get(tensor);
  if (before === undefined) asked.set(tensor, [request]);
  else before.push(request);
}

/** Decides on the buffers of a tensor; gives the one that its producer writes. */
function settle({ graph, layouts, asked, buffers }: Planning, tensor: string, how: Partial<Offer>): Buffer {
  const extents = anyExtents(shapeOf(graph, tensor));
  const nothing = { input: undefined, type: undefined, alias: undefined, part: undefined, room: undefined };
  const offer = { tensor, extents, layout: layouts.written(tensor), canHalo: false, ...nothing, ...how };
  const settled = settleBuffers(offer, asked.get(tensor) ?? []);
  buffers.set(tensor, settled);
  return settled[0];
}

function callsOf(
  planning: Planning,
  node: KernelPlanNode,
  at: number,
  { layout, bordered }: { readonly layout: Layout; readonly bordered: boolean },
  room: Room | undefined,
): readonly NodeTask[] {
  const layouts = { ...operandLayouts(planning, node, at, layout), bordered };
  return makeNodeTasks(planning.graph, node.node, layouts, room);
}

/** The kernel calls of a node where there is room for all that they would hang over. */
function freeCalls(planning: Planning, at: number): readonly NodeTask[] {
  const node = planning.nodes[at];
  if (node.kind !== "kernel") return [];
  const limits = limitsOf(node, planning.options, planning.formats(node.output));
  const written = { layout: planning.layouts.written(node.output), bordered: false };
  return callsOf(planning, node, at, written, limits && { ...ENDLESS, ...limits });
}

function canHalo(graph: Graph, node: PlanNode): boolean {
  switch (node.kind) {
    case "kernel":
      return writesBorders(graph, node.node);
    case "rename":
    case "shuffle":
    case "join":
    case "take":
    case "spread":
    case "collect":
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

/** Where in its operand's memory a node's result lies, if it does; a reshape of rows of elements is all of it. */
function aliasOf(planning: Planning, node: MoveNode, wanted: Layout): Alias | undefined {
  const { graph, formats } = planning;
  const [of] = node.inputs;
  const all = { of, channel: 0 };
  if (node.kind === "rename" || node.kind === "flatten") return all;
  if (node.kind === "reshape") {
    const format = formats(of);
    const rows = canonicalLayout(planarLayout(format), imageExtents(shapeOf(graph, of)), format);
    const same = sameLayout(wanted, rows);
    return same ? all : undefined;
  }
  if (node.kind === "take")
    return staysInPlace(planning, node, wanted) ? { of, channel: node.start } : undefined;
  if (node.kind !== "shuffle") return undefined;
  return shuffledLayout(wanted, node.groups, node.size, formats(of)) === undefined ? undefined : all;
}

/** Channels of one image that are whole vectors, at an aligned address, where no reader wants a border that they cannot have. */
function staysInPlace(
  { graph, layouts, formats, joins, asked }: Planning,
  { inputs: [x], output, start }: MoveNode & { readonly kind: "take" },
  wanted: Layout,
): boolean {
  const format = formats(output);
  const natural = naturalLayout(format);
  const [n, channels] = shapeOf(graph, output);
  const whole =
    n === 1 && start % (ALIGNMENT / BYTES[dtypeOf(format)]) === 0 && channels % format.lanes === 0;
  const inBlocks = sameLayout(wanted, natural) && sameLayout(layouts.written(output), natural);
  if (!whole || !inBlocks || joins.parts.has(output) || graph.outputs.includes(output)) return false;
  const producer = joins.producers.get(x);
  const place = joins.parts.get(x);
  const canHave = (pads: Pads): boolean => {
    if (isZero(pads)) return true;
    if (producer === undefined || graph.outputs.includes(x) || !canHalo(graph, producer)) return false;
    return place === undefined || pads.every((pad, side) => pad <= place.of.halo[side]);
  };
  if (asked.get(output)?.every(({ pads }) => canHave(pads)) === false) return false;
  return joins.memory.keep(output, x);
}
