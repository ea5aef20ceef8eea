import type { Graph } from "../graph.ts";
import type { Buffer } from "./buffers.ts";
import { type PlanNode, tensorSize } from "./plan-node.ts";

/** The nodes from that which writes a tensor to its last reader, by number, both included. */
interface Span {
  readonly first: number;
  readonly last: number;
}

/**
 * How many elements live while each node runs, as joins take more and more tensors into their buffers: a tensor that
 * lies in a joined buffer from the start keeps all of that buffer.
 */
export interface ReservedMemory {
  /** Whether a tensor may lie in this buffer without raising the most that the network needs at a time by much; if so it does. */
  reserve(tensor: string, into: Buffer): boolean;
  /** The same of a tensor that may stay in another one's memory, and so keeps all of that. */
  keep(tensor: string, of: string): boolean;
}

/** How much more the network may need at a time, as copies take time. */
const SLACK = 1.1;

export function reservedMemory(graph: Graph, nodes: readonly PlanNode[]): ReservedMemory {
  const spans = tensorSpans(graph, nodes);
  const live = new Float64Array(nodes.length);
  for (const [tensor, span] of spans) addLive(live, span, tensorSize(graph, tensor));
  const most = SLACK * live.reduce((a, b) => Math.max(a, b), 0);
  /** Of joined buffers. */
  const held = new Map<Buffer, Span>();
  const attempt = (changes: readonly (readonly [Span, number])[]): boolean => {
    for (const [span, elements] of changes) addLive(live, span, elements);
    const fits = changes.every(([{ first, last }]) => live.subarray(first, last + 1).every((n) => n <= most));
    if (!fits) for (const [span, elements] of changes) addLive(live, span, -elements);
    return fits;
  };
  return {
    reserve(tensor, into) {
      const own = spans.get(tensor);
      const root = rootOf(into);
      const before = held.get(root) ?? spans.get(root.tensor);
      if (own === undefined || before === undefined) return false;
      const after = { first: Math.min(before.first, own.first), last: Math.max(before.last, own.last) };
      const size = tensorSize(graph, root.tensor);
      const fits = attempt([
        [own, -tensorSize(graph, tensor)],
        [{ first: after.first, last: before.first - 1 }, size],
        [{ first: before.last + 1, last: after.last }, size],
      ]);
      if (fits) held.set(root, after);
      return fits;
    },
    keep(tensor, of) {
      const [own, whole] = [spans.get(tensor), spans.get(of)];
      if (own === undefined || whole === undefined) return false;
      const last = Math.max(whole.last, own.last);
      const fits = attempt([
        [own, -tensorSize(graph, tensor)],
        [{ first: whole.last + 1, last }, tensorSize(graph, of)],
      ]);
      if (fits) spans.set(of, { ...whole, last });
      return fits;
    },
  };
}

/** Counts what lives from the first to the last of a span, both included. */
export function addLive(live: Float64Array, { first, last }: Span, size: number): void {
  for (let at = first; at <= last; at++) live[at] += size;
}

function rootOf(buffer: Buffer): Buffer {
  let at = buffer;
  while (at.source.kind === "part") at = at.source.of;
  return at;
}

/** Of what nodes write, but for the network's outputs, which lie in the caller's memory. */
function tensorSpans(graph: Graph, nodes: readonly PlanNode[]): Map<string, Span> {
  const spans = new Map<string, Span>();
  nodes.forEach(({ inputs, output }, at) => {
    for (const tensor of inputs) {
      const span = spans.get(tensor);
      if (span !== undefined) spans.set(tensor, { ...span, last: at });
    }
    if (!graph.outputs.includes(output)) spans.set(output, { first: at, last: at });
  });
  return spans;
}
