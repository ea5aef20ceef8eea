import type { ActivationName } from "../../../ops/activation/activations.ts";
import type { NodeContext } from "../node-context.ts";
import { operator } from "../operator.ts";
import type { TensorValue } from "../value.ts";
import { convolutionOf } from "./convolution-parts.ts";
import { functionOp } from "./function-op.ts";
import { emitPool, mapped, type PoolStage } from "./pool-stages.ts";
import { pooled } from "./pooling.ts";
import { emitReduced, emitReduction } from "./reduction.ts";
import { planeOf, type Side } from "./window.ts";

/** LpPool: the p-norm of what each window holds, (sum of |x|^p)^(1/p); its padding is 0. */
const lpPool = operator("LpPool", (node, { p, kernel_shape: kernel, ...attributes }) => {
  const x = node.tensor(0);
  const window = { ...attributes, kernel_shape: kernel ?? node.invalid("it has no kernel_shape") };
  const sides = pooled(node, window, x, [0, 0, 0, 0]);
  const powers = powersOf(node, x, p);
  emitPool(
    node,
    powers,
    sides,
    (...at) => sumOf(node, ...at),
    (op, inputs, shape) => {
      if (p === 1) node.emit(op, inputs, shape);
      else emitRoot(node, node.emitHelper("sums", op, inputs, shape), p);
    },
  );
});

/** A sum over windows: a convolution of each channel with ones. */
function sumOf(node: NodeContext, rows: Side, columns: Side, channels: number): PoolStage {
  const window = planeOf([rows, columns]);
  const size = channels * rows.kernel * columns.kernel;
  const ones = node.weight("ones", [channels, 1, ...window.kernel], new Float32Array(size).fill(1));
  return { op: convolutionOf(window, channels, false), constants: [ones] };
}

/** GlobalLpPool: the p-norm of each channel's map, x [N,C,...] to [N,C,1,...]. */
const globalLpPool = operator("GlobalLpPool", (node, { p }) => {
  const x = mapped(node);
  const axes = x.shape.map((_, axis) => axis).slice(2);
  if (p === 1 || p === 2) emitReduced(node, x, axes, true, p === 1 ? "l1" : "l2");
  else emitRoot(node, emitReduction(node, "sums", "sum", powersOf(node, x, p), axes), p);
});

/** |x|^p. */
function powersOf(node: NodeContext, x: TensorValue, p: number): TensorValue {
  if (!(p > 0) || !Number.isFinite(p)) node.invalid(`p is ${p}`);
  const helper = (part: string, of: TensorValue, fn: ActivationName, alpha = 0): TensorValue =>
    node.emitHelper(part, functionOp(fn, alpha), [of.name], of.shape);
  if (p === 2) return helper("squares", x, "power", 2);
  const sizes = helper("sizes", x, "abs");
  return p === 1 ? sizes : helper("powers", sizes, "power", p);
}

/** The node's result: sums^(1/p). */
function emitRoot(node: NodeContext, sums: TensorValue, p: number): void {
  node.emit(p === 2 ? functionOp("sqrt") : functionOp("power", 1 / p), [sums.name], sums.shape);
}

export const normPoolingOperators = [globalLpPool, lpPool] as const;
