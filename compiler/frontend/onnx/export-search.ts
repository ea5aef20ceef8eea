import type { GraphNode, ScatterAt, TopK } from "../../graph/graph.ts";
import type { SearchOp } from "../../graph/search-ops.ts";
import { SCATTERS } from "../../ops/select/scatter.ts";
import { assertNever, defined, invariant } from "../../support/assert.ts";
import { nonMaxOperator, placesOperator, usedOperator } from "./export-selected.ts";
import { addIntegers, castNode, tensorOf, type Writer, written } from "./export-writer.ts";
import type { OnnxNode } from "./model.ts";
import { floatAttribute, intAttribute, textAttribute } from "./node-attributes.ts";
import { FLOAT32, INT64 } from "./schema.ts";

/** A node that looks for elements as an ONNX operator; indices are cast to what ONNX has them as, and places to float32. */
export function searchOperator(writer: Writer, node: GraphNode, op: SearchOp): OnnxNode {
  const { inputs, output } = node;
  const [x = "", at = ""] = inputs;
  const rank = (tensor: string): number => tensorOf(writer.graph, tensor).shape.length;
  const axis = "axis" in op ? [intAttribute("axis", op.axis)] : [];
  switch (op.kind) {
    case "arg-extreme": {
      const attribute = [
        ...[...axis, intAttribute("keepdims", rank(output) === rank(x) ? 1 : 0)],
        intAttribute("select_last_index", op.last ? 1 : 0),
      ];
      const place = { opType: op.least ? "ArgMin" : "ArgMax", input: [x], attribute };
      return castNode(written(writer, `${output}/place`, place), FLOAT32);
    }
    case "cum-sum": {
      const flags = [
        intAttribute("exclusive", Number(op.exclusive)),
        intAttribute("reverse", Number(op.reverse)),
      ];
      return {
        opType: "CumSum",
        input: [x, addIntegers(writer, `${output}/axis`, [op.axis])],
        attribute: flags,
      };
    }
    case "top-k":
      return topOperator(writer, node, op);
    case "gather-at": {
      const whole = written(writer, `${output}/at`, castNode(at, INT64));
      return { opType: op.each ? "GatherElements" : "Gather", input: [x, whole], attribute: axis };
    }
    case "scatter-at":
      return scatterOperator(writer, node, op);
    case "non-max":
      return nonMaxOperator(writer, node, op);
    case "places":
      return placesOperator(writer, node);
    case "used-rows":
      return usedOperator(writer, node, op);
    case "det":
      return { opType: "Det", input: [x] };
    case "check":
      // ONNX's own operators refuse what this one looks for
      return { opType: "ReduceSum", input: [x], attribute: [intAttribute("keepdims", 0)] };
    case "grid-taps":
    case "roi-taps":
      // what chooses pixels is a part of the operator that takes them, which reads the grid or the regions under this name
      return { opType: "Identity", input: [x] };
    default:
      return assertNever(op);
  }
}

/** Values, then places, one behind the other. */
function topOperator(writer: Writer, { inputs, output }: GraphNode, { axis, least }: TopK): OnnxNode {
  const { shape } = tensorOf(writer.graph, output);
  const part = (name: string): string => `${output}/${name}`;
  writer.nodes.push({
    ...{ opType: "TopK", name: part("top"), output: [part("values"), part("places")] },
    input: [inputs[0] ?? "", addIntegers(writer, part("k"), [shape[axis + 1] ?? 0])],
    attribute: [intAttribute("axis", axis), intAttribute("largest", least ? 0 : 1)],
  });
  const row = addIntegers(writer, part("row"), [1, ...shape.slice(1)]);
  const floats = written(writer, part("floats"), castNode(part("places"), FLOAT32));
  const rows = [part("values"), floats].map((tensor, i) =>
    written(writer, part(`row${i}`), { opType: "Reshape", input: [tensor, row] }),
  );
  return { opType: "Concat", input: rows, attribute: [intAttribute("axis", 0)] };
}

/** A list of indices is spread over the updates. */
function scatterOperator(
  writer: Writer,
  { inputs, output }: GraphNode,
  { axis, each, fn }: ScatterAt,
): OnnxNode {
  const [x = "", at = "", updates = ""] = inputs;
  const { shape } = tensorOf(writer.graph, updates);
  const whole = written(writer, `${output}/at`, castNode(at, INT64));
  const spread = (): string => {
    const list = addIntegers(
      writer,
      `${output}/list`,
      shape.map((d, i) => (i === axis ? d : 1)),
    );
    const along = written(writer, `${output}/along`, { opType: "Reshape", input: [whole, list] });
    const full = addIntegers(writer, `${output}/full`, shape);
    return written(writer, `${output}/spread`, { opType: "Expand", input: [along, full] });
  };
  return {
    opType: "ScatterElements",
    input: [x, each ? whole : spread(), updates],
    attribute: [
      intAttribute("axis", axis),
      ...(fn === "replace" ? [] : [textAttribute("reduction", SCATTERS[fn].onnx)]),
    ],
  };
}

/** What samples images by the taps before it. */
export function sampleOperator(writer: Writer, { inputs, output }: GraphNode): OnnxNode {
  const [x = "", taps = "", image = ""] = inputs;
  const op = defined(writer.graph.nodes.find((node) => node.output === taps)?.op, `taps ${taps}`);
  if (op.kind === "grid-taps") {
    const { mode, padding, alignCorners } = op;
    const words = { mode: GRID_MODES[mode], padding_mode: padding };
    const attribute = Object.entries(words).map(([name, word]) => textAttribute(name, word));
    return {
      opType: "GridSample",
      input: [x, taps],
      attribute: [...attribute, intAttribute("align_corners", Number(alignCorners))],
    };
  }
  invariant(op.kind === "roi-taps", "what samples images has taps");
  const { samples, bins, scale, halfPixel } = op;
  return {
    opType: "RoiAlign",
    input: [x, taps, written(writer, `${output}/image`, castNode(image, INT64))],
    attribute: [
      ...(op.mean ? [] : [textAttribute("mode", "max")]),
      ...[intAttribute("output_height", bins[0]), intAttribute("output_width", bins[1])],
      ...[intAttribute("sampling_ratio", samples), floatAttribute("spatial_scale", scale)],
      textAttribute("coordinate_transformation_mode", halfPixel ? "half_pixel" : "output_half_pixel"),
    ],
  };
}

/** As operator set 16 has them. */
const GRID_MODES = { nearest: "nearest", linear: "bilinear", cubic: "bicubic" } as const;
