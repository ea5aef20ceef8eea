import {
  choose,
  fmod,
  type Input,
  isEqual,
  isLess,
  leakyRelu,
  max,
  min,
  type Output,
  pow,
  range,
  type Sizes,
  type Weight,
} from "../../language/kernel.ts";
import { type Ending, ending } from "../epilogue/epilogue.kernel.ts";

/** The function of two values that the dim FN names (elementwise.ts has the numbers). */
function combine(a: number, b: number, FN: number): number {
  return FN === 0
    ? a - b
    : FN === 1
      ? max(a, b)
      : FN === 2
        ? min(a, b)
        : FN === 3
          ? a + b
          : FN === 4
            ? a * b
            : FN === 5
              ? a / b
              : FN === 6
                ? pow(a, b)
                : FN === 7
                  ? fmod(a, b)
                  : FN === 8
                    ? leakyRelu(a, b)
                    : FN === 9
                      ? isEqual(a, b)
                      : FN === 10
                        ? isLess(a, b)
                        : FN === 11
                          ? isLess(a, b) + isEqual(a, b)
                          : wrapIndex(a, b);
}

/** One of `size` indices, from the end where it is below 0; NaN where there is none of that number. */
function wrapIndex(index: number, size: number): number {
  const inside = choose(isLess(index, 0), isLess(-size, index) + isEqual(-size, index), isLess(index, size));
  return choose(inside, choose(isLess(index, 0), index + size, index), NaN);
}

export type ElementwiseSizes = Sizes<
  "N C H W FN AN AC AH AW BN BC BH BW",
  "A0 A1 A2 A3 B0 B1 B2 B3 CONSTANT"
> &
  Ending;

/**
 * A function of two tensors, then an activation, then clamped (ONNX Add-14, Sub-14, Mul-14, Div-14, Pow-15, Mod-13, Max-13, Min-13,
 * PRelu-16, Equal-13, Less-13, LessOrEqual-16), the tensors spread over each other: an operand's step along an axis is 1, or 0 where its one element there serves
 * all. CONSTANT: `k` is the second (1) or the first (2) operand, else `b` is the second.
 * a: [AN, AC, AH, AW], b and k: [BN, BC, BH, BW], y: [N, C, H, W].
 */
export function elementwise(
  {
    N,
    C,
    H,
    W,
    A0 = 1,
    A1 = 1,
    A2 = 1,
    A3 = 1,
    B0 = 1,
    B1 = 1,
    B2 = 1,
    B3 = 1,
    FN,
    CONSTANT = 0,
    ...EPILOGUE
  }: ElementwiseSizes,
  a: Input<["AN", "AC", "AH", "AW"]>,
  b: Input<["BN", "BC", "BH", "BW"]>,
  k: Weight<["BN", "BC", "BH", "BW"]>,
  y: Output<["N", "C", "H", "W"]>,
): void {
  for (const n of range(N)) {
    for (const c of range(C)) {
      for (const h of range(H)) {
        for (const w of range(W)) {
          const first = a[n * A0][c * A1][h * A2][w * A3];
          const second = CONSTANT ? k[n * B0][c * B1][h * B2][w * B3] : b[n * B0][c * B1][h * B2][w * B3];
          const v = CONSTANT === 2 ? combine(second, first, FN) : combine(first, second, FN);
          y[n][c][h][w] = ending(v, 0, 0, EPILOGUE);
        }
      }
    }
  }
}
