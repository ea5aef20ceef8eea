import {
  exp,
  type Input,
  log,
  max,
  type Output,
  range,
  register,
  type Sizes,
  stack,
} from "../../language/kernel.ts";

/**
 * Softmax of rows (ONNX Softmax-13 along the last axis): each of 16 places takes every 16th element into a maximum and a sum of
 * its own, which are joined at the end. `B` blocks of 16 are whole; of the last one `R` elements are there, beside the row's
 * last one again, which a maximum does not notice, then zeros, which a sum does not. LOG is as in
 * softmax.kernel.ts. x, y: [M, K, 1], K = 16 * B + R.
 */
export function softmaxRows(
  { M, K, B, R, LOG = 0 }: Sizes<"M K B R", "LOG">,
  x: Input<["M", "K", 1]>,
  y: Output<["M", "K", 1]>,
): void {
  for (const m of range(M)) {
    const last = stack([16]);
    for (const i of range(R)) {
      last[i] = x[m][B * 16 + i][0];
    }
    for (const j of range(16 - R)) {
      last[R + j] = x[m][K - 1][0];
    }
    const tops = register([16]);
    for (const t of range(16)) {
      tops[t] = last[t];
    }
    for (const b of range(B)) {
      for (const t of range(16)) {
        tops[t] = max(tops[t], x[m][b * 16 + t][0]);
      }
    }
    const places = stack([16]);
    for (const t of range(16)) {
      places[t] = tops[t];
    }
    for (const e of range(8)) {
      places[e] = max(places[e], places[8 + e]);
    }
    for (const f of range(4)) {
      places[f] = max(places[f], places[4 + f]);
    }
    const top = max(max(places[0], places[1]), max(places[2], places[3]));
    const sums = register([16]);
    for (const t of range(16)) {
      last[t] = exp(last[t] - top);
    }
    for (const j of range(16 - R)) {
      last[R + j] = 0;
    }
    for (const t of range(16)) {
      sums[t] = last[t];
    }
    for (const b of range(B)) {
      for (const t of range(16)) {
        y[m][b * 16 + t][0] = exp(x[m][b * 16 + t][0] - top);
        sums[t] += y[m][b * 16 + t][0];
      }
    }
    for (const t of range(16)) {
      places[t] = sums[t];
    }
    for (const e of range(8)) {
      places[e] = places[e] + places[8 + e];
    }
    for (const f of range(4)) {
      places[f] = places[f] + places[4 + f];
    }
    const sum = places[0] + places[1] + (places[2] + places[3]);
    if (LOG) {
      const logarithm = log(sum);
      for (const b of range(B)) {
        for (const t of range(16)) {
          y[m][b * 16 + t][0] = x[m][b * 16 + t][0] - top - logarithm;
        }
      }
      for (const i of range(R)) {
        y[m][B * 16 + i][0] = x[m][B * 16 + i][0] - top - logarithm;
      }
    } else {
      const scale = 1 / sum;
      for (const b of range(B)) {
        for (const t of range(16)) {
          y[m][b * 16 + t][0] = y[m][b * 16 + t][0] * scale;
        }
      }
      for (const i of range(R)) {
        y[m][B * 16 + i][0] = last[i] * scale;
      }
    }
  }
}
