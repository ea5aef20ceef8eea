import { operator } from "../operator.ts";
import { normalAxis, permOf } from "../operators/axis.ts";
import { splitLengths } from "../operators/slicing.ts";
import { elementCount, shapeText } from "../value.ts";
import { allKnown, give, known, pick } from "./known.ts";
import { broadcastShape, offsets, spread, stridesOf } from "./walk.ts";

// Known values in another shape or order.

const transpose = operator("Transpose", (node, { perm: given }) => {
  const x = known(node, 0);
  const perm = permOf(node, given, x.shape.length);
  const strides = stridesOf(x.shape);
  const shape = perm.map((p) => x.shape[p]);
  pick(node, x, shape, () =>
    offsets(
      shape,
      perm.map((p) => strides[p]),
    ),
  );
});

const concat = operator("Concat", (node, { axis: given }) => {
  const parts = allKnown(node);
  const [first] = parts;
  const axis = normalAxis(node, given, first.shape.length);
  const other = parts.find(({ type }) => type !== first.type);
  if (other !== undefined) node.invalid(`it joins ${first.type} and ${other.type}`);
  for (const { shape } of parts) {
    const fits = shape.length > 0 && shape.length === first.shape.length;
    if (!fits || shape.some((d, i) => i !== axis && d !== first.shape[i])) {
      node.invalid(`it joins shapes ${shapeText(first.shape)} and ${shapeText(shape)}`);
    }
  }
  const shape = first.shape.with(
    axis,
    parts.reduce((sum, part) => sum + part.shape[axis], 0),
  );
  give(node, first.type, shape, () => {
    const joined = new Float64Array(elementCount(shape));
    let at = 0;
    for (let row = 0; row < elementCount(shape.slice(0, axis)); row++) {
      for (const part of parts) {
        const length = elementCount(part.shape.slice(axis));
        for (let i = 0; i < length; i++) joined[at++] = part.data[row * length + i];
      }
    }
    return joined;
  });
});

/** Spread to a shape that both broadcast to (opset 8). */
const expand = operator("Expand", (node) => {
  const x = known(node, 0);
  const wanted = node.integers(1, "shape") ?? [];
  if (wanted.some((d) => d < 0)) node.invalid(`its shape is [${wanted.join(", ")}]`);
  const shape = broadcastShape(node, [x.shape, wanted]);
  pick(node, x, shape, () => spread(x.shape, shape));
});

const tile = operator("Tile", (node) => {
  const x = known(node, 0);
  const repeats = node.integers(1, "repeats") ?? [];
  if (repeats.length !== x.shape.length || repeats.some((n) => n < 0)) {
    node.invalid(`it repeats ${shapeText(x.shape)} [${repeats.join(", ")}] times`);
  }
  const shape = x.shape.map((d, i) => d * repeats[i]);
  const strides = stridesOf(x.shape);
  const twice = x.shape.flatMap((d, i) => [repeats[i], d]);
  pick(node, x, shape, () =>
    offsets(
      twice,
      strides.flatMap((stride) => [0, stride]),
    ),
  );
});

const split = operator("Split", (node, { axis: given, split: listed, num_outputs: parts }) => {
  const x = known(node, 0);
  const axis = normalAxis(node, given, x.shape.length);
  const size = x.shape[axis] ?? node.invalid("it splits a scalar");
  const lengths = splitLengths(node, size, listed ?? node.integers(1, "split"), parts);
  let start = 0;
  lengths.forEach((length, i) => {
    const shape = x.shape.with(axis, length);
    const strides = stridesOf(x.shape);
    const from = start * strides[axis];
    if (node.outputNames[i] !== "") {
      give(node, x.type, shape, () => offsets(shape, strides, from).map((at) => x.data[at]), i);
    }
    start += length;
  });
});

export const knownShapes = [transpose, concat, expand, tile, split] as const;
