import type { CaseResult, Figures, LayerResult, Results } from "../../compiler/results/results.schema.ts";

/** Results as a run of a suite leaves them, made up for tests. */
export function resultsOf(cases: readonly CaseResult[], label?: string): Results {
  return {
    format: "tilewright-results",
    version: 1,
    tilewright: { version: "0.1.0", build: "abc" },
    suite: "suite",
    ...(label !== undefined && { label }),
    cases: [...cases],
  };
}

/** A case that is right, of a network with the layers given. */
export function caseOf(name: string, whole: Figures, layers: readonly LayerResult[] = []): CaseResult {
  return {
    name,
    model: "m.onnx",
    board: "qemu-rpi4",
    target: "rpi4",
    core: "cortex-a72",
    isa: "neon-a64",
    timing: "emulated",
    threads: 1,
    compiler: "gcc 12.2.0",
    verdict: "right",
    seconds: 1,
    checks: [{ inputs: "random", threads: 1, reference: "kernels", ok: true, ofBound: 0.2 }],
    whole,
    layers: [...layers],
  };
}

/** A layer of a made-up network. */
export function layerOf(name: string, figures: Figures, kernel = `conv2d_${name}`): LayerResult {
  return { name, op: "conv2d", kernel, schedule: "direct", choice: "tile=1x4", macs: 1000, figures };
}
