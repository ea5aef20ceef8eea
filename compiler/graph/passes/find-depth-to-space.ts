import { type Draft, rebuild } from "../draft.ts";
import type { DepthToSpace, Graph, GraphNode, SpaceToDepth } from "../graph.ts";

/** Reshape to six dimensions, transpose, reshape back: how many exporters write a pixel shuffle, or its reverse. */
export function findDepthToSpace(graph: Graph): Graph {
  return rebuild(graph, (node, draft) => {
    const chain = chainOf(node, draft);
    const op = chain && moveOf(chain, draft);
    if (chain === undefined || op === undefined) {
      draft.push(node);
      return;
    }
    draft.remove(chain.transpose);
    draft.replace(chain.first, { ...node, op, inputs: chain.first.inputs });
  });
}

interface Chain {
  readonly first: GraphNode;
  readonly transpose: GraphNode;
  readonly perm: string;
  readonly last: GraphNode;
}

function chainOf(last: GraphNode, draft: Draft): Chain | undefined {
  const before = (node: GraphNode): GraphNode | undefined =>
    draft.isOnlyUse(node.inputs[0]) ? draft.producer(node.inputs[0]) : undefined;
  const transpose = last.op.kind === "reshape" ? before(last) : undefined;
  if (transpose?.op.kind !== "transpose") return undefined;
  const first = before(transpose);
  if (first?.op.kind !== "reshape") return undefined;
  return { first, transpose, perm: transpose.op.perm.join(), last };
}

/** The one move that the three nodes are, if they are one. */
function moveOf({ first, perm, last }: Chain, draft: Draft): DepthToSpace | SpaceToDepth | undefined {
  const [from, six, to] = [first.inputs[0], first.output, last.output].map((name) => draft.shape(name));
  if (from.length !== 4 || six.length !== 6 || to.length !== 4) return undefined;
  const spread = (op: Pick<DepthToSpace, "order" | "blocks">, channels: number): DepthToSpace | undefined => {
    const [bh, bw] = op.blocks;
    const [n, h, w] = [six[0], six[4], six[5]];
    const fits =
      from.join() === [n, channels * bh * bw, h, w].join() &&
      to.join() === [n, channels, h * bh, w * bw].join();
    return fits ? { kind: "depth-to-space", ...op, from: [0, 0] } : undefined;
  };
  switch (perm) {
    case "0,3,4,1,5,2":
      return spread({ order: "blocks-first", blocks: [six[1], six[2]] }, six[3]);
    case "0,1,4,2,5,3":
      return spread({ order: "channels-first", blocks: [six[2], six[3]] }, six[1]);
    case "0,3,5,1,2,4":
    case "0,1,3,5,2,4": {
      const [n, c, h, bh, w, bw] = six;
      const fits =
        from.join() === [n, c, h * bh, w * bw].join() && to.join() === [n, c * bh * bw, h, w].join();
      const order = perm === "0,3,5,1,2,4" ? "blocks-first" : "channels-first";
      return fits ? { kind: "space-to-depth", blocks: [bh, bw], order } : undefined;
    }
    default:
      return undefined;
  }
}
