import type { OnnxGraph, OnnxNode } from "./model.ts";

/** Branches and bodies of a node. */
function graphsOf(node: OnnxNode): readonly OnnxGraph[] {
  return (node.attribute ?? []).flatMap(({ g }) => (g === undefined ? [] : [g]));
}

/** What a node reads: its inputs, and names that its branches take from the graph around them. */
export function namesRead(node: OnnxNode): readonly string[] {
  const own = (node.input ?? []).filter((name) => name !== "");
  return [...own, ...graphsOf(node).flatMap(namesFromOutside)];
}

function namesFromOutside(graph: OnnxGraph): readonly string[] {
  const inner = new Set(namesDefined(graph));
  for (const { name } of graph.input ?? []) inner.add(name ?? "");
  const read = (graph.node ?? []).flatMap(namesRead);
  const given = (graph.output ?? []).map(({ name }) => name ?? "");
  return [...read, ...given].filter((name) => !inner.has(name));
}

/** Names of initializers and results of a graph. */
export function namesDefined(graph: OnnxGraph): readonly string[] {
  return [
    ...(graph.initializer ?? []).map(({ name }) => name ?? ""),
    ...(graph.node ?? []).flatMap(({ output }) => output ?? []).filter((name) => name !== ""),
  ];
}

/** The graph with other names, in the branches of its nodes, too. */
export function renameGraph(graph: OnnxGraph, rename: (name: string) => string): OnnxGraph {
  const renamed = <T extends { readonly name?: string }>(items: readonly T[] = []): readonly T[] =>
    items.map((item) => ({ ...item, name: rename(item.name ?? "") }));
  return {
    ...graph,
    node: (graph.node ?? []).map((node) => ({
      ...node,
      input: (node.input ?? []).map(rename),
      output: (node.output ?? []).map(rename),
      attribute: (node.attribute ?? []).map((attribute) =>
        attribute.g === undefined ? attribute : { ...attribute, g: renameGraph(attribute.g, rename) },
      ),
    })),
    initializer: renamed(graph.initializer),
    input: renamed(graph.input),
    output: renamed(graph.output),
  };
}
