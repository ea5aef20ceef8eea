/**
 * Mean and variance per channel of an activation, as predicted for white input. The zoo's batch norms take their
 * running statistics from these, so that activations keep their size through any depth and outputs stay diverse, as
 * in a trained network; a stranger's statistics would saturate after a few layers.
 */
export interface Moments {
  readonly mean: Float64Array;
  readonly variance: Float64Array;
}

export function whiteMoments(channels: number): Moments {
  return { mean: new Float64Array(channels), variance: new Float64Array(channels).fill(1) };
}

/** After a convolution or dense layer with weights [OC, C/g, ...taps] and no bias; neighbours count as independent. */
export function afterWeights(x: Moments, weights: Float32Array, oc: number, groups: number): Moments {
  const perGroup = x.mean.length / groups;
  const taps = weights.length / oc / perGroup;
  const out: Moments = { mean: new Float64Array(oc), variance: new Float64Array(oc) };
  let at = 0;
  for (let o = 0; o < oc; o++) {
    const first = Math.floor(o / (oc / groups)) * perGroup;
    let mean = 0;
    let variance = 0;
    for (let c = first; c < first + perGroup; c++) {
      let sum = 0;
      let squares = 0;
      for (let t = 0; t < taps; t++) {
        const w = weights[at++] as number;
        sum += w;
        squares += w * w;
      }
      mean += sum * (x.mean[c] as number);
      variance += squares * (x.variance[c] as number);
    }
    out.mean[o] = mean;
    out.variance[o] = variance;
  }
  return out;
}

/** After max(v, 0), for normally distributed v. */
export function afterRelu(x: Moments): Moments {
  const mean = new Float64Array(x.mean.length);
  const variance = new Float64Array(x.mean.length);
  for (let c = 0; c < mean.length; c++) {
    const m = x.mean[c] as number;
    const v = x.variance[c] as number;
    const sigma = Math.sqrt(v) + 1e-12;
    const positive = normalCdf(m / sigma);
    const density = Math.exp((-0.5 * m * m) / (sigma * sigma)) / Math.sqrt(2 * Math.PI);
    mean[c] = m * positive + sigma * density;
    variance[c] = Math.max(1e-6, (m * m + v) * positive + m * sigma * density - (mean[c] as number) ** 2);
  }
  return { mean, variance };
}

/** The sum of independent activations. */
export function afterAdd(a: Moments, b: Moments): Moments {
  return {
    mean: a.mean.map((m, c) => m + (b.mean[c] as number)),
    variance: a.variance.map((v, c) => v + (b.variance[c] as number)),
  };
}

export function afterConcat(parts: readonly Moments[]): Moments {
  return {
    mean: Float64Array.from(parts.flatMap((p) => [...p.mean])),
    variance: Float64Array.from(parts.flatMap((p) => [...p.variance])),
  };
}

/** The mean of `count` independent values. */
export function afterAverage(x: Moments, count: number): Moments {
  return { mean: x.mean, variance: x.variance.map((v) => v / count) };
}

/** The largest of nine: about 1.5 standard deviations up and 0.36 of the variance for normal values. */
export function afterMaxOfNine(x: Moments): Moments {
  return {
    mean: x.mean.map((m, c) => m + 1.485 * Math.sqrt(x.variance[c] as number)),
    variance: x.variance.map((v) => 0.357 * v),
  };
}

/** Abramowitz and Stegun 26.2.17, good to 7.5e-8. */
function normalCdf(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const series =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const tail = (Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI)) * series;
  return z >= 0 ? 1 - tail : tail;
}
