import { expect, test } from "vitest";
import { emitKernel } from "../../compiler/codegen/emit-kernel.ts";
import { lower } from "../../compiler/lower/lower.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { Schedule } from "../../compiler/schedule/schedule.ts";
import { kernelOf } from "../schedule/kernels.ts";

const target = loadTarget("rpi4");

test("a note stands beside its loop, and nowhere else", () => {
  const rows = kernelOf(
    "for (const i of range(8)) { for (const j of range(8)) { y[i][j] = x[i][j] * i; } }",
    { x: [8, 8], y: [8, 8] },
  );
  const noted = Schedule.of(rows).annotate("j", "a row, element by element").proc;
  const { c } = emitKernel(lower(noted, target), target.isa, []);
  expect(c.match(/.*\n.*for \(ptrdiff_t j/)?.[0]).toContain("// a row, element by element\n");
  expect(c.match(/a row/g)).toHaveLength(1);
});
