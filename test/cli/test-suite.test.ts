import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pc from "picocolors";
import { afterAll, describe, expect, it } from "vitest";
import { type SuiteValues, suiteAsked } from "../../compiler/cli/test-suite.ts";
import { caseLine, failureText } from "../../compiler/cli/test-text.ts";
import { PACKAGE_ROOT } from "../../compiler/support/paths.ts";
import { messageOf } from "../device/message-of.ts";
import { caseOf } from "../results/results-of.ts";

const folder = mkdtempSync(join(tmpdir(), "tilewright-test-suite-"));
afterAll(() => rmSync(folder, { recursive: true }));
const suite = join(folder, "suite.yaml");
writeFileSync(suite, "numerics: strict\ncases:\n  - model: zoo:resnet18\n");

const asked = (values: Omit<SuiteValues, "words">, SUITE = suite) =>
  suiteAsked({ words: { SUITE }, ...values });

describe("what the command line says of a suite", () => {
  it("takes the place of what its cases say, and nothing else does", async () => {
    const { suite: read } = await asked({ tolerance: 2, threads: "1,2" });
    expect(read.numerics).toBe("strict");
    expect(read.cases).toEqual([{ model: "zoo:resnet18", tolerance: 2, threads: [1, 2] }]);
  });

  it("adds a reference to the kernels, which see every layer", async () => {
    const { suite: read } = await asked({ reference: ["onnxruntime", suite] }, "m.onnx");
    expect(read.references).toEqual(["kernels", "onnxruntime", { golden: suite }]);
  });

  it("knows a folder as a reference by what it holds", async () => {
    const folders = (["golden.json", "metadata.json", "package.json"] as const).map((file) => {
      const path = mkdtempSync(join(folder, "reference-"));
      writeFileSync(join(path, file), "");
      return path;
    });
    const { suite: read } = await asked({ reference: folders }, "m.onnx");
    const [golden, bundle, tilewright] = folders;
    expect(read.references).toEqual(["kernels", { golden }, { bundle }, { tilewright }]);
  });

  it.each<[string, Omit<SuiteValues, "words">]>([
    [
      "`--tolerance` cannot be `-1`\n  why:   it has to be a number above 0, and 1000 at most",
      { tolerance: -1 },
    ],
    [
      "`--tolerance` cannot be `0`\n  why:   it has to be a number above 0, and 1000 at most",
      { tolerance: 0 },
    ],
    ["`--threads` cannot be `65`\n  why:   it has to be 64 at most", { threads: "1,65" }],
    [
      "`--reference` cannot be `kernel`\n  why:   it has to be kernels, onnxruntime, or a file of outputs or a folder that is there; did you mean `kernels`?",
      { reference: ["kernel"] },
    ],
    [
      `\`--reference\` cannot be \`${folder}\`\n  why:   it has to be a folder of \`test --write-golden\` or \`compile -o\`, or a checkout of Tilewright`,
      { reference: [folder] },
    ],
  ])("C205: %j", async (told, values) => {
    expect(await messageOf(asked(values))).toBe(`error[C205]: ${told}`);
  });
});

it("what cases are called does nothing to a terminal, and makes no lines", () => {
  const result = { ...caseOf("x\nright  everything\u001b[31m\u202e", {}), verdict: "wrong" as const };
  expect(caseLine(result, pc.createColors(false))).toBe(
    "WRONG  x\\u000aright  everything\\u001b[31m\\u202e: 0 of 1 checks (1.0 s)",
  );
  expect(failureText(result)).toBe("");
});

it("a case says how many values were not compared, and of what none was", () => {
  const result = caseOf("x", {});
  const undecided = { values: 3, of: 9, whole: ["output y"] };
  const checks = [...result.checks, { ...result.checks[0], undecided }];
  expect(caseLine({ ...result, verdict: "right", checks }, pc.createColors(false))).toMatch(
    /of a bound, 3 of 9 values may have overflowed and were not compared: none of output y/,
  );
});

it("a kernel file that ends the process is no success", () => {
  writeFileSync(join(folder, "exit.kernel.ts"), "process.exit(0);\nexport function f(): void {}\n");
  writeFileSync(join(folder, "exit.yaml"), "cases:\n  - kernel: exit.kernel.ts\n");
  const cli = join(PACKAGE_ROOT, "dist/cli/main.js");
  const { status, stderr } = spawnSync("node", [cli, "test", join(folder, "exit.yaml")], {
    encoding: "utf8",
  });
  expect([status, stderr]).toEqual([
    70,
    "error: the process was ended before the command was, by a file that it runs\n",
  ]);
});
