import type { Input, Output } from "../../language/kernel.ts";

/** Sums of a pair's inputs that the seven products take: dIP are those of half I of the input channels, of pixel P. */
export function inputSums(d00: number, d01: number, d10: number, d11: number, to: Output<[7]>): void {
  const t = d01 - d00;
  to[0] = d00;
  to[1] = d10;
  to[2] = d11;
  to[3] = d11 - t - d10;
  to[4] = t;
  to[5] = d11 - t;
  to[6] = d11 - d01;
}

/** A pair's outputs by its seven products: to[h][p] is that of half h of the output channels, of pixel p. */
export function outputSums(m: Input<[7]>, to: Output<[2, 2]>): void {
  const sum = m[0] + m[5];
  to[0][0] = m[0] + m[1];
  to[0][1] = sum + m[4] + m[2];
  to[1][0] = sum + m[6] - m[3];
  to[1][1] = sum + m[6] + m[4];
}
