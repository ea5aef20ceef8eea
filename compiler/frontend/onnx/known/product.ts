import { isFloatType } from "../float-types.ts";
import { operator } from "../operator.ts";
import { elementCount, shapeText } from "../value.ts";
import { give, known } from "./known.ts";
import { broadcastShape, spread } from "./walk.ts";

/** Multiplications that the import does for one value, at most: some tenths of a second. */
const MOST_PRODUCTS = 2 ** 28;

/** numpy.matmul: [..., M, K] by [..., K, N], batches spread against each other; a vector is a row on the left, a column on the right. */
const matMul = operator("MatMul", (node) => {
  const a = known(node, 0);
  const b = known(node, 1);
  const left = a.shape.length === 1 ? [1, ...a.shape] : a.shape;
  const right = b.shape.length === 1 ? [...b.shape, 1] : b.shape;
  const [m, k] = left.slice(-2);
  const [rows, n] = right.slice(-2);
  if (k === undefined || k !== rows || a.type !== b.type) {
    node.invalid(`it multiplies ${a.type}${shapeText(a.shape)} by ${b.type}${shapeText(b.shape)}`);
  }
  if (!isFloatType(a.type)) node.unsupported(`of known ${a.type}`);
  const [leftBatch, rightBatch] = [left.slice(0, -2), right.slice(0, -2)];
  const batch = broadcastShape(node, [leftBatch, rightBatch]);
  const products = elementCount([...batch, m, k, n]);
  if (products > MOST_PRODUCTS) {
    node.unsupported(`it takes ${products} multiplications of known values, more than ${MOST_PRODUCTS}`);
  }
  const ends = [...(a.shape.length === 1 ? [] : [m]), ...(b.shape.length === 1 ? [] : [n])];
  give(node, a.type, [...batch, ...ends], () => {
    const [lefts, rights] = [spread(leftBatch, batch), spread(rightBatch, batch)];
    const y = new Float64Array(lefts.length * m * n);
    y.forEach((_, at) => {
      const [image, row, column] = [Math.floor(at / (m * n)), Math.floor(at / n) % m, at % n];
      const from = (lefts[image] * m + row) * k;
      const to = rights[image] * k * n + column;
      for (let i = 0; i < k; i++) y[at] += a.data[from + i] * b.data[to + i * n];
    });
    return y;
  });
});

export const knownProducts = [matMul] as const;
