import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadTarget } from "../../compiler/machine/load.ts";
import { blockThroughput } from "../../compiler/toolchain/llvm-mca.ts";

const target = loadTarget("rpi4");
const path = process.env.PATH;
let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tilewright-mca-"));
  process.env.PATH = folder;
});
afterEach(() => {
  process.env.PATH = path;
  rmSync(folder, { recursive: true, force: true });
});

/** An llvm-mca that prints this, whatever it is asked. */
function pretend(body: string): void {
  const file = join(folder, "llvm-mca");
  writeFileSync(file, `#!${process.execPath}\n${body}\n`);
  chmodSync(file, 0o755);
}

test("says which package brings llvm-mca when there is none", async () => {
  expect(await blockThroughput(["\tnop"], target)).toEqual({
    kind: "absent",
    why: "llvm-mca is not installed",
    help: "sudo apt-get install llvm",
  });
});

test("says so when no model fits the core", async () => {
  const { llvmMca: _, ...core } = target.core;
  expect(await blockThroughput(["\tnop"], { ...target, core })).toEqual({
    kind: "absent",
    why: "llvm-mca has no model of the core cortex-a72",
  });
});

test("reads cycles and the busiest unit from the report", async () => {
  const usage = (InstructionIndex: number, ResourceIndex: number, ResourceUsage: number) => ({
    InstructionIndex,
    ResourceIndex,
    ResourceUsage,
  });
  const report = {
    CodeRegions: [
      {
        Instructions: ["fmla", "bne"],
        // the last index stands for the whole block
        ResourcePressureView: { ResourcePressureInfo: [usage(0, 1, 9), usage(2, 0, 1), usage(2, 1, 2)] },
        SummaryView: { IPC: 1.5, Iterations: 100, TotalCycles: 416 },
      },
    ],
    TargetInfo: { Resources: ["UnitB", "UnitI.\u0001"] },
  };
  pretend(
    `const version = process.argv.includes("--version");
     console.log(version ? "LLVM version 14.0.6" : ${JSON.stringify(JSON.stringify(report))});`,
  );
  expect(await blockThroughput(["\tfmla"], target)).toEqual({
    kind: "modelled",
    cpu: "cortex-a72",
    version: "14.0.6",
    cycles: 4.16,
    instructionsPerCycle: 1.5,
    busiest: { unit: "UnitI.1", cycles: 2 },
  });
});

test("tells what went wrong when it prints no report", async () => {
  pretend('console.error("error: no such cpu"); process.exit(1);');
  expect(await blockThroughput(["\tfmla"], target)).toEqual({
    kind: "absent",
    why: "llvm-mca failed: error: no such cpu",
  });
});
