import type { GraphNode } from "../../graph/graph.ts";
import { freshName, type ImportState } from "./import-state.ts";
import { rowsAfter } from "./rows.ts";
import { elementCount, MOST_ELEMENTS, type Rows, shapeText } from "./value.ts";

/** Adds a node to the graph, if its result can be. */
export function emitNode(
  state: ImportState,
  node: GraphNode,
  shape: readonly number[],
  refuse: (why: string) => never,
): void {
  const { op, inputs, output } = node;
  if (shape.some((d) => d < 1)) refuse(`its output has no elements: its shape is ${shapeText(shape)}`);
  if (elementCount(shape) > MOST_ELEMENTS) {
    refuse(`its output has the shape ${shapeText(shape)}, more than ${MOST_ELEMENTS} elements`);
  }
  const rows = rowsAfter(state, op, inputs, shape, refuse);
  state.nodes.push(node);
  state.producers.set(output, node);
  state.tensors.set(output, { name: output, shape });
  if (rows === undefined) return;
  const cut = op.kind === "slice" && op.axis === rows.axis;
  state.rows.set(
    output,
    cut ? { ...rows, used: usedPart(state, rows, op.start, shape[op.axis], refuse) } : rows,
  );
}

/** Which of so many rows from one on are used; the same tensor whoever asks. */
function usedPart(
  state: ImportState,
  { used }: Rows,
  start: number,
  count: number,
  refuse: (why: string) => never,
): string {
  const key = `${used}[${start}, ${count}]`;
  const known = state.usedParts.get(key);
  if (known !== undefined) return known;
  const output = freshName(state.tensorNames, `${used}/part`);
  const op = { kind: "slice", axis: 0, start } as const;
  emitNode(state, { name: freshName(state.nodeNames, output), op, inputs: [used], output }, [count], refuse);
  state.usedParts.set(key, output);
  return output;
}
