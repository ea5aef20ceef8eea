import { emitCheck } from "../checks.ts";
import type { NodeContext } from "../node-context.ts";
import { operator } from "../operator.ts";
import { elementCount, sameShape, shapeText, type TensorValue } from "../value.ts";
import { helpAlong } from "./along.ts";
import { emitElementwise } from "./broadcast.ts";
import { constantTensor } from "./constant-tensor.ts";
import { emitReduction } from "./reduction.ts";
import { choiceOf } from "./where.ts";

/**
 * MaxUnpool of windows side by side: each element stands in its whole window, and is taken where its index says, 0 elsewhere. That an
 * index lies in its window, as MaxPool gives them, is checked.
 */
const maxUnpool = operator("MaxUnpool", (node, { kernel_shape: kernel, pads, strides }) => {
  const x = node.tensor(0);
  const [n, c, ...extents] = x.shape;
  const rank = extents.length;
  if (rank < 1 || kernel.length !== rank)
    node.invalid(`kernel_shape=[${kernel.join(",")}] for ${shapeText(x.shape)}`);
  const steps = strides ?? extents.map(() => 1);
  if (!sameShape(steps, kernel) || pads?.some((pad) => pad !== 0))
    node.unsupported("windows that overlap, leave gaps or have pads: only strides equal to kernel_shape");
  const full = extents.map((d, i) => d * kernel[i]);
  const wanted = node.integers(2, "output_shape");
  if (wanted !== undefined && !sameShape(wanted, [n, c, ...full]))
    node.unsupported(
      `output_shape=[${wanted.join(",")}] other than [${[n, c, ...full].join(",")}]: what indices count then, ONNX and ONNX Runtime disagree on`,
    );
  const index = node.activation(1);
  if (index.whole?.type !== "int64" || !sameShape(index.shape, x.shape))
    node.invalid(`its indices are ${index.whole?.type ?? "float32"} of shape ${shapeText(index.shape)}`);
  emitUnpooled(node, x, placesInMaps(node, index), [n * c, ...full], kernel);
});

/** Indices of a whole tensor as places in each of its maps. */
function placesInMaps(node: NodeContext, index: TensorValue): (size: number) => TensorValue {
  const [n, c, ...extents] = index.shape;
  const maps = n * c;
  return (size) => {
    const data = Float32Array.from({ length: maps }, (_, i) => i * size);
    const shape = [maps, ...extents.map(() => 1)];
    const offsets = { kind: "constant", name: node.weight("maps", shape, data), shape, data } as const;
    const list = node.emitHelper("indices", { kind: "reshape" }, [index.name], [maps, ...extents]);
    return emitElementwise(node, "sub", [list, offsets], "places");
  };
}

function emitUnpooled(
  node: NodeContext,
  x: TensorValue,
  placesOf: (size: number) => TensorValue,
  full: readonly number[],
  kernel: readonly number[],
): void {
  const [maps, ...extents] = full;
  const size = elementCount(extents);
  const small = [maps, ...x.shape.slice(2)];
  const values = node.emitHelper("values", { kind: "reshape" }, [x.name], small);
  const parts = kernel.map((k, i) => {
    node.reserve(extents[i]);
    return {
      kind: "gather",
      axis: i + 1,
      at: Array.from({ length: extents[i] }, (_, at) => Math.floor(at / k)),
    } as const;
  });
  const data = Float32Array.from({ length: size }, (_, i) => i);
  const shape = [1, ...extents];
  const own = { kind: "constant", name: node.weight("own", shape, data), shape, data } as const;
  const here = emitElementwise(node, "equal", [helpAlong(node, placesOf(size), parts), own], "here", {
    whole: { type: "bool", lo: 0, hi: 1 },
  });
  checkWindows(node, here, small, kernel);
  const zero = constantTensor(node, 0, {
    ...{ kind: "constant", name: `${node.outputName}/zero`, shape: [], data: Float32Array.of(0) },
  });
  const [op, from, to] = choiceOf(node, here, helpAlong(node, values, parts), zero);
  const chosen = node.emitHelper("unpooled", op, from, to);
  node.emit({ kind: "reshape" }, [chosen.name], [...x.shape.slice(0, 2), ...extents]);
}

/** In each window one element is that of the index. */
function checkWindows(
  node: NodeContext,
  here: TensorValue,
  small: readonly number[],
  kernel: readonly number[],
): void {
  const [maps, ...extents] = small;
  const apart = [maps, ...extents.flatMap((d, i) => [d, kernel[i]])];
  const windows = node.emitHelper("windows", { kind: "reshape" }, [here.name], apart);
  const axes = kernel.map((_, i) => 2 + 2 * i);
  const count = emitReduction(node, "count", "sum", { ...windows, shape: apart }, axes);
  // 1, or NaN for 0
  emitCheck(node, emitElementwise(node, "div", [count, count], "held"));
}

export const unpoolingOperators = [maxUnpool] as const;
