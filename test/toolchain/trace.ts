import { readFileSync } from "node:fs";
import { expect } from "vitest";

/** A file of 32-bit floats. */
export function floats(path: string): Float32Array {
  const bytes = readFileSync(path);
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

export function maxError(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i])), 0);
}

/** Every layer's memory, one after another, equals what is expected. */
export function checkTrace(path: string, layers: readonly Float32Array[]): void {
  const trace = floats(path);
  let at = 0;
  for (const [i, layer] of layers.entries()) {
    expect(maxError(trace.subarray(at, at + layer.length), layer), `layer ${i}`).toBeLessThan(1e-5);
    at += layer.length;
  }
  expect(trace.length).toBe(at);
}
