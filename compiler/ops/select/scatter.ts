/** How an update and what was there are joined: what the dim FN of scatter-at.kernel.ts takes, and ONNX's word. */
export const SCATTERS = {
  replace: { fn: 0, onnx: "none" },
  add: { fn: 1, onnx: "add" },
  mul: { fn: 2, onnx: "mul" },
  max: { fn: 3, onnx: "max" },
  min: { fn: 4, onnx: "min" },
} as const;

export type ScatterName = keyof typeof SCATTERS;
