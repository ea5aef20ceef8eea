import { beyondLimit } from "./errors.ts";
import type { OnnxGraph, OnnxNode } from "./model.ts";

// What a file of some bytes may ask of the compiler. Each limit is several times what the largest networks have.

const MOST_NODES = 20_000;
/** Names that nodes read and write, all together; and of one node. */
const MOST_OPERANDS = 100_000;
const MOST_OPERANDS_OF_ONE = 1_000;
/** Inputs and outputs of a network, each. */
const MOST_PORTS = 1_000;
export const MOST_DIMENSIONS = 16;
/** Elements of all tensors of a file and of those beside it: 8 GiB as float32. */
export const MOST_GIVEN = 2 ** 31;
/** Weights that the import makes out of a file's: as often as they are there, and some. */
const MADE_FROM_EACH = 4;
const MADE_ANYWAY = 2 ** 24;

/** Throws F116 where a graph has more nodes, operands or ports than any network. */
export function checkCounts(name: string, graph: OnnxGraph): void {
  const check = (count: number, most: number, what: string): void => {
    if (count > most) throw beyondLimit(name, `${what}: there are ${count}, at most ${most} are compiled`);
  };
  const nodes = allNodes(graph);
  check(nodes.length, MOST_NODES, "nodes");
  let operands = 0;
  for (const node of nodes) {
    const own = (node.input?.length ?? 0) + (node.output?.length ?? 0);
    check(own, MOST_OPERANDS_OF_ONE, `inputs and outputs of node \`${node.name || node.output?.[0]}\``);
    operands += own;
  }
  check(operands, MOST_OPERANDS, "inputs and outputs of nodes");
  check(graph.input?.length ?? 0, MOST_NODES, "inputs, initializers among them");
  check(graph.output?.length ?? 0, MOST_PORTS, "outputs");
}

/** Nodes of branches and bodies, too. */
function allNodes(graph: OnnxGraph): readonly OnnxNode[] {
  return (graph.node ?? []).flatMap((node) => [
    node,
    ...(node.attribute ?? []).flatMap(({ g }) => (g === undefined ? [] : allNodes(g))),
  ]);
}

/** Elements of weights that the import may make, of a file that holds `given`. */
export function mostMade(given: number): number {
  return MADE_ANYWAY + MADE_FROM_EACH * given;
}
