import { inconsistent } from "./errors.ts";
import type { OnnxGraph, OnnxNode } from "./model.ts";
import { namesRead } from "./subgraphs.ts";

/**
 * The nodes that reach an output, each behind those whose results it reads; a file in order keeps its order. Converters append
 * nodes where they please, and leave branches that nothing reads. Errors: F114 for nodes that wait for one another.
 */
export function orderNodes(graph: OnnxGraph): readonly OnnxNode[] {
  const nodes = graph.node ?? [];
  const producers = new Map<string, number[]>();
  nodes.forEach((node, i) => {
    for (const output of node.output ?? [])
      if (output) producers.set(output, [...(producers.get(output) ?? []), i]);
  });
  const sources = nodes.map((node) => [
    ...new Set(namesRead(node).flatMap((name) => producers.get(name) ?? [])),
  ]);
  const outputs = (graph.output ?? []).flatMap(({ name }) => producers.get(name ?? "") ?? []);
  const live = reached(sources, outputs);
  return sorted(nodes, sources)
    .filter((i) => live.has(i))
    .map((i) => nodes[i]);
}

function reached(sources: readonly (readonly number[])[], from: readonly number[]): ReadonlySet<number> {
  const found = new Set(from);
  // a set that grows while it is walked through
  for (const i of found) for (const source of sources[i]) found.add(source);
  return found;
}

/** Depth first from each node in the file's order, without recursion: networks are thousands of nodes deep. */
function sorted(nodes: readonly OnnxNode[], sources: readonly (readonly number[])[]): readonly number[] {
  const order: number[] = [];
  const state = new Map<number, "waiting" | "done">();
  for (const first of nodes.keys()) {
    const stack = [first];
    while (stack.length > 0) {
      const i = stack[stack.length - 1];
      const missing = state.has(i) ? [] : sources[i].filter((source) => state.get(source) !== "done");
      if (missing.length > 0) {
        state.set(i, "waiting");
        const loop = missing.find((source) => state.get(source) === "waiting" || source === i);
        if (loop !== undefined) throw waitsForItself(nodes[loop]);
        stack.push(...missing.reverse());
        continue;
      }
      stack.pop();
      if (state.get(i) !== "done") order.push(i);
      state.set(i, "done");
    }
  }
  return order;
}

function waitsForItself(node: OnnxNode): Error {
  const name = node.name || node.output?.[0] || "";
  return inconsistent(
    `node \`${name}\` (${node.opType ?? ""})`,
    "it reads what is computed from its own result",
  );
}
