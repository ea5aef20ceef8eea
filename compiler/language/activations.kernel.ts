import { choose, isLess, pow } from "./functions.ts";

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

/** ONNX Selu-6. */
export function selu(v: number, alpha = 1.6732632423543772, gamma = 1.0507009873554805): number {
  return gamma * (Math.max(v, 0) + alpha * (Math.exp(Math.min(v, 0)) - 1));
}

/** ONNX Sigmoid-13. */
export function sigmoid(v: number): number {
  return 1 / (1 + Math.exp(-v));
}

/** v * sigmoid(alpha * v), also called swish. */
export function silu(v: number, alpha = 1): number {
  return v / (1 + Math.exp(-alpha * v));
}

/** ONNX HardSigmoid-6, by default with PyTorch's alpha. */
export function hardSigmoid(v: number, alpha = 1 / 6, beta = 0.5): number {
  return Math.min(Math.max(v * alpha + beta, 0), 1);
}

/** ONNX HardSwish-14, or v times another hard sigmoid. */
export function hardSwish(v: number, alpha = 1 / 6, beta = 0.5): number {
  return v * hardSigmoid(v, alpha, beta);
}

/** ONNX Softplus-1, log(1 + exp(v)): the logarithm of 1 + e is 2 artanh(e / (e + 2)), whose series ends soon for e <= 1. */
export function softplus(v: number): number {
  const e = Math.exp(Math.min(v, -v));
  const z = e / (e + 2);
  const s = z * z;
  const series = 1 + s * (1 / 3 + s * (1 / 5 + s * (1 / 7 + s * (1 / 9 + s * (1 / 11 + s / 13)))));
  return Math.max(v, 0) + 2 * z * series;
}

/** ONNX Softsign-1. */
export function softsign(v: number): number {
  return v / (1 + Math.max(v, -v));
}

/** ONNX Mish-18, v * tanh(softplus(v)), without the logarithm. */
export function mish(v: number): number {
  const e = Math.exp(Math.min(v, 20));
  const n = e * (e + 2);
  return v * (n / (n + 2));
}

/** erfc(z) * exp(z * z) for z >= 0, given 0.3275911 * z; within 1.5e-7 (Abramowitz and Stegun, 7.1.26). */
function scaledErfc(pz: number): number {
  const t = 1 / (1 + pz);
  const slope = -0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429));
  return t * (0.254829592 + t * slope);
}

/** ONNX Erf-13, within a few 1e-7. */
export function erf(v: number): number {
  const sign = Math.min(Math.max(v * 1e30, -1), 1);
  return sign * (1 - scaledErfc(0.3275911 * Math.max(v, -v)) * Math.exp(-v * v));
}

/** ONNX Gelu-20: v * (1 + erf(v / sqrt(2))) / 2, as a distance from Relu that falls off quickly. */
export function geluErf(v: number): number {
  const size = Math.max(v, -v);
  return Math.max(v, 0) - 0.5 * size * scaledErfc(0.23164189 * size) * Math.exp(-0.5 * v * v);
}

/** ONNX Gelu-20 with approximate = "tanh". */
export function gelu(v: number): number {
  return 0.5 * v * (1 + Math.tanh(0.7978845608028654 * (v + 0.044715 * v * v * v)));
}

/** ONNX ThresholdedRelu-10. */
export function thresholdedRelu(v: number, alpha: number): number {
  return choose(isLess(alpha, v), v, 0);
}

/** ONNX Shrink-9. */
export function shrink(v: number, lambd: number, bias: number): number {
  return choose(isLess(v, -lambd), v + bias, choose(isLess(lambd, v), v - bias, 0));
}

/** ONNX Celu-12. */
export function celu(v: number, alpha: number): number {
  return Math.max(v, 0) + Math.min(alpha * (Math.exp(Math.min(v, 0) * (1 / alpha)) - 1), 0);
}

/** v ** alpha (ONNX Pow-15): small whole powers as products. */
export function power(v: number, alpha: number): number {
  return alpha === 2
    ? v * v
    : alpha === 3
      ? v * v * v
      : alpha === 4
        ? v * v * (v * v)
        : alpha === 0.5
          ? Math.sqrt(v)
          : alpha === -0.5
            ? 1 / Math.sqrt(v)
            : alpha === -1
              ? 1 / v
              : pow(v, alpha);
}
