import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  cyclesBetween,
  type ModelledCycles,
  type ModelledRun,
  modelCycles,
} from "../../compiler/device/model-cycles.ts";
import type { CoreModel } from "../../compiler/machine/core-model.schema.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import type { Core } from "../../compiler/machine/target.schema.ts";
import { buildCyclesPlugin } from "../../compiler/toolchain/qemu-plugin.ts";

/** Lines of a loop body with x0 its counter, x1 a buffer of 4 MB; x2, x3 are free. */
export type Body = readonly string[];

/** Loops in assembly for tests of modelled cycles; programs are kept in a folder that each test file removes when it ends. */
export const folder = mkdtempSync(join(tmpdir(), "tilewright-test-"));
const emulator = "qemu-aarch64";
export const plugin = await buildCyclesPlugin(emulator);
/** Hands qemu so many operations for each access to memory that what it makes of a block outgrows 64 KB, where it halves the block. */
export const cutElsewhere = await buildCyclesPlugin(emulator, undefined, ["-DCALLBACKS=200"]);
let programs = 0;

/** The core of a board, with other figures of its model where given. */
export function coreOf(board: string, change: (model: CoreModel) => Partial<CoreModel> = () => ({})): Core {
  const { core } = loadTarget(board);
  const { model } = core;
  if (model === undefined) throw new Error(`${core.name} has no model`);
  return { ...core, model: { ...model, ...change(model) } };
}

/** Sizes of a modelled core's caches, and cycles behind them. */
export function cachesOf({ name, model }: Core): CoreModel["caches"] {
  if (model === undefined) throw new Error(`${name} has no model`);
  return model.caches;
}

/** A program that runs the body `turns` times. */
export function program(body: Body, turns: number): string {
  const path = join(folder, `p${programs++}`);
  const text = `
    .bss
    .balign 4096
    buffer: .skip 4194304
    .text
    .global _start
    _start: adrp x1, buffer
    mov x2, x1
    ldr x0, =${turns}
    .balign 64
    1: ${body.join("\n")}
    subs x0, x0, #1
    b.ne 1b
    mov x0, #0
    mov x8, #93
    svc #0
  `;
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${path}.s`, text);
  execFileSync("aarch64-linux-gnu-gcc", [
    "-nostdlib",
    "-static",
    "-march=armv8.2-a+fp16",
    "-o",
    path,
    `${path}.s`,
  ]);
  return path;
}

/** The program runs on a core that has all its instructions, whichever is modelled. */
export function run(
  core: Core,
  path: string,
  by: string = plugin,
  args: readonly string[] = [],
): Promise<ModelledRun> {
  const job = { emulator, core, cpu: "cortex-a76", program: path, args, timeoutSeconds: 60 };
  return modelCycles({ ...job, plugin: by });
}

/** What `turns` turns take, after as many. */
export async function after(core: Core, body: Body, turns = 1000, by?: string): Promise<ModelledCycles> {
  return cyclesBetween(
    await run(core, program(body, turns), by),
    await run(core, program(body, 2 * turns), by),
  );
}

export const perTurn = async (core: Core, body: Body): Promise<number> =>
  (await after(core, body)).cycles / 1000;
export const times = (n: number, line: (i: number) => string): Body =>
  Array.from({ length: n }, (_, i) => line(i));
