import type { Output } from "../../language/kernel.ts";

/** The points of A inputs in a row or column; d7 only where A is 8. */
export function points(
  d0: number,
  d1: number,
  d2: number,
  d3: number,
  d4: number,
  d5: number,
  d6: number,
  d7: number,
  A: number,
  to: Output<["A"]>,
): void {
  if (A === 8) points8(d0, d1, d2, d3, d4, d5, d6, d7, to);
  else if (A === 6) pointsAtRoots(d0, d1, d2, d3, d4, d5, to);
  else points7(d0, d1, d2, d3, d4, d5, d6, to);
}

/** Six points of six inputs in a row or column; that of infinity is number `last`. */
export function points6(
  d0: number,
  d1: number,
  d2: number,
  d3: number,
  d4: number,
  d5: number,
  last: number,
  to: Output<["A"]>,
): void {
  const even = d4 - d2;
  const odd = d3 - d1;
  to[3] = even + (odd + odd);
  to[4] = even - (odd + odd);
  to[last] = d5 - d3 - 4 * odd;
  to[0] = even + 4 * (d0 - d2);
  to[1] = d4 - 4 * d2 + (d3 - 4 * d1);
  to[2] = d4 - 4 * d2 - (d3 - 4 * d1);
}

/** Six points of six inputs: 0, the roots of a half and of two with either sign, and infinity. */
function pointsAtRoots(
  d0: number,
  d1: number,
  d2: number,
  d3: number,
  d4: number,
  d5: number,
  to: Output<[6]>,
): void {
  to[0] = d2 - 0.4 * d0 - 0.4 * d4;
  to[5] = d3 - 0.4 * d1 - 0.4 * d5;
  const even1 = d2 - 0.5 * d4;
  const odd1 = d1 - 0.5 * d3;
  to[1] = even1 + 0.7071067811865476 * odd1;
  to[2] = even1 - 0.7071067811865476 * odd1;
  const even2 = d4 - 0.5 * d2;
  const odd2 = d3 - 0.5 * d1;
  to[3] = odd2 + 0.7071067811865476 * even2;
  to[4] = odd2 - 0.7071067811865476 * even2;
}

/** Eight points of eight inputs in a row or column. */
function points8(
  d0: number,
  d1: number,
  d2: number,
  d3: number,
  d4: number,
  d5: number,
  d6: number,
  d7: number,
  to: Output<[8]>,
): void {
  to[0] = d0 - d6 + 5.25 * (d4 - d2);
  to[7] = d7 - d1 + 5.25 * (d3 - d5);
  const even1 = d2 + d6 - 4.25 * d4;
  const odd1 = d1 + d5 - 4.25 * d3;
  to[1] = even1 + odd1;
  to[2] = even1 - odd1;
  const even2 = d6 - 1.25 * d4 + 0.25 * d2;
  const odd2 = 0.5 * d1 + 2 * d5 - 2.5 * d3;
  to[3] = even2 + odd2;
  to[4] = even2 - odd2;
  const even3 = d6 - 5 * d4 + 4 * d2;
  const odd3 = 0.5 * d5 + 2 * d1 - 2.5 * d3;
  to[5] = even3 + odd3;
  to[6] = even3 - odd3;
}

/**
 * Seven points of seven inputs. The factor x - 1/2 that all but the point 1/2 have is taken first: what is left are the points of
 * F(4x4, 3x3).
 */
function points7(
  d0: number,
  d1: number,
  d2: number,
  d3: number,
  d4: number,
  d5: number,
  d6: number,
  to: Output<[7]>,
): void {
  const e0 = d1 - 0.5 * d0;
  const e1 = d2 - 0.5 * d1;
  const e2 = d3 - 0.5 * d2;
  const e3 = d4 - 0.5 * d3;
  const e4 = d5 - 0.5 * d4;
  const e5 = d6 - 0.5 * d5;
  points6(e0, e1, e2, e3, e4, e5, 6, to);
  to[5] = d5 - 5 * d3 + 4 * d1;
}

