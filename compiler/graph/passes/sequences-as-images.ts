import { type Draft, rebuild } from "../draft.ts";
import type { Graph, GraphNode } from "../graph.ts";

/**
 * What is done to the elements of sequences [N,C,L] between layers that take them as images [N,C,1,L] is done to the images:
 * the reshapes around it meet, and vanish.
 */
export function sequencesAsImages(graph: Graph): Graph {
  return rebuild(graph, (node, draft) => {
    const activations = node.inputs.filter((name) => draft.constant(name) === undefined);
    const images = activations.map((name) => imageOf(name, draft));
    if (!local(node, draft) || images.every((image) => image === undefined)) {
      draft.push(node);
      return;
    }
    const inputs = node.inputs.map((name) => asImage(name, node, draft));
    const output = draft.addTensor(`${node.output}/row`, ofOneRow(draft.shape(node.output)));
    const { op } = node;
    const moved = (op.kind === "concat" || op.kind === "slice") && op.axis === 2 ? { ...op, axis: 3 } : op;
    draft.push({ ...node, op: moved, inputs, output });
    draft.push({
      name: `${node.name}/sequence`,
      op: { kind: "reshape" },
      inputs: [output],
      output: node.output,
    });
  });
}

/** The image of one row that a sequence was. */
function imageOf(tensor: string, draft: Draft): string | undefined {
  const reshape = draft.producer(tensor);
  if (reshape?.op.kind !== "reshape") return undefined;
  const [image] = reshape.inputs;
  return isSequence(tensor, draft) && draft.shape(image).join() === ofOneRow(draft.shape(tensor)).join()
    ? image
    : undefined;
}

function isSequence(tensor: string, draft: Draft): boolean {
  return draft.shape(tensor).length === 3;
}

function ofOneRow(shape: readonly number[]): readonly number[] {
  return shape.toSpliced(2, 0, 1);
}

/** A node of which each element of the result is of the same place of its operands. */
function local({ op, inputs, output }: GraphNode, draft: Draft): boolean {
  if (!isSequence(output, draft)) return false;
  switch (op.kind) {
    case "batch-norm":
    case "clamp":
    case "activation":
    case "prelu":
    case "instance-norm":
      return true;
    case "add":
    case "mul":
    case "elementwise":
      return inputs.every((name) => isSequence(name, draft));
    case "concat":
    case "slice":
      return op.axis > 0;
    default:
      return false;
  }
}

/** An operand as an image; constants of each channel stay as they are. */
function asImage(tensor: string, node: GraphNode, draft: Draft): string {
  if (!isSequence(tensor, draft)) return tensor;
  const image = imageOf(tensor, draft);
  if (image !== undefined) return image;
  const made = draft.addTensor(`${tensor}/row`, ofOneRow(draft.shape(tensor)), draft.constant(tensor));
  if (draft.constant(tensor) === undefined) {
    draft.push({ name: `${node.name}/row`, op: { kind: "reshape" }, inputs: [tensor], output: made });
  }
  return made;
}
