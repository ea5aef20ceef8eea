import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { openBoard } from "../../compiler/device/open-board.ts";
import { tryKernel } from "../../compiler/driver/kernel/schedule-kernel.ts";
import { compileUserKernel } from "../../compiler/driver/kernel/user-kernel.ts";
import { loadTarget } from "../../compiler/machine/load.ts";

const folder = mkdtempSync(join(tmpdir(), "tilewright-large-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const write = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

/** A local array of 9 MB for each of two tasks, more than a stack, used from end to end. */
const KERNEL = `import { type Input, type Output, range, stack } from "tilewright/kernel";
export function turned(x: Input<[2, 40, 40]>, y: Output<[2, 40, 40]>): void {
  for (const n of range(2)) {
    const t = stack([1500, 1500]);
    const small = stack([4]);
    small[3] = 2;
    for (const i of range(40)) for (const j of range(40)) t[38 * j][38 * i] = x[n][i][j] * small[3];
    for (const i of range(40)) for (const j of range(40)) y[n][i][j] = t[38 * i][38 * j];
  }
}
`;
const SCHEDULE = `import type { Schedule } from "tilewright";
export const shared = (s: Schedule<"n">) => s.parallel("n");
`;

test("local arrays larger than a stack lie in the arena, for each thread its own", async () => {
  const target = loadTarget("host");
  const user = await compileUserKernel({
    kernelFile: write("turned.kernel.ts", KERNEL),
    scheduleFile: write("turned.schedules.ts", SCHEDULE),
    dims: {},
    choices: {},
    target,
  });
  expect(user.kernel.scratch).toEqual([{ name: "t", dtype: "f32", size: 1500 * 1500 }]);
  expect(user.kernel).toMatchObject({ grid: 2, scratchBytes: 16 });
  expect(user.kernel.prototype).toMatch(/, float \*restrict t, int begin, int end\)$/);
  const { runner } = await openBoard("host", { target, notice: () => {} });
  try {
    const options = { seed: 1, warmup: 0, repeats: 1, threads: 3, timeoutSeconds: 60 };
    const { checks } = await tryKernel(user, target, runner, options);
    expect(checks.map(({ ok }) => ok)).toEqual([true]);
  } finally {
    await runner.close();
  }
}, 120_000);
