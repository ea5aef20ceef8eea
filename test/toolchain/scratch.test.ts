import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { blockChunks } from "../../compiler/artifact/kernel.ts";
import { compilerFlags } from "../../compiler/driver/bundle/emit-bundle-flags.ts";
import { writeBundle } from "../../compiler/driver/bundle/emit-bundle-write.ts";
import { compileNetwork } from "../../compiler/driver/compile-network.ts";
import { loadModel } from "../../compiler/frontend/load-model.ts";
import { STACK_BYTES } from "../../compiler/lower/large-arrays.ts";
import { loadTarget } from "../../compiler/machine/load.ts";

/** Registers saved, addresses kept, values a compiler spills outside of inner loops. */
const FRAME = 4096;
const folder = mkdtempSync(join(tmpdir(), "tilewright-scratch-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A network with Winograd, groups in lanes, grouped 1x1, dense layers and pools. */
const target = loadTarget("host");
const { plan, kernels, files } = await compileNetwork(await loadModel("zoo:resnet34-g4@32"), target, {
  meta: { modelSha256: "0".repeat(64) },
});

describe("scratch memory of kernels", () => {
  test("kernels have no memory but their arguments, the stated arrays and a frame", () => {
    const distinct = [...new Map(kernels.map((kernel) => [kernel.name, kernel])).values()];
    expect(distinct.some((kernel) => kernel.scratchBytes > 0)).toBe(true);
    const work = join(folder, "kernels");
    mkdirSync(work);
    for (const { name, c } of distinct) writeFileSync(join(work, `${name}.c`), c);
    const sources = distinct.map(({ name }) => `${name}.c`);
    const flags = [...compilerFlags(target), "-fstack-usage"];
    execFileSync("gcc", [...flags, "-c", ...sources], { cwd: work });
    for (const { name, scratchBytes } of distinct) {
      // FILE:LINE:COLUMN:FUNCTION, bytes and how they are reserved, parted by tabs
      const [, bytes, kind] = readFileSync(join(work, `${name}.su`), "utf8")
        .trim()
        .split("\t");

      expect(kind, name).not.toBe("dynamic");
      expect(scratchBytes, name).toBeLessThanOrEqual(STACK_BYTES);
      expect(Number(bytes), name).toBeLessThanOrEqual(scratchBytes + FRAME);
    }
    const undefinedSymbols = execFileSync("nm", ["-u", "-P", ...sources.map((s) => s.replace(/c$/, "o"))], {
      cwd: work,
      encoding: "utf8",
    });
    const called = [...undefinedSymbols.matchAll(/^(\w+) U/gm)].map(([, symbol]) => symbol);
    const known =
      /^(mem(cpy|set|move)|_GLOBAL_OFFSET_TABLE_|__stack_chk_fail|(f(max|min|abs)|exp|sqrt|tanh|erf|log)f)$/;
    expect(called.filter((symbol) => !known.test(symbol))).toEqual([]);
  });

  test("header and metadata state scratch and arena", async () => {
    const bundle = join(folder, "bundle");
    await writeBundle(files, bundle);
    const metadata = JSON.parse(readFileSync(join(bundle, "metadata.json"), "utf8"));
    const header = readFileSync(join(bundle, "include", `${metadata.program}.h`), "utf8");
    const stated = (name: string, text = header): number =>
      Number(new RegExp(`${name} (\\d+)`).exec(text)?.[1]);
    expect(stated("_SCRATCH_BYTES")).toBe(Math.max(...kernels.map((kernel) => kernel.scratchBytes)));
    expect(stated("_ARENA_BYTES")).toBe(metadata.arenaBytes);
    const large = kernels.map((kernel) => {
      const { scratch, grid } = kernel;
      const bytes = scratch.reduce((sum, { size }) => sum + Math.ceil(size / 16) * 64, 0);
      return (
        bytes *
        Math.min(
          grid / blockChunks(kernel),
          stated("TW_MAX_THREADS", readFileSync(join(bundle, "runtime/tilewright.h"), "utf8")),
        )
      );
    });
    expect(Math.max(...large)).toBeGreaterThan(0);
    expect(metadata.arenaBytes).toBe(Math.ceil(plan.arenaBytes / 64) * 64 + Math.max(...large));
    expect(metadata.layers.map((layer: { scratchBytes: number }) => layer.scratchBytes)).toEqual(
      kernels.map((kernel) => kernel.scratchBytes),
    );
  });
});
