import type { Gather, GraphNode, PadOp, Resample, ResampledAxis } from "../../graph/graph.ts";
import { assertNever, defined } from "../../support/assert.ts";
import { addFloats, addIntegers, tensorOf, type Writer } from "./export-writer.ts";
import type { OnnxNode } from "./model.ts";
import { intAttribute, intsAttribute } from "./node-attributes.ts";

/** Makes initializers, and gives their names. */
interface Constants {
  readonly integers: (part: string, values: readonly number[]) => string;
  readonly floats: (part: string, shape: readonly number[], data: Float32Array) => string;
}
type Unnamed = Omit<OnnxNode, "name" | "output">;

/** A node along some axes as an ONNX operator; those that are needed before it are written here. */
export function alongOperator(writer: Writer, node: GraphNode, op: Gather | Resample | PadOp): OnnxNode {
  const [from = ""] = node.inputs;
  return alongChain(writer, node, { from, shape: tensorOf(writer.graph, from).shape }, op);
}

/** The same of a tensor that only the file has. */
export function alongChain(
  writer: Writer,
  { name, output }: Pick<GraphNode, "name" | "output">,
  { from, shape }: { readonly from: string; readonly shape: readonly number[] },
  op: Gather | Resample | PadOp,
): OnnxNode {
  const operators = alongNodes(op, shape, {
    integers: (part, values) => addIntegers(writer, `${output}/${part}`, values),
    floats: (part, dims, data) => addFloats(writer, `${output}/${part}`, dims, data),
  });
  const between = (i: number): string => (i === 0 ? from : `${output}/step${i}`);
  const linked = operators.map((each, i) => ({
    ...each,
    input: [between(i), ...(each.input ?? []).slice(1)],
  }));
  linked.slice(0, -1).forEach((each, i) => {
    writer.nodes.push({ ...each, name: `${name}/step${i + 1}`, output: [between(i + 1)] });
  });
  return defined(linked.at(-1), `operators of ${name}`);
}

/**
 * A node along some axes as ONNX operators, each of what the one before it gives: a Gather for each axis, one Pad, or for a resampled
 * axis the product with a matrix that has the weights of each element in a row.
 */
function alongNodes(
  op: Gather | Resample | PadOp,
  shape: readonly number[],
  constants: Constants,
): readonly Unnamed[] {
  switch (op.kind) {
    case "gather":
      return op.axes.map(({ axis, at }) => ({
        opType: "Gather",
        input: ["", constants.integers(`indices${axis}`, at)],
        attribute: [intAttribute("axis", axis)],
      }));
    case "pad": {
      const pads = (side: "before" | "after"): readonly number[] =>
        shape.map((_, d) => op.axes.find(({ axis }) => axis === d)?.[side] ?? 0);
      const value = constants.floats("value", [], Float32Array.of(op.value));
      return [
        {
          opType: "Pad",
          input: ["", constants.integers("pads", [...pads("before"), ...pads("after")]), value],
        },
      ];
    }
    case "resample":
      return op.axes.flatMap((along) => product(along, shape, constants));
    default:
      return assertNever(op);
  }
}

/** The axis last, times the matrix, and where it was. */
function product(
  { axis, taps, at, weights }: ResampledAxis,
  shape: readonly number[],
  { floats }: Constants,
): readonly Unnamed[] {
  const [from, to] = [shape[axis], at.length / taps];
  const matrix = new Float32Array(from * to);
  at.forEach((i, k) => {
    matrix[i * to + Math.floor(k / taps)] += weights[k];
  });
  const times: Unnamed = { opType: "MatMul", input: ["", floats(`weights${axis}`, [from, to], matrix)] };
  const last = shape.length - 1;
  if (axis === last) return [times];
  const perm = shape.map((_, d) => (d === axis ? last : d === last ? axis : d));
  const turn: Unnamed = { opType: "Transpose", input: [""], attribute: [intsAttribute("perm", perm)] };
  return [turn, times, turn];
}
