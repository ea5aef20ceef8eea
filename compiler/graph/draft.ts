import { defined } from "../support/assert.ts";
import type { Graph, GraphNode, Tensor } from "./graph.ts";

/**
 * A graph being rebuilt, node by node in topological order: what a pass works on. The graph it came
 * from stays as it is; `finish` gives the new one.
 */
export interface Draft {
  readonly graph: Graph;
  /** The node that writes `tensor`, as rebuilt so far; undefined for inputs and constants. */
  producer(tensor: string): GraphNode | undefined;
  /** True when exactly one node reads the tensor and it is no network output: it may be fused away. */
  isOnlyUse(tensor: string): boolean;
  /** Logical contents of a constant, undefined for any other tensor. */
  constant(tensor: string): Float32Array | undefined;
  shape(tensor: string): readonly number[];
  push(node: GraphNode): void;
  replace(old: GraphNode, by: GraphNode): void;
  remove(node: GraphNode): void;
  /** Later readers of `from` read `to` instead. */
  substitute(from: string, to: string): void;
  /** Adds a tensor under a name like `base` that is still free, and returns that name. */
  addTensor(base: string, shape: readonly number[], data?: Float32Array): string;
}

/** Visits every node with its inputs already substituted; the visitor pushes what stays of it. */
export function rebuild(graph: Graph, visit: (node: GraphNode, draft: Draft) => void): Graph {
  const nodes: GraphNode[] = [];
  const tensors = new Map(graph.tensors);
  const producers = new Map<string, GraphNode>();
  const renamed = new Map<string, string>();
  const uses = countUses(graph);

  const place = (node: GraphNode): number => nodes.findLastIndex((n) => n.output === node.output);

  const draft: Draft = {
    graph,
    producer: (tensor) => producers.get(tensor),
    isOnlyUse: (tensor) => uses.get(tensor) === 1 && !graph.outputs.includes(tensor),
    constant: (tensor) => tensors.get(tensor)?.data,
    shape: (tensor) => defined(tensors.get(tensor), `tensor ${tensor}`).shape,
    push: (node) => {
      nodes.push(node);
      producers.set(node.output, node);
    },
    replace: (old, by) => {
      nodes[place(old)] = by;
      producers.delete(old.output);
      producers.set(by.output, by);
    },
    remove: (node) => {
      nodes.splice(place(node), 1);
      producers.delete(node.output);
    },
    substitute: (from, to) => {
      renamed.set(from, to);
      uses.set(to, (uses.get(to) ?? 0) + (uses.get(from) ?? 0) - 1);
    },
    addTensor: (base, shape, data) => {
      let name = base;
      for (let i = 1; tensors.has(name); i++) name = `${base}.${i}`;
      tensors.set(name, data === undefined ? { name, shape } : { name, shape, data });
      uses.set(name, 1);
      return name;
    },
  };

  for (const node of graph.nodes) {
    const inputs = node.inputs.map((name) => renamed.get(name) ?? name);
    const same = inputs.every((name, i) => name === node.inputs[i]);
    visit(same ? node : { ...node, inputs }, draft);
  }
  const unchanged = nodes.length === graph.nodes.length && nodes.every((n, i) => n === graph.nodes[i]);
  return unchanged ? graph : { ...graph, nodes, tensors: usedTensors({ ...graph, nodes, tensors }) };
}

/** How many node inputs read each tensor. */
export function countUses(graph: Graph): Map<string, number> {
  const uses = new Map<string, number>();
  for (const node of graph.nodes) {
    for (const name of node.inputs) uses.set(name, (uses.get(name) ?? 0) + 1);
  }
  return uses;
}

/** The tensors some node or port still names, in their old order. */
export function usedTensors(graph: Graph): ReadonlyMap<string, Tensor> {
  const used = new Set([...graph.inputs, ...graph.outputs]);
  for (const node of graph.nodes) {
    used.add(node.output);
    for (const name of node.inputs) used.add(name);
  }
  return new Map([...graph.tensors].filter(([name]) => used.has(name)));
}
