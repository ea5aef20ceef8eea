import { describe, expect, it } from "vitest";
import { wrongResult } from "../../compiler/cli/verify-text.ts";
import { renderDiagnostic } from "../../compiler/support/diagnostic.ts";
import { tilewright } from "./command-line.ts";

describe("messages of the command line", () => {
  it("C302: a file that cannot be written", async () => {
    const { code, note } = await tilewright("zoo", "export", "shufflenet-v1", "-o", "/proc/none/x.onnx");
    expect(note).toBe(`error[C302]: cannot write \`/proc/none/x.onnx\`
  why:   ENOENT: no such file or directory, open '/proc/none/x.onnx'`);
    expect(code).toBe(1);
  });

  it("R121: a wrong result, by its first wrong layer", () => {
    const right = {
      tensor: "a_out",
      layer: "a",
      op: "conv2d",
      maxAbsError: 0,
      count: 8,
      badCount: 0,
      undecided: 0,
      allZero: false,
      worst: undefined,
      firstBad: undefined,
      histogram: [],
      ok: true,
    };
    const wrong = {
      ...right,
      tensor: "b_out",
      layer: "b",
      badCount: 3,
      ok: false,
      worst: { at: [0, 1, 2], actual: 2.5, wanted: 2, bound: 1e-6, ofBound: 5e5 },
    };
    const report = {
      network: "net",
      target: "rpi4",
      board: "pi",
      tolerance: 1,
      layers: [right, wrong],
      outputs: [],
      ok: false,
    };
    const error = wrongResult(report);
    expect(
      renderDiagnostic(error.diagnostic),
    ).toBe(`error[R121]: \`net\` computes something else on \`pi\` than its kernels
  where: layer b (conv2d), the first of those that are wrong
  why:   3 of 8 values are off by more than their rounding bounds; the worst is [0, 1, 2]: 2.5, expected 2, within 1.0e-6
  help:  compile with --dump-ir DIR and report it: a wrong result is a bug`);
    expect(error.exitCode).toBe(10);
  });
});
