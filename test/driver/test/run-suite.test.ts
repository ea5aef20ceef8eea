import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pc from "picocolors";
import { afterAll, describe, expect, test } from "vitest";
import { caseLine, failureText, suiteFailure, summaryText } from "../../../compiler/cli/test-text.ts";
import { runOnnxRuntime } from "../../../compiler/driver/test/onnx-runtime.ts";
import { runSuite } from "../../../compiler/driver/test/run-suite.ts";
import type { Conditions, LayerSizes, Suite } from "../../../compiler/driver/test/suite.schema.ts";
import { testCases } from "../../../compiler/driver/test/test-cases.ts";
import { writeNpy } from "../../../compiler/frontend/npy.ts";
import type { Results } from "../../../compiler/results/results.schema.ts";
import { renderDiagnostic } from "../../../compiler/support/diagnostic.ts";
import { messageOf } from "../../device/message-of.ts";

const folder = mkdtempSync(join(tmpdir(), "tilewright-run-suite-"));
afterAll(() => rmSync(folder, { recursive: true }));
const DIGITS = "test/fixtures/digits/digits.onnx";
const plain = pc.createColors(false);

async function run(suite: Suite): Promise<Results> {
  const cases = await testCases({ name: "suite", folder: process.cwd(), suite });
  const { signal } = new AbortController();
  return runSuite(cases, { suite: "suite", timeoutSeconds: 60, signal, note: () => {}, reproducers: folder });
}

const LAYER: LayerSizes = {
  ...{ n: 1, ic: 8, oc: 8, ih: 7, iw: 7, kh: 3, kw: 3, pad: 1, groups: 2, stride: 1, dilation: 1 },
  ...{ bias: true, activation: "relu", residual: true },
};

