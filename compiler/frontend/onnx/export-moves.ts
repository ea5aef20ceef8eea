import type {
  Concat,
  ConstantOp,
  Gather,
  GraphNode,
  PadOp,
  Resample,
  Reshape,
  Slice,
  Transpose,
} from "../../graph/graph.ts";
import { assertNever } from "../../support/assert.ts";
import { alongOperator } from "./export-along.ts";
import { addIntegers, tensorOf, type Writer } from "./export-writer.ts";
import type { OnnxNode } from "./model.ts";
import { intAttribute, intsAttribute } from "./node-attributes.ts";

/** The ONNX operator of a node that moves values, or makes each of few others by known weights. */
export function moveOperator(
  writer: Writer,
  node: GraphNode,
  op: Reshape | Transpose | Concat | Slice | ConstantOp | Gather | Resample | PadOp,
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
