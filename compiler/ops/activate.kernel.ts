import {
  elu,
  erf,
  gelu,
  geluErf,
  hardSigmoid,
  hardSwish,
  leakyRelu,
  max,
  min,
  mish,
  selu,
  sigmoid,
  silu,
  softplus,
  softsign,
  tanh,
} from "../language/kernel.ts";

/** The function that a kernel's dim ACT names (activations.ts has the numbers), of the value it stores. */
export function activate(v: number, ACT: number, ALPHA: number, BETA: number): number {
  return ACT === 0
    ? v
    : ACT === 1
      ? leakyRelu(v, ALPHA)
      : ACT === 2
        ? elu(v, ALPHA)
        : ACT === 3
          ? selu(v, ALPHA, BETA)
          : ACT === 4
            ? sigmoid(v)
            : ACT === 5
              ? hardSigmoid(v, ALPHA, BETA)
              : ACT === 6
                ? silu(v, ALPHA)
                : ACT === 7
                  ? hardSwish(v, ALPHA, BETA)
                  : ACT === 8
                    ? tanh(v)
                    : ACT === 9
                      ? softplus(v)
                      : ACT === 10
                        ? mish(v)
                        : ACT === 11
                          ? geluErf(v)
                          : ACT === 12
                            ? gelu(v)
                            : ACT === 13
                              ? erf(v)
                              : softsign(v);
}

/** Where the dim RES has a residual added: to the sum, or to what activation and clamp made of it. 0: there is none. */
export const BEFORE = 1;
export const AFTER = 2;

/** What a kernel stores of a sum and the element of a residual at its place. */
export function ending(
  sum: number,
  residual: number,
  RES: number,
  ACT: number,
  ALPHA: number,
  BETA: number,
  LO: number,
  HI: number,
): number {
  const all = RES === BEFORE ? sum + residual : sum;
  const activated = min(max(activate(all, ACT, ALPHA, BETA), LO), HI);
  return RES === AFTER ? activated + residual : activated;
}
