import type {
  Concat,
  ConstantOp,
  DepthToSpace,
  Gather,
  GraphNode,
  PadOp,
  Resample,
  Reshape,
  Slice,
  SpaceToDepth,
  Transpose,
} from "../../graph/graph.ts";
import { assertNever } from "../../support/assert.ts";
import { alongOperator } from "./export-along.ts";
import { spaceOperator } from "./export-space.ts";
import { addIntegers, tensorOf, type Writer } from "./export-writer.ts";
import type { OnnxNode } from "./model.ts";
import { intAttribute, intsAttribute } from "./node-attributes.ts";

/** The ONNX operator of a node that moves values, or makes each of few others by known weights. */
export function moveOperator(
  writer: Writer,
  node: GraphNode,
  op:
    | Reshape
    | Transpose
    | Concat
    | Slice
    | ConstantOp
    | Gather
    | Resample
    | PadOp
    | DepthToSpace
    | SpaceToDepth,
): OnnxNode {
  const { inputs: input, output } = node;
  const shape = (tensor: string): readonly number[] => tensorOf(writer.graph, tensor).shape;
  switch (op.kind) {
    case "reshape": {
      const wanted = addIntegers(writer, `${output}/shape`, shape(output));
      return { opType: "Reshape", input: [input[0] ?? "", wanted] };
    }
    case "transpose":
      return { opType: "Transpose", input, attribute: [intsAttribute("perm", op.perm)] };
    case "concat":
      return { opType: "Concat", input, attribute: [intAttribute("axis", op.axis)] };
    case "slice": {
      const { axis, start } = op;
      const bound = (part: string, value: number): string =>
        addIntegers(writer, `${output}/${part}`, [value]);
      const end = start + (shape(output)[axis] ?? 0);
      return {
        opType: "Slice",
        input: [input[0] ?? "", bound("starts", start), bound("ends", end), bound("axes", axis)],
      };
    }
    case "depth-to-space":
    case "space-to-depth":
      return spaceOperator(op, input[0] ?? "", [shape(input[0] ?? ""), shape(output)], {
        name: output,
        push: (before) => void writer.nodes.push(before),
        integers: (part, values) => addIntegers(writer, `${output}/${part}`, values),
      });
    case "constant":
      return { opType: "Identity", input };
    case "gather":
    case "resample":
    case "pad":
      return alongOperator(writer, node, op);
    default:
      return assertNever(op);
  }
}
