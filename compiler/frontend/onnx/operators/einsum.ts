import { NO_CLAMP } from "../../../graph/graph.ts";
import { transposeData } from "../../../graph/transpose-data.ts";
import type { NodeContext } from "../node-context.ts";
import { operator } from "../operator.ts";
import { type ConstantValue, elementCount, sameShape, type TensorValue } from "../value.ts";
import { parseEquation, type Subscripts } from "./einsum-equation.ts";
import { DENSE, denseWeights } from "./matrix.ts";
import { productOf } from "./product.ts";

type Operand = TensorValue | ConstantValue;
/** An operand with a letter for each of its axes. */
interface Lettered {
  readonly value: Operand;
  readonly letters: Subscripts;
}

/**
 * Einsum-12 of one or two operands: axes that only one operand has and the result has not are summed, then the operands are
 * multiplied as matrices, the axes of both that the result has being batches, and the result is arranged. A letter twice in one
 * operand is refused.
 */
const einsum = operator("Einsum", (node, { equation }) => {
  if (node.inputCount > 2) node.unsupported(`of ${node.inputCount} operands: only of one or two`);
  const values = Array.from({ length: node.inputCount }, (_, i) => operandOf(node, i));
  const { inputs, output } = parseEquation(
    node,
    equation,
    values.map(({ shape }) => shape.length),
  );
  const sizes = new Map<string, number>();
  values.forEach((value, i) => {
    inputs[i].forEach((letter, axis) => {
      const size = value.shape[axis] as number;
      const known = sizes.get(letter) ?? size;
      if (known !== size) node.unsupported(`axes ${letter} of ${known} and ${size} elements`);
      sizes.set(letter, size);
    });
  });
  const [a, b] = values.map((value, i) => {
    const others = [...output, ...inputs.filter((_, j) => j !== i).flat()];
    return summed(node, { value, letters: inputs[i] }, others, `sum${i}`);
  });
  const product = b === undefined ? a : multiplied(node, a, b, output);
  const shape = output.map((letter) => sizes.get(letter) as number);
  arranged(node, product, output, shape);
});

function operandOf(node: NodeContext, i: number): Operand {
  const v = node.value(i);
  const other = node.inputCount > 1 ? node.value(1 - i) : undefined;
  return v.kind === "constant" && other?.kind === "tensor" ? v : node.tensor(i);
}

/** Sums over axes that nothing else has: a product with a column of ones. */
function summed(node: NodeContext, x: Lettered, others: Subscripts, part: string): Lettered {
  const kept = x.letters.filter((letter) => others.includes(letter));
  const gone = x.letters.filter((letter) => !others.includes(letter));
  if (gone.length === 0) return x;
  const sorted = moved(node, x, [...kept, ...gone], part);
  const shape = sorted.value.shape;
  const count = elementCount(shape.slice(kept.length));
  const rows = [elementCount(shape) / count, count];
  const ones = node.weight(`${part}/ones`, [count, 1], new Float32Array(count).fill(1));
  const flat = reshaped(node, sorted.value, rows, `${part}/flat`);
  const { op } = productOf(node, rows, [count, 1]);
  const sums = node.emitHelper(`${part}/column`, op, [nameOf(node, flat), ones], [rows[0], 1]);
  return { value: reshaped(node, sums, shape.slice(0, kept.length), part), letters: kept };
}

/** Batches, rows of a, columns of b. */
function multiplied(node: NodeContext, a: Lettered, b: Lettered, output: Subscripts): Lettered {
  const both = a.letters.filter((letter) => b.letters.includes(letter));
  const batches = output.filter((letter) => both.includes(letter));
  const terms = both.filter((letter) => !output.includes(letter));
  const rows = output.filter((letter) => a.letters.includes(letter) && !both.includes(letter));
  const columns = output.filter((letter) => b.letters.includes(letter) && !both.includes(letter));
  const left = moved(node, a, [...batches, ...rows, ...terms], "a");
  const right = moved(node, b, [...batches, ...terms, ...columns], "b");
  const sizeOf = ({ value, letters }: Lettered, of: Subscripts): number =>
    elementCount(of.map((letter) => value.shape[letters.indexOf(letter)] as number));
  const batch = batches.map((letter) => left.value.shape[left.letters.indexOf(letter)] as number);
  const [m, k, n] = [sizeOf(left, rows), sizeOf(left, terms), sizeOf(right, columns)];
  const matrices = [
    reshaped(node, left.value, [...batch, m, k], "a-rows"),
    reshaped(node, right.value, [...batch, k, n], "b-rows"),
  ];
  const product = productNode(node, matrices[0], matrices[1]);
  const letters = [...batches, ...rows, ...columns];
  const whole = [
    ...batch,
    ...[...rows].map((l) => sizeOf(left, [l])),
    ...[...columns].map((l) => sizeOf(right, [l])),
  ];
  return { value: reshaped(node, product, whole, "whole"), letters };
}

/** Rows times constant columns are a dense layer; where nothing is summed or spread, elements are multiplied. */
function productNode(node: NodeContext, a: Operand, b: Operand): TensorValue {
  const { op, shape } = productOf(node, a.shape, b.shape);
  if (a.kind === "tensor" && b.kind === "constant" && shape.length === 2) {
    return node.emitHelper("product", DENSE, [a.name, denseWeights(node, b, false, 1)], shape);
  }
  const single = a.shape.slice(-2).every((d) => d === 1) && b.shape.at(-1) === 1;
  if (single && a.kind === "tensor" && b.kind === "tensor") {
    const mul = { kind: "mul", residual: false, clamp: NO_CLAMP } as const;
    return node.emitHelper("product", mul, [a.name, b.name], shape);
  }
  return node.emitHelper("product", op, [nameOf(node, a), nameOf(node, b)], shape);
}

/** The result in the order of its axes; the last node bears the output's name. */
function arranged(
  node: NodeContext,
  { value, letters }: Lettered,
  output: Subscripts,
  shape: readonly number[],
): void {
  const perm = output.map((letter) => letters.indexOf(letter));
  if (value.kind === "constant") node.unsupported("of a constant");
  if (perm.every((p, i) => p === i)) node.emit({ kind: "reshape" }, [value.name], shape);
  else node.emit({ kind: "transpose", perm }, [value.name], shape);
}

/** The axes in another order. */
function moved(node: NodeContext, x: Lettered, letters: Subscripts, part: string): Lettered {
  const perm = letters.map((letter) => x.letters.indexOf(letter));
  if (perm.every((p, i) => p === i)) return x;
  const { value } = x;
  const shape = perm.map((p) => value.shape[p] as number);
  if (value.kind === "constant") {
    const data = transposeData(value.data, value.shape, perm);
    return { value: { ...value, name: "", shape, data }, letters };
  }
  const turned = node.emitHelper(`${part}-turned`, { kind: "transpose", perm }, [value.name], shape);
  return { value: turned, letters };
}

function reshaped(node: NodeContext, x: Operand, shape: readonly number[], part: string): Operand {
  if (sameShape(x.shape, shape)) return x;
  if (x.kind === "constant") return { ...x, name: "", shape };
  return node.emitHelper(part, { kind: "reshape" }, [x.name], shape);
}

/** Constants that were arranged have no name yet. */
function nameOf(node: NodeContext, v: Operand): string {
  if (v.kind === "tensor") return v.name;
  return v.name === "" ? node.weight("constant", v.shape, v.data) : node.use(v);
}

export const einsumOperators = [einsum] as const;
