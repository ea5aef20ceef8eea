import type { GraphNode } from "../../graph/graph.ts";
import type { NonMax, UsedRows } from "../../graph/search-ops.ts";
import { FLOAT_LARGEST } from "../../ir/dtype.ts";
import { addFloats, addIntegers, castNode, tensorOf, type Writer, written } from "./export-writer.ts";
import type { OnnxNode } from "./model.ts";
import { intAttribute } from "./node-attributes.ts";
import { BOOL, FLOAT32 } from "./schema.ts";

// What ONNX finds as many of as there are, as lists of a fixed length.

/** Appends one number so often, and takes the first `size` of all. */
function filledTo(writer: Writer, list: string, size: number, filler: number): string {
  const part = (name: string): string => `${list}/${name}`;
  const more = addFloats(writer, part("filler"), [size], new Float32Array(size).fill(filler));
  const all = written(writer, part("all"), {
    ...{ opType: "Concat", input: [list, more] },
    attribute: [intAttribute("axis", 0)],
  });
  const ends = [0, size].map((end, i) => addIntegers(writer, part(`end${i}`), [end]));
  return written(writer, part("filled"), { opType: "Slice", input: [all, ...ends] });
}

/** Scores that are no number lie below. */
const LEAST = -FLOAT_LARGEST;

/** ONNX lists what it selects: a list of its own for each class. */
export function nonMaxOperator(writer: Writer, { inputs, output }: GraphNode, op: NonMax): OnnxNode {
  const [boxes = "", scores = ""] = inputs;
  const [n = 0, classes = 0] = tensorOf(writer.graph, scores).shape;
  const { shape } = tensorOf(writer.graph, output);
  const [, , most = 0] = shape;
  const part = (name: string): string => `${output}/${name}`;
  const limit = (name: string, value: number): string =>
    addFloats(writer, part(name), [1], Float32Array.of(value));
  const limits = [
    ...[addIntegers(writer, part("most"), [most]), limit("overlap", op.overlap)],
    limit("least", op.least ?? LEAST),
  ];
  const none = written(writer, part("none"), { opType: "IsNaN", input: [scores] });
  const lowest = addFloats(writer, part("lowest"), [], Float32Array.of(Number.NEGATIVE_INFINITY));
  const ordered = written(writer, part("scores"), { opType: "Where", input: [none, lowest, scores] });
  const one = (x: string, name: string, axis: number, at: number): string => {
    const bounds = [at, at + 1, axis].map((v, i) => addIntegers(writer, part(`${name}/${i}`), [v]));
    return written(writer, part(name), { opType: "Slice", input: [x, ...bounds] });
  };
  const column = addIntegers(writer, part("column"), [2]);
  const lists = Array.from({ length: n * classes }, (_, i) => {
    const [batch, c] = [Math.floor(i / classes), i % classes];
    const input = [
      one(boxes, `boxes${i}`, 0, batch),
      one(one(ordered, `image${i}`, 0, batch), `scores${i}`, 1, c),
      ...limits,
    ];
    const attribute = [intAttribute("center_point_box", Number(op.center))];
    const selected = written(writer, part(`selected${i}`), { opType: "NonMaxSuppression", input, attribute });
    const places = written(writer, part(`places${i}`), {
      ...{ opType: "Gather", input: [selected, column] },
      attribute: [intAttribute("axis", 1)],
    });
    const list = written(writer, part(`list${i}`), {
      ...{ opType: "Reshape", input: [places, addIntegers(writer, part("flat"), [-1])] },
    });
    return filledTo(writer, written(writer, part(`floats${i}`), castNode(list, FLOAT32)), most, -1);
  });
  const all = written(writer, part("all"), {
    ...{ opType: "Concat", input: lists },
    attribute: [intAttribute("axis", 0)],
  });
  return { opType: "Reshape", input: [all, addIntegers(writer, part("shape"), shape)] };
}

/** Steps are where a count differs from the one before. */
export function placesOperator(writer: Writer, { inputs, output }: GraphNode): OnnxNode {
  const [counts = ""] = inputs;
  const [size = 0] = tensorOf(writer.graph, counts).shape;
  const [, count = 0] = tensorOf(writer.graph, output).shape;
  const part = (name: string): string => `${output}/${name}`;
  const zero = addFloats(writer, part("zero"), [1], Float32Array.of(0));
  const shifted = written(writer, part("shifted"), {
    ...{ opType: "Concat", input: [zero, counts], attribute: [intAttribute("axis", 0)] },
  });
  const ends = [0, size].map((end) => addIntegers(writer, part(`end${end}`), [end]));
  const before = written(writer, part("before"), { opType: "Slice", input: [shifted, ...ends] });
  const steps = written(writer, part("steps"), { opType: "Sub", input: [counts, before] });
  const found = written(writer, part("found"), { opType: "NonZero", input: [steps] });
  const flat = addIntegers(writer, part("flat"), [-1]);
  const list = written(writer, part("list"), { opType: "Reshape", input: [found, flat] });
  const at = written(writer, part("at"), castNode(list, FLOAT32));
  const none = written(writer, part("none"), { opType: "Mul", input: [at, zero] });
  const one = addFloats(writer, part("one"), [1], Float32Array.of(1));
  const used = written(writer, part("used"), { opType: "Add", input: [none, one] });
  const row = addIntegers(writer, part("row"), [1, count]);
  const rows = [at, used].map((each, i) =>
    written(writer, part(`row${i}`), { opType: "Reshape", input: [filledTo(writer, each, count, 0), row] }),
  );
  return { opType: "Concat", input: rows, attribute: [intAttribute("axis", 0)] };
}

export function usedOperator(writer: Writer, { inputs, output }: GraphNode, op: UsedRows): OnnxNode {
  const [x = "", used = ""] = inputs;
  const { shape } = tensorOf(writer.graph, x);
  const along = addIntegers(
    writer,
    `${output}/along`,
    shape.map((d, i) => (i === op.axis ? d : 1)),
  );
  const rows = written(writer, `${output}/row`, { opType: "Reshape", input: [used, along] });
  const truths = written(writer, `${output}/truths`, castNode(rows, BOOL));
  const other = addFloats(writer, `${output}/other`, [], Float32Array.of(op.none ? Number.NaN : -1));
  return { opType: "Where", input: [truths, x, other] };
}