describe("a suite that is run", () => {
  test("compares a model with its kernels, a layer, and a kernel of one's own; sizes and cycles are kept", async () => {
    const results = await run({
      boards: ["qemu-rpi4"],
      inputs: ["random"],
      threads: [1, 2],
      cases: [
        { model: DIGITS, measure: ["cycles"] },
        { layer: LAYER, inputs: ["ramp", "huge", "tiny", "special"], threads: [1] },
        {
          kernel: "test/examples/matmul/matmul.kernel.ts",
          schedule: "test/examples/matmul/matmul.schedule.ts",
          sizes: { M: 8, N: 16, K: 8 },
        },
      ],
    });
    expect(results.cases.map(({ name, verdict, checks }) => [name, verdict, checks.length])).toEqual([
      [`${DIGITS} on qemu-rpi4`, "right", 3],
      ["conv3x3_8_8_7x7_g2 on qemu-rpi4", "right", 8],
      [
        "test/examples/matmul/matmul.kernel.ts test/examples/matmul/matmul.schedule.ts on qemu-rpi4",
        "right",
        2,
      ],
    ]);
    const [digits] = results.cases;
    expect(digits.whole.cycles).toBeGreaterThan(50_000);
    expect(digits.whole.instructions).toBeGreaterThan(50_000);
    expect(digits.whole.codeBytes).toBeGreaterThan(100_000);
    expect(digits.layers.find(({ op }) => op === "softmax-rows")?.figures.cycles).toBeGreaterThan(100);
    expect(digits).toMatchObject({ core: "cortex-a72", timing: "emulated", model: DIGITS, threads: 2 });
    expect(suiteFailure(results)).toBeUndefined();
    expect(summaryText(results, plain)).toBe("suite: 3 right, 0 wrong, 0 errors; 13 checks");
    expect(caseLine({ ...digits, seconds: 1 }, plain)).toMatch(
      /^right {2}test\/fixtures\/digits\/digits.onnx on qemu-rpi4: 3 checks, at most 0\.\d+ of a bound, 0\.\d+ million cycles \(modelled\) \(1\.0 s\)$/,
    );
  });

  test("compares outputs with ONNX Runtime's and with those of a file, and tells the first that differs", async () => {
    const golden = join(folder, "golden.npy");
    writeFileSync(golden, writeNpy({ shape: [1, 10], data: new Float32Array(10).fill(0.1) }));
    const results = await run({
      inputs: ["random"],
      threads: [1],
      references: ["onnxruntime", { golden }],
      cases: [{ model: DIGITS }],
    });
    const [{ verdict, checks }] = results.cases;
    expect([verdict, checks.map(({ ok }) => ok)]).toEqual(["wrong", [true, false]]);
    expect(checks[1].failure).toMatchObject({
      tensor: "probabilities",
      count: 10,
      first: { at: [0, 0], wanted: Math.fround(0.1) },
    });
    expect(failureText(results.cases[0])).toMatch(
      /random, 1 thread, against .*golden.npy:\n {4}output probabilities: \d+ of 10 values\n/,
    );
    const failure = suiteFailure(results);
    expect(failure?.exitCode).toBe(10);
    expect(failure && renderDiagnostic(failure.diagnostic)).toBe(
      [
        "error[R183]: 1 of 1 cases of `suite` are wrong",
        `  where: ${DIGITS} on host`,
        "  help:  where neither the reference nor a tolerance is at fault it is a bug: report it, with the reproducer",
      ].join("\n"),
    );
  });

  test("gives a model frames of a camera, and takes its greatest scores", async () => {
    const frames = { u8: true, layout: "nhwc", order: "rgb", mean: 33.3, scale: 0.0128 } as const;
    const results = await run({
      threads: [1],
      inputs: ["random"],
      cases: [{ model: DIGITS, frames, topK: 3 }],
    });
    expect(results.cases.map(({ verdict, checks }) => [verdict, checks.map(({ ok }) => ok)])).toEqual([
      ["right", [true, true]],
    ]);
  });

  test("goes on when a case cannot be run, and says so", async () => {
    const results = await run({
      inputs: ["ones"],
      threads: [1],
      boards: ["nosuchboard", "host"],
      cases: [{ layer: LAYER }],
    });
    expect(results.cases.map(({ verdict }) => verdict)).toEqual(["error", "right"]);
    const failure = suiteFailure(results);
    expect(failure?.exitCode).toBe(6);
    expect(failure && renderDiagnostic(failure.diagnostic)).toBe(
      [
        "error[R184]: 1 of 2 cases of `suite` could not be run",
        "  where: conv3x3_8_8_7x7_g2 on nosuchboard",
        "  help:  nothing is known of their results",
      ].join("\n"),
    );
    expect(failureText(results.cases[0])).toMatch(/^ {2}error\[D101\]: no board is named `nosuchboard`/);
  });

  const errorOf = async (conditions: Conditions, each: Suite["cases"][number]): Promise<string> => {
    const results = await run({ ...conditions, inputs: ["ones"], threads: [1], cases: [each] });
    return results.cases[0].error?.text ?? "";
  };

  test("C365, R181, R182: references that cannot be", async () => {
    expect(await errorOf({ references: ["onnxruntime"] }, { model: DIGITS, topK: 1 })).toBe(
      [
        "error[C365]: ONNX Runtime runs ONNX files as they are",
        "  why:   this case gives the greatest scores in place of all",
        "  help:  leave `onnxruntime` out of its references: `kernels` compares every layer",
      ].join("\n"),
    );
    // a layer is of no file: one is written
    expect(await errorOf({ references: ["onnxruntime"] }, { layer: LAYER })).toBe("");
    const refused = await messageOf(
      runOnnxRuntime(new Uint8Array([1, 2, 3]), new Map(), { ports: [], outputs: [] }),
    );
    expect(refused.replace(/why: .*/, "why:   (its words)")).toBe(
      [
        "error[R181]: ONNX Runtime does not run the model",
        "  why:   (its words)",
        "  help:  compare with the reference `kernels` instead, which needs nothing else",
      ].join("\n"),
    );
    const golden = join(folder, "small.npy");
    writeFileSync(golden, writeNpy({ shape: [1, 3], data: new Float32Array(3) }));
    expect(await errorOf({ references: [{ golden }] }, { model: DIGITS })).toBe(
      [
        `error[R182]: \`${golden}\` holds no output \`probabilities\` of shape [1, 10]`,
        "  why:   it has shape [1, 3] there",
        "  help:  `tilewright run MODEL --output-dir DIR` writes outputs as .npy files",
      ].join("\n"),
    );
  });
});

test("a wrong layer is explained, with a file that shows it", async () => {
  const { explainNetwork } = await import("../../../compiler/driver/test/explain-failure.ts");
  const { brokenBundle } = await import("./broken-bundle.ts");
  const { result, options } = await brokenBundle(LAYER, folder);
  const [{ failure }] = await explainNetwork(result, options);
  expect(failure?.culprit).toMatch(/^the program: each kernel alone and the plan are right/);
  expect(failure?.reproducer).toMatch(/conv-host-[0-9a-f]{8}\.c$/);
  expect(existsSync(failure?.reproducer ?? "")).toBe(true);
  expect(readFileSync(failure?.reproducer ?? "", "utf8")).toContain("int main(void)");
});
