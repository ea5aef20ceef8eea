import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { buildCyclesPlugin } from "../../compiler/build/qemu-plugin.ts";
import { cyclesBetween, type ModelledCycles, modelCycles } from "../../compiler/device/model-cycles.ts";
import { renderDiagnostic, UserError } from "../../compiler/support/diagnostic.ts";
import { loadTarget } from "../../compiler/target/load.ts";
import type { Core } from "../../compiler/target/target.schema.ts";

const folder = mkdtempSync(join(tmpdir(), "tilewright-test-"));
afterAll(() => rmSync(folder, { recursive: true }));
const plugin = await buildCyclesPlugin();
const BOARDS = { a53: "qemu-rpi3", a72: "qemu-rpi4", a76: "qemu-rpi5" } as const;
type Name = keyof typeof BOARDS;
const coreOf = (name: Name): Core => loadTarget(BOARDS[name]).core;

/** Lines of a loop body with x0 its counter, x1 a buffer of 1 MB; x2, x3 are free. */
type Body = readonly string[];
let programs = 0;

/** A program that runs the body `turns` times. */
function program(body: Body, turns: number): string {
  const path = join(folder, `p${programs++}`);
  const text = `
    .bss
    .balign 4096
    buffer: .skip 1048576
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
  writeFileSync(`${path}.s`, text);
  execFileSync("aarch64-linux-gnu-gcc", ["-nostdlib", "-static", "-march=armv8-a", "-o", path, `${path}.s`]);
  return path;
}

const run = (name: Name, path: string, core = coreOf(name)): Promise<ModelledCycles> =>
  modelCycles({ plugin, core, cpu: "cortex-a72", program: path, args: [], timeoutSeconds: 60 });

/** What 1000 turns take, after 1000. */
async function thousand(name: Name, body: Body, core = coreOf(name)): Promise<ModelledCycles> {
  return cyclesBetween(
    await run(name, program(body, 1000), core),
    await run(name, program(body, 2000), core),
  );
}

const perTurn = async (name: Name, body: Body, core = coreOf(name)): Promise<number> =>
  (await thousand(name, body, core)).cycles / 1000;
const times = (n: number, line: (i: number) => string): Body => Array.from({ length: n }, (_, i) => line(i));

const INDEPENDENT = times(24, (i) => `fmla v${i}.4s, v30.4s, v31.s[${i % 4}]`);
const CHAIN = times(8, () => "fmla v0.4s, v30.4s, v31.4s");
const PRODUCTS = times(8, () => "fmul v0.4s, v0.4s, v31.4s");
const LOADS = times(16, (i) => `ldr q${i}, [x1, #${16 * i}]`);

test("independent multiply-accumulates: one a cycle, two on an A76", async () => {
  expect((await perTurn("a53", INDEPENDENT)) / 24).toBeCloseTo(1, 1);
  expect(await perTurn("a72", INDEPENDENT)).toBe(24);
  expect(await perTurn("a76", INDEPENDENT)).toBe(12);
});

test("a chain of dependent ones: the latency of the operand they add to", async () => {
  expect(await perTurn("a53", CHAIN)).toBe(8 * 4);
  expect(await perTurn("a72", CHAIN)).toBe(8 * 3);
  expect(await perTurn("a76", CHAIN)).toBe(8 * 2);
});

test("a chain through a factor: the whole latency", async () => {
  expect(await perTurn("a53", PRODUCTS)).toBe(8 * 4);
  expect(await perTurn("a72", PRODUCTS)).toBe(8 * 4);
  expect(await perTurn("a76", PRODUCTS)).toBe(8 * 3);
});

test("a stream of 128-bit loads: two cycles each, one, two a cycle", async () => {
  expect((await perTurn("a53", LOADS)) / 16).toBeCloseTo(2, 0);
  expect(await perTurn("a72", LOADS)).toBe(16);
  expect(await perTurn("a76", LOADS)).toBe(8);
});

test("a 64-bit load goes beside a multiply-accumulate in order, a 128-bit one does not", async () => {
  const beside = (load: string): Body =>
    times(16, (i) => (i % 2 === 0 ? INDEPENDENT[i] : `ldr ${load}${24 + ((i >> 1) % 4)}, [x1]`));
  const narrow = await perTurn("a53", beside("d"));
  expect((await perTurn("a53", beside("q"))) - narrow).toBe(8 * 2);
});

test("a walk over 256 KB a line at a time misses in the first cache every time, not in the second", async () => {
  const walk = [
    "ldr x4, [x2]",
    "add x2, x2, #64",
    "sub x3, x2, x1",
    "and x3, x3, #0x3ffff",
    "add x2, x1, x3",
  ];
  const { l1Misses, l2Misses, instructions } = cyclesBetween(
    await run("a72", program(walk, 4096)),
    await run("a72", program(walk, 3 * 4096)),
  );
  expect({ l1Misses, l2Misses, instructions }).toEqual({
    l1Misses: 2 * 4096,
    l2Misses: 0,
    instructions: 7 * 2 * 4096,
  });
});

test("loads 4 KB apart share a set: as many as its ways hit, one more misses always", async () => {
  // The A76's first cache has 256 sets of 4 lines: 16 KB apart is the same set.
  const loads = (n: number): Body =>
    times(n, (i) => `mov x3, #${16384 * i}\nldr x4, [x1, x3]`).flatMap((l) => l.split("\n"));
  expect((await thousand("a76", loads(4))).l1Misses).toBe(0);
  expect((await thousand("a76", loads(5))).l1Misses).toBe(5000);
});

test("what is fetched ahead costs less than what is waited for", async () => {
  const walk = (step: number): Body => [
    "ldr x4, [x2]",
    `mov x5, #${step}`,
    "add x2, x2, x5",
    "sub x3, x2, x1",
    "and x3, x3, #0x3ffff",
    "add x2, x1, x3",
  ];
  const { memoryLatency = 0, memoryInterval = 0 } = coreOf("a53").model?.caches ?? {};
  const resident = await perTurn("a53", walk(0));
  expect(resident).toBeLessThan(memoryInterval);
  // Each line is new. In a row they come as fast as memory delivers; far apart each is waited for.
  expect(await perTurn("a53", walk(64))).toBeCloseTo(memoryInterval, 0);
  expect(await perTurn("a53", walk(64 * 33))).toBeCloseTo(resident + memoryLatency, 0);
});

test("twice the same", async () => {
  const path = program([...INDEPENDENT, ...LOADS], 500);
  expect(await run("a72", path)).toEqual(await run("a72", path));
});

test("D152 qemu without the plugin", async () => {
  const job = { core: coreOf("a72"), cpu: "cortex-a72", program: "/none", args: [], timeoutSeconds: 60 };
  const message = await modelCycles({ ...job, plugin: "/nowhere.so" }).then(String, (error: unknown) =>
    error instanceof UserError ? renderDiagnostic(error.diagnostic) : String(error),
  );
  // What qemu itself says in between differs from version to version.
  expect(message.replace(/why: .*(\n {9}.*)*/, "why:   QEMU")).toBe(
    `error[D152]: cycles cannot be modelled: qemu-aarch64 ended with exit code 1
  why:   QEMU
  help:  modelling needs qemu-user with plugins (Debian: qemu-user, not qemu-user-static)`,
  );
});

test("B113 a qemu the plugin is not written for", async () => {
  const newer = join(folder, "qemu-9");
  writeFileSync(newer, "#!/bin/sh\necho qemu-aarch64 version 9.2.0\n", { mode: 0o755 });
  const message = await buildCyclesPlugin(newer).then(String, (error: unknown) =>
    error instanceof UserError ? renderDiagnostic(error.diagnostic).replaceAll(newer, "QEMU") : String(error),
  );
  expect(message).toBe(`error[B113]: cycles cannot be modelled with this \`QEMU\`
  why:   the plugin that models them is written for qemu 4.2 to 8.2
  help:  install qemu-user of Debian 12 or Ubuntu 24.04
  help:  or count instructions: leave --modelled out`);
});

test("D153 a core that cannot be modelled", async () => {
  const { model: _, ...core } = coreOf("a72");
  const message = await run("a72", "/none", core).then(String, (error: unknown) =>
    error instanceof UserError ? renderDiagnostic(error.diagnostic) : String(error),
  );
  expect(message).toBe(`error[D153]: the cycles of \`cortex-a72\` cannot be modelled
  why:   its file has no \`model\`
  help:  add one to targets/cores/cortex-a72.json
  help:  or choose a board whose core has one`);
});

/** Cycles a turn as LLVM models them; undefined: that llvm-mca is not installed. */
function llvmMca(program: string, cpu: string, body: Body): number | undefined {
  const path = join(folder, "mca.s");
  writeFileSync(path, `${body.join("\n")}\nsubs x0, x0, #1\nb.ne 0\n`);
  const args = ["-mtriple=aarch64", `-mcpu=${cpu}`, "-iterations=200", path];
  try {
    const text = execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    return Number(/Total Cycles: +(\d+)/.exec(text)?.[1]) / 200;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

const TILE = [
  "ldp q28, q29, [x1]",
  "ldr q30, [x1, #32]",
  "add x3, x1, #64",
  ...times(16, (i) => `fmla v${i}.4s, v${28 + (i % 2)}.4s, v30.s[${i >> 2}]`),
];
const DOT = ["ldr q28, [x1]", "ldr q29, [x1, #16]", "fmla v0.4s, v28.4s, v29.4s"];
const SUMS = times(12, (i) => `fadd v${i}.4s, v${i}.4s, v31.4s`);
const COMPARED = { INDEPENDENT, CHAIN, PRODUCTS, LOADS, TILE, DOT, SUMS };
const mca = llvmMca("llvm-mca", "cortex-a72", INDEPENDENT);

// LLVM has the A57's latencies for the A72 (a chain of fmul: 5 for 4): hence the tolerance.
test.skipIf(mca === undefined).each(Object.entries(COMPARED))(
  "A72, %s: within 30 % of llvm-mca (skipped where llvm is not installed)",
  async (_, body) => {
    const theirs = llvmMca("llvm-mca", "cortex-a72", body) ?? Number.NaN;
    const ours = await perTurn("a72", body);
    expect(Math.abs(ours / theirs - 1), `${ours} cycles, llvm-mca ${theirs}`).toBeLessThan(0.3);
  },
);

// Before LLVM 16 the Neoverse N1, the A76's pipeline, has the A57's model; Debian's newer ones have their number in the name.
const newer = ["llvm-mca", "llvm-mca-19", "llvm-mca-18", "llvm-mca-17", "llvm-mca-16"].find(
  (name) => (llvmMca(name, "neoverse-n1", INDEPENDENT) ?? 24) < 14,
);

/** LLVM's Neoverse N1 gives a sum that is added to on only after the whole latency; Arm's guide says 2 cycles of 4. */
function withoutForwarding(core: Core): Core {
  const { model } = core;
  if (model === undefined) throw new Error("no model");
  return {
    ...core,
    model: { ...model, latencies: { ...model.latencies, fmaAccumulate: model.latencies.fma } },
  };
}

test.skipIf(newer === undefined).each(Object.entries(COMPARED))(
  "A76, %s: within 30 % of llvm-mca (skipped where no llvm from 16 on is installed)",
  async (_, body) => {
    const theirs = llvmMca(newer ?? "", "neoverse-n1", body) ?? Number.NaN;
    const ours = await perTurn("a76", body, withoutForwarding(coreOf("a76")));
    expect(Math.abs(ours / theirs - 1), `${ours} cycles, llvm-mca ${theirs}`).toBeLessThan(0.3);
  },
);
