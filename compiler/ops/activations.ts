/** Activations that operators can end with, by the number their dim ACT takes (activate.kernel.ts); 0 is none. */
export const ACTIVATIONS = {
  /** alpha: slope below zero. */
  "leaky-relu": 1,
  /** alpha: minus the least value. */
  elu: 2,
  /** alpha as elu's; beta: factor of the whole. */
  selu: 3,
  sigmoid: 4,
  /** alpha, beta: slope, and value at zero. */
  "hard-sigmoid": 5,
  /** v * sigmoid(alpha * v). */
  silu: 6,
  /** v * hard-sigmoid(v). */
  "hard-swish": 7,
  tanh: 8,
  softplus: 9,
  mish: 10,
  gelu: 11,
  /** Gelu with tanh in place of erf. */
  "gelu-tanh": 12,
  erf: 13,
} as const;
export type ActivationName = keyof typeof ACTIVATIONS;