/** The T outputs, 2 to A - 1, of A products in a row or column; m7 only where A is 8. */
export function outputs(
  m0: number,
  m1: number,
  m2: number,
  m3: number,
  m4: number,
  m5: number,
  m6: number,
  m7: number,
  A: number,
  T: number,
  to: Output<["T"]>,
): void {
  if (A === 8) outputs8(m0, m1, m2, m3, m4, m5, m6, m7, T, to);
  else if (A === 6) outputsAtRoots(m0, m1, m2, m3, m4, m5, T, to);
  else outputs7(m0, m1, m2, m3, m4, m5, m6, T, to);
}

function outputs8(
  m0: number,
  m1: number,
  m2: number,
  m3: number,
  m4: number,
  m5: number,
  m6: number,
  m7: number,
  T: number,
  to: Output<["T"]>,
): void {
  const sum1 = m1 + m2;
  const sum2 = m3 + m4;
  const sum3 = m5 + m6;
  to[0] = m0 + sum1 + sum2 + 32 * sum3;
  if (T > 2) to[2] = (T === 3 ? m7 + sum1 : sum1) + 4 * sum2 + 8 * sum3;
  if (T > 4) to[4] = (T === 5 ? m7 + sum1 : sum1) + 16 * sum2 + 2 * sum3;
  if (T > 6) to[6] = m7 + sum1 + 64 * sum2 + 0.5 * sum3;
  const dif1 = m1 - m2;
  const dif2 = m3 - m4;
  const dif3 = m5 - m6;
  to[1] = (T === 2 ? m7 + dif1 : dif1) + 2 * dif2 + 16 * dif3;
  if (T > 3) to[3] = (T === 4 ? m7 + dif1 : dif1) + 8 * dif2 + 4 * dif3;
  if (T > 5) to[5] = (T === 6 ? m7 + dif1 : dif1) + 32 * dif2 + dif3;
}

function outputsAtRoots(
  m0: number,
  m1: number,
  m2: number,
  m3: number,
  m4: number,
  m5: number,
  T: number,
  to: Output<["T"]>,
): void {
  const sum1 = m1 + m2;
  const sum2 = m3 + m4;
  to[0] = m0 + sum1 + sum2;
  if (T > 2) to[2] = (T === 3 ? m5 + 0.5 * sum1 : 0.5 * sum1) + 2 * sum2;
  if (T > 4) to[4] = m5 + 0.25 * sum1 + 4 * sum2;
  const dif1 = m1 - m2;
  const dif2 = m3 - m4;
  to[1] = (T === 2 ? m5 + 0.7071067811865476 * dif1 : 0.7071067811865476 * dif1) + 1.4142135623730951 * dif2;
  if (T > 3)
    to[3] =
      (T === 4 ? m5 + 0.3535533905932738 * dif1 : 0.3535533905932738 * dif1) + 2.8284271247461903 * dif2;
}

function outputs7(
  m0: number,
  m1: number,
  m2: number,
  m3: number,
  m4: number,
  m5: number,
  m6: number,
  T: number,
  to: Output<["T"]>,
): void {
  const sum1 = m1 + m2;
  const sum2 = m3 + m4;
  to[0] = m0 + sum1 + sum2 + 16 * m5;
  if (T > 2) to[2] = (T === 3 ? m6 + sum1 : sum1) + 4 * sum2 + 4 * m5;
  if (T > 4) to[4] = (T === 5 ? m6 + sum1 : sum1) + 16 * sum2 + m5;
  const dif1 = m1 - m2;
  const dif2 = m3 - m4;
  to[1] = (T === 2 ? m6 + dif1 : dif1) + 2 * dif2 + 8 * m5;
  if (T > 3) to[3] = (T === 4 ? m6 + dif1 : dif1) + 8 * dif2 + 2 * m5;
  if (T > 5) to[5] = m6 + dif1 + 32 * dif2 + 0.5 * m5;
}
