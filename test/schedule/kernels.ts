import type { DType } from "../../compiler/ir/dtype.ts";
import type { LoopProc } from "../../compiler/ir/proc.ts";
import { parseKernelText } from "../../compiler/language/parse-kernel.ts";

/** A procedure from the body of a kernel whose tensors x, w (read) and y, z (written) have the shapes and types given. */
export function kernelOf(
  body: string,
  shapes: Readonly<Record<string, readonly number[]>>,
  types: Readonly<Record<string, DType>> = {},
): LoopProc {
  const params = Object.entries(shapes).map(([name, shape]) => {
    const type = name === "w" ? "Weight" : name === "y" || name === "z" ? "Output" : "Input";
    return `${name}: ${type}<[${shape.join(", ")}], "${types[name] ?? "f32"}">`;
  });
  return parseKernelText(`export function example(${params.join(", ")}): void {\n${body}\n}\n`, {});
}

/** y[i][j] = sum over k of x[i][k] * w[k][j], with a local accumulator. */
export function matmul(m: number, n: number, k: number): LoopProc {
  return kernelOf(
    `for (const i of range(${m})) {
       for (const j of range(${n})) {
         let acc = 0;
         for (const k of range(${k})) { acc += x[i][k] * w[k][j]; }
         y[i][j] = acc;
       }
     }`,
    { x: [m, k], w: [k, n], y: [m, n] },
  );
}
