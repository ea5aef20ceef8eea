import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pc from "picocolors";
import { afterAll, expect, test } from "vitest";
import { explainText } from "../../compiler/cli/explain-text.ts";
import { scheduleText } from "../../compiler/cli/schedule-text.ts";
import { explain } from "../../compiler/driver/decide/explain.ts";
import { compileUserKernel } from "../../compiler/driver/kernel/user-kernel.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { UserError } from "../../compiler/support/diagnostic.ts";

const folder = mkdtempSync(join(tmpdir(), "tilewright-text-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const write = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

test("`schedule` and `explain` warn of a parallel loop that no threads share", async () => {
  const target = loadTarget("rpi4");
  const user = await compileUserKernel({
    kernelFile: write(
      "rows.kernel.ts",
      `import { type Input, type Output, range } from "tilewright/kernel";
export function rows(x: Input<[4, 8]>, y: Output<[4, 8]>): void {
  for (const i of range(4)) for (const j of range(8)) y[i][j] = x[i][j];
}
`,
    ),
    scheduleFile: write(
      "rows.schedules.ts",
      `import type { Schedule } from "tilewright";
export const inner = (s: Schedule<"i" | "j">) => s.parallel("j");
`,
    ),
    dims: {},
    choices: {},
    target,
  });
  const warning = "no threads share the parallel loop `j`: it lies inside `i`, which is not parallel";
  const said = scheduleText(user, target, undefined, undefined, pc.createColors(false));
  expect(said.split("\n")).toContain(`  warning   ${warning}`);
  const none = Promise.resolve(new UserError({ code: "B101", exit: "missingTool", title: "no compiler" }));
  const explained = await explainText(await explain("rows", user, target, none));
  expect(explained.split("\n")).toContain(`warning     ${warning}`);
});
