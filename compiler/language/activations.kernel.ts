/**
 * Activations as kernels call them: plain functions of one value, written out where they are called. An
 * argument is repeated at each use, so name a slow one first: `const v = exp(x[i]); y[i] = silu(v)`.
 */

/** ONNX Relu-14. */
export function relu(v: number): number {
  return Math.max(v, 0);
}

/** v held between lo and hi (ONNX Clip-13). */
export function clip(v: number, lo: number, hi: number): number {
  return Math.min(Math.max(v, lo), hi);
}

/** ONNX LeakyRelu-16. */
export function leakyRelu(v: number, alpha: number): number {
  return Math.max(v, 0) + alpha * Math.min(v, 0);
}

/** ONNX Elu-6. */
export function elu(v: number, alpha: number): number {
  return Math.max(v, 0) + alpha * (Math.exp(Math.min(v, 0)) - 1);
}

/** ONNX Sigmoid-13. */
export function sigmoid(v: number): number {
  return 1 / (1 + Math.exp(-v));
}

/** v * sigmoid(v), also called swish. */
export function silu(v: number): number {
  return v / (1 + Math.exp(-v));
}

/** ONNX HardSigmoid-6 with alpha 1/6. */
export function hardSigmoid(v: number): number {
  return Math.min(Math.max(v * (1 / 6) + 0.5, 0), 1);
}

/** ONNX HardSwish-14. */
export function hardSwish(v: number): number {
  return v * hardSigmoid(v);
}

/** ONNX Gelu-20 with approximate = "tanh". */
export function gelu(v: number): number {
  return 0.5 * v * (1 + Math.tanh(0.7978845608028654 * (v + 0.044715 * v * v * v)));
}
