import { describe, expect, test } from "vitest";
import { KERNEL_CODES } from "../../compiler/language/kernel-error.ts";
import { parseKernel, parseKernelText } from "../../compiler/language/parse-kernel.ts";
import { renderDiagnostic, UserError } from "../../compiler/support/diagnostic.ts";
import { refusedCalls } from "./call-errors.fixture.ts";
import { inKernel, refused } from "./errors.fixture.ts";

function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof UserError) return renderDiagnostic(error.diagnostic);
    throw error;
  }
  return "no error";
}

describe("kernels outside the language", () => {
  test.each([...refused, ...refusedCalls])("$problem: $text", ({ text, dims, message }) => {
    expect(
      messageOf(() => parseKernelText(inKernel(text), dims ?? { N: 2, F: 0.5 }, { name: "kernel" })),
    ).toBe(message);
  });

  test("a file that cannot be read", () => {
    expect(messageOf(() => parseKernel("/nowhere/conv.kernel.ts", "conv", {}))).toBe(
      [
        "error[K118]: cannot read the kernel's file",
        "  where: /nowhere/conv.kernel.ts",
        "  why:   ENOENT: no such file or directory",
      ].join("\n"),
    );
  });

  test("every code has a message here", () => {
    const shown = new Set([...[...refused, ...refusedCalls].map((r) => r.problem), "unreadableFile"]);
    expect(Object.keys(KERNEL_CODES).filter((problem) => !shown.has(problem))).toEqual([]);
  });

  test("a text of many lines is underlined on its first line, tabs count as one column", () => {
    const text = "export function kernel(y: Output<[1]>): void {\n\ty[0] = min(\n\t\tq,\n\t\t1,\n\t);\n}\n";
    expect(messageOf(() => parseKernelText(text, {}, { fileName: "my.kernel.ts" }))).toBe(
      [
        "error[K106]: unknown name `q`",
        "  where: my.kernel.ts:3:3",
        "         q,",
        "         ^",
        "  help:  declare it as a dimension, a parameter or a local",
      ].join("\n"),
    );
  });
});
