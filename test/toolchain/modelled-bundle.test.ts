import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { writeBundle } from "../../compiler/driver/bundle/emit-bundle-write.ts";
import { kernelBundle } from "../../compiler/driver/bundle/kernel-bundle.ts";
import { modelledBundle } from "../../compiler/driver/bundle/modelled-bundle.ts";
import { compileTask } from "../../compiler/task/compile-task.ts";
import { buildBundle } from "../../compiler/toolchain/compile-bundle.ts";
import { convTask, smallPlan } from "../driver/tune/layers.ts";

const folder = mkdtempSync(join(tmpdir(), "tw-modelled-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Without the linker's note, which is a hash of all the rest. */
function contentsOf(program: string): string {
  const text = readFileSync(program, "latin1");
  const at = text.indexOf("GNU\0") + 4;
  return text.slice(0, at) + text.slice(at + 20);
}

const cacheDir = join(folder, "cache");

test.each(["rpi4", "rpi3-32"])(
  "the program of a kernel among many for %s has in memory what its own would have, and is compiled in less",
  async (name) => {
    const planned = smallPlan(name);
    const { target } = planned;
    const task = convTask(planned, 1);
    for (const [i, choices] of [{}, { order: "pixels" }].entries()) {
      const kernel = compileTask(task, target, { choices });
      const own = join(folder, `${name}-own${i}`);
      await writeBundle(kernelBundle("kernel", kernel, new Map(), target), own);
      const alone = await buildBundle(own, target, { cacheDir: join(folder, "other") });
      const { files, aliases } = modelledBundle(kernel, target);
      const [[alias, of]] = Object.entries(aliases);
      expect(of).toBe(kernel.name);
      const among = join(folder, `${name}-among${i}`);
      await writeBundle(files, among);
      const once = await buildBundle(among, target, { cacheDir, once: { aliases } });
      expect(contentsOf(once.program) === contentsOf(alone.program).replaceAll(kernel.name, alias)).toBe(
        true,
      );
      // the kernel, what calls it where its grid or weights differ, and the first time all that lies around it
      if (i > 0) expect(once.compiledFiles).toBeLessThanOrEqual(2);
    }
    expect(readdirSync(cacheDir)).not.toContain("programs");
  },
  120_000,
);
