import type { Frame, GraphNode } from "../../graph/graph.ts";
import { defined } from "../../support/assert.ts";
import { alongChain } from "./export-along.ts";
import { addFloats, addIntegers, tensorOf, type Writer, written } from "./export-writer.ts";
import type { OnnxNode } from "./model.ts";
import { intAttribute, intsAttribute } from "./node-attributes.ts";

/** A picture as exporters would write it: Transpose, Gather of the channels in reverse, Sub; the last of its nodes is the Mul. */
export function frameOperator(writer: Writer, { inputs, output }: GraphNode, op: Frame): OnnxNode {
  const step = (part: string, node: OnnxNode): string => written(writer, `${output}/${part}`, node);
  const perChannel = (part: string, i: number): string => {
    const data = defined(tensorOf(writer.graph, inputs[i]).data, `constant ${inputs[i]}`);
    return addFloats(writer, `${output}/${part}`, [1, data.length, 1, 1], data);
  };
  const [n, channels] = tensorOf(writer.graph, output).shape;
  let x = inputs[0];
  if (op.layout === "nhwc") {
    const attribute = [intsAttribute("perm", [0, 3, 1, 2])];
    x = step("nchw", { opType: "Transpose", input: [x], attribute });
  }
  if (op.reversed) {
    const order = Array.from({ length: channels }, (_, c) => channels - 1 - c);
    const indices = addIntegers(writer, `${output}/order`, order);
    x = step("reversed", { opType: "Gather", input: [x, indices], attribute: [intAttribute("axis", 1)] });
  }
  if (op.resized !== undefined) {
    const given = tensorOf(writer.graph, inputs[0]).shape;
    const [rows, columns] = op.layout === "nhwc" ? given.slice(1, 3) : given.slice(2, 4);
    const axes = [op.resized.rows, op.resized.columns];
    const shape = [n, channels, rows, columns];
    const name = `${output}/resized`;
    x = step(
      "resized",
      alongChain(writer, { name, output: name }, { from: x, shape }, { kind: "resample", axes }),
    );
  }
  const centred = step("centred", { opType: "Sub", input: [x, perChannel("mean", 1)] });
  return { opType: "Mul", input: [centred, perChannel("scale", 2)] };
}
