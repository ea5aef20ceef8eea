import { NO_CLAMP } from "../../../graph/graph.ts";
import type { NodeContext } from "../node-context.ts";
import { operator } from "../operator.ts";
import { elementCount, shapeText, type TensorValue } from "../value.ts";
import { normalAxis } from "./axis.ts";

/** Det: determinants of square matrices. */
const det = operator("Det", (node) => {
  const x = node.tensor(0);
  const [rows, columns] = x.shape.slice(-2);
  if (x.shape.length < 2 || rows !== columns) node.invalid(`of shape ${shapeText(x.shape)}`);
  node.emit({ kind: "det" }, [x.name], x.shape.slice(0, -2));
});

/** Numbers of a signal: as many as it has, or its length is made, with zeros behind. */
interface Transform {
  /** 1: real; 2: complex. */
  readonly parts: number;
  readonly given: number;
  readonly length: number;
  readonly bins: number;
  readonly inverse: boolean;
}

/** DFT of a known length: a product by a matrix. The axis is an attribute before opset 20, an input from 20 on. */
const dft = operator("DFT", (node, { axis: then, inverse, onesided }) => {
  const x = node.tensor(0);
  const rank = x.shape.length;
  const parts = x.shape[rank - 1];
  if (rank < 2 || (parts !== 1 && parts !== 2))
    node.invalid(`of shape ${shapeText(x.shape)}: no real or complex numbers`);
  const named = node.opset < 20 ? then : (node.integers(2, "axis", "alone")?.[0] ?? -2);
  const axis = normalAxis(node, named ?? 1, rank);
  if (axis === rank - 1) node.invalid(`its axis ${axis} is that of the parts of complex numbers`);
  if (onesided && (inverse || parts === 2))
    node.unsupported(`onesided=1 of ${inverse ? "an inverse" : "complex numbers"}`);
  const given = x.shape[axis];
  const [length = given] = node.integers(1, "dft_length", "alone") ?? [];
  if (length < 1) node.invalid(`its dft_length is ${length}`);
  const bins = onesided ? Math.floor(length / 2) + 1 : length;
  emitTransform(node, x, axis, { parts, given, length, bins, inverse });
});

/** The axis and the parts are brought together, multiplied, and brought back. */
function emitTransform(node: NodeContext, x: TensorValue, axis: number, transform: Transform): void {
  const { parts, given, bins } = transform;
  const rank = x.shape.length;
  const others = x.shape.flatMap((_, i) => (i === axis || i === rank - 1 ? [] : [i]));
  const perm = [...others, axis, rank - 1];
  const extents = others.map((i) => x.shape[i]);
  const turned = node.emitHelper(
    "turned",
    { kind: "transpose", perm },
    [x.name],
    perm.map((i) => x.shape[i]),
  );
  const batch = elementCount(extents);
  const rows = node.emitHelper("rows", { kind: "reshape" }, [turned.name], [batch, given * parts]);
  node.reserve(given * parts * bins * 2);
  const weight = node.weight("matrix", [bins * 2, given * parts], matrixOf(transform));
  const op = { kind: "dense", bias: false, clamp: NO_CLAMP } as const;
  const product = node.emitHelper("product", op, [rows.name, weight], [batch, bins * 2]);
  const complex = node.emitHelper("complex", { kind: "reshape" }, [product.name], [...extents, bins, 2]);
  const back = perm.map((_, i) => perm.indexOf(i));
  node.emit(
    { kind: "transpose", perm: back },
    [complex.name],
    back.map((i) => complex.shape[i]),
  );
}

/** [2 * bins, parts * given]: what each part of a number of the signal adds to each part of a bin. */
function matrixOf({ parts, given, length, bins, inverse }: Transform): Float32Array {
  const matrix = new Float32Array(2 * bins * parts * given);
  const scale = inverse ? 1 / length : 1;
  for (let bin = 0; bin < bins; bin++) {
    for (let i = 0; i < Math.min(given, length); i++) {
      const [cosine, sine] = turn(bin * i, length);
      const imaginary = inverse ? sine : -sine;
      const at = (part: number, of: number): number => (2 * bin + part) * parts * given + i * parts + of;
      matrix[at(0, 0)] = scale * cosine;
      matrix[at(1, 0)] = scale * imaginary;
      if (parts === 1) continue;
      matrix[at(0, 1)] = -scale * imaginary;
      matrix[at(1, 1)] = scale * cosine;
    }
  }
  return matrix;
}

/** Cosine and sine of a part of a turn, quarters exactly. */
function turn(steps: number, length: number): readonly [number, number] {
  const step = steps % length;
  const quarters = (4 * step) / length;
  if (Number.isInteger(quarters)) return QUARTERS[quarters];
  const angle = (2 * Math.PI * step) / length;
  return [Math.cos(angle), Math.sin(angle)];
}

const QUARTERS = [
  [1, 0],
  [0, 1],
  [-1, 0],
  [0, -1],
] as const;

export const spectralOperators = [det, dft] as const;
