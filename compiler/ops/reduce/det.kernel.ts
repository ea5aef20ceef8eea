import {
  choose,
  float,
  type Input,
  isEqual,
  isLess,
  max,
  type Output,
  range,
  type Sizes,
  stack,
} from "../../language/kernel.ts";

/**
 * Determinants of square matrices (ONNX Det-11): the product of what elimination leaves on the diagonal, the largest element of a column
 * always brought up to it. x: [M, N, N], y: [M].
 */
export function det({ M, N }: Sizes<"M N">, x: Input<["M", "N", "N"]>, y: Output<["M"]>): void {
  for (const m of range(M)) {
    const a = stack([N, N]);
    for (const i of range(N)) {
      for (const j of range(N)) {
        a[i][j] = x[m][i][j];
      }
    }
    let product = 1;
    for (const c of range(N)) {
      let most = -1;
      let place = float(c);
      for (const r of range(N)) {
        const size = max(a[r][c], -a[r][c]);
        const takes = isLess(most, size) * (1 - isLess(float(r), float(c)));
        most = choose(takes, size, most);
        place = choose(takes, float(r), place);
      }
      for (const j of range(N)) {
        let upper = a[c][j];
        for (const r of range(N)) {
          upper = choose(isEqual(float(r), place), a[r][j], upper);
        }
        for (const r of range(N)) {
          a[r][j] = choose(isEqual(float(r), place), a[c][j], a[r][j]);
        }
        a[c][j] = upper;
      }
      product = choose(isEqual(place, float(c)), product, -product) * a[c][c];
      for (const r of range(N)) {
        const below = isLess(float(c), float(r)) * (1 - isEqual(a[c][c], 0));
        const factor = choose(below, a[r][c] / a[c][c], 0);
        for (const j of range(N)) {
          a[r][j] = choose(below, a[r][j] - factor * a[c][j], a[r][j]);
        }
      }
    }
    y[m] = product;
  }
}
