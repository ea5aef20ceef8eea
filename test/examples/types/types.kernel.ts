import {
  type Dims,
  f16,
  f32,
  type Input,
  i32,
  type Output,
  range,
  roundI32,
  saturateI8,
  saturateU8,
  type Weight,
} from "tilewright/kernel";

/** Numbers of f32 in half the memory. */
export function toHalf({ N }: Dims, x: Input<["N"]>, y: Output<["N"], "f16">): void {
  for (const i of range(N)) y[i] = f16(x[i]);
}

/** And back. */
export function fromHalf({ N }: Dims, x: Input<["N"], "f16">, y: Output<["N"]>): void {
  for (const i of range(N)) y[i] = f32(x[i]);
}

/** A multiply-add in f16. */
export function halfMultiplyAdd(
  { N }: Dims,
  a: Input<["N"], "f16">,
  b: Input<["N"], "f16">,
  c: Input<["N"], "f16">,
  y: Output<["N"], "f16">,
): void {
  for (const i of range(N)) y[i] = c[i] + a[i] * b[i];
}

/** The same for cores that compute in f32 only. */
export function wideMultiplyAdd(
  { N }: Dims,
  a: Input<["N"], "f16">,
  b: Input<["N"], "f16">,
  c: Input<["N"], "f16">,
  y: Output<["N"], "f16">,
): void {
  for (const i of range(N)) y[i] = f16(f32(c[i]) + f32(a[i]) * f32(b[i]));
}

/** Products of 8-bit rows and columns, summed in 32 bits. x: [M, K], w: [N, K], y: [M, N]. */
export function products(
  { M, N, K }: Dims,
  x: Input<["M", "K"], "i8">,
  w: Weight<["N", "K"], "i8">,
  y: Output<["M", "N"], "i32">,
): void {
  for (const m of range(M)) {
    for (const n of range(N)) {
      let acc = i32(0);
      for (const k of range(K)) acc += i32(x[m][k]) * i32(w[n][k]);
      y[m][n] = acc;
    }
  }
}

/** 32-bit sums as 8-bit numbers again: scaled, to the nearest, held between the least and the greatest. */
export function requantise(
  { N, SCALE = 0.01 }: Dims,
  x: Input<["N"], "i32">,
  y: Output<["N"], "i8">,
  z: Output<["N"], "u8">,
): void {
  for (const i of range(N)) {
    y[i] = saturateI8(roundI32(f32(x[i]) * SCALE * 25));
    z[i] = saturateU8(x[i]);
  }
}
