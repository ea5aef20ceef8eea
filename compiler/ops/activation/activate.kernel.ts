import {
  acos,
  acosh,
  asin,
  asinh,
  atan,
  atanh,
  celu,
  choose,
  cos,
  cosh,
  elu,
  erf,
  exp,
  f32,
  gelu,
  geluErf,
  hardSigmoid,
  hardSwish,
  isEqual,
  isLess,
  leakyRelu,
  log,
  max,
  mish,
  power,
  roundDown,
  roundEven,
  roundSmallI32,
  roundUp,
  selu,
  shrink,
  sigmoid,
  sign,
  silu,
  sin,
  sinh,
  softplus,
  softsign,
  sqrt,
  tan,
  tanh,
  thresholdedRelu,
} from "../../language/kernel.ts";

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
                              : ACT === 14
                                ? softsign(v)
                                : apply(v, ACT, ALPHA, BETA);
}

/** The other functions, which are no activations of convolutional networks. */
function apply(v: number, ACT: number, ALPHA: number, BETA: number): number {
  return ACT < 24
    ? ACT === 15
      ? exp(v)
      : ACT === 16
        ? log(v)
        : ACT === 17
          ? sqrt(v)
          : ACT === 18
            ? 1 / v
            : ACT === 19
              ? max(v, -v)
              : ACT === 20
                ? roundDown(v)
                : ACT === 21
                  ? roundUp(v)
                  : ACT === 22
                    ? roundEven(v)
                    : sign(v)
    : ACT < 35
      ? trigonometric(v, ACT)
      : ACT === 35
        ? thresholdedRelu(v, ALPHA)
        : ACT === 36
          ? shrink(v, ALPHA, BETA)
          : ACT === 37
            ? celu(v, ALPHA)
            : ACT === 38
              ? power(v, ALPHA)
              : ACT === 39
                ? v * ALPHA + BETA
                : ACT < 46
                  ? whole(v, ACT, ALPHA, BETA)
                  : quantized(v, ACT, ALPHA, BETA);
}

/** Truths, and what makes whole numbers. */
function whole(v: number, ACT: number, ALPHA: number, BETA: number): number {
  return ACT === 40
    ? 1 - isEqual(v, v)
    : ACT === 41
      ? isEqual(v, -Infinity) * ALPHA + isEqual(v, Infinity) * BETA
      : ACT === 42
        ? 1 - isEqual(v, 0)
        : ACT === 43
          ? held(v, ALPHA, BETA)
          : ACT === 44
            ? held(choose(isLess(v, 0), roundUp(v), roundDown(v)), ALPHA, BETA)
            : v - BETA * roundDown((v - ALPHA) / BETA);
}

/** Steps of ALPHA, counted from BETA on. */
function quantized(v: number, ACT: number, ALPHA: number, BETA: number): number {
  return ACT === 46
    ? roundEven(v / ALPHA) + BETA
    : ACT === 47
      ? (v - BETA) * ALPHA
      : ACT === 48
        ? roundEven(v / ALPHA) * ALPHA
        : ACT === 49
          ? roundEven(v * BETA) * ALPHA
          : ACT === 50
            ? roundEven(ALPHA === 1 ? v : v * ALPHA) + BETA
            : f32(roundSmallI32(ALPHA === 1 ? v : v * ALPHA)) + BETA;
}

function held(v: number, lo: number, hi: number): number {
  return choose(isLess(v, lo) + isLess(hi, v), NaN, v);
}

function trigonometric(v: number, ACT: number): number {
  return ACT === 24
    ? sin(v)
    : ACT === 25
      ? cos(v)
      : ACT === 26
        ? tan(v)
        : ACT === 27
          ? asin(v)
          : ACT === 28
            ? acos(v)
            : ACT === 29
              ? atan(v)
              : ACT === 30
                ? sinh(v)
                : ACT === 31
                  ? cosh(v)
                  : ACT === 32
                    ? asinh(v)
                    : ACT === 33
                      ? acosh(v)
                      : atanh(v);
}
