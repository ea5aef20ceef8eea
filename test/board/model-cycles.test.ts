import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { modelCycles } from "../../compiler/device/model-cycles.ts";
import { renderDiagnostic, UserError } from "../../compiler/support/diagnostic.ts";
import { buildCyclesPlugin } from "../../compiler/toolchain/qemu-plugin.ts";
import { type Body, coreOf, folder, perTurn, plugin, program, run, times } from "./assembly-loops.ts";

afterAll(() => rmSync(folder, { recursive: true }));
const [a53, a72, a76] = ["qemu-rpi3", "qemu-rpi4", "qemu-rpi5"].map((board) => coreOf(board));

const INDEPENDENT = times(24, (i) => `fmla v${i}.4s, v30.4s, v31.s[${i % 4}]`);
const CHAIN = times(8, () => "fmla v0.4s, v30.4s, v31.4s");
const PRODUCTS = times(8, () => "fmul v0.4s, v0.4s, v31.4s");
const LOADS = times(16, (i) => `ldr q${i}, [x1, #${16 * i}]`);

test("independent multiply-accumulates: one a cycle, two on an A76", async () => {
  expect((await perTurn(a53, INDEPENDENT)) / 24).toBeCloseTo(1, 1);
  expect(await perTurn(a72, INDEPENDENT)).toBe(24);
  expect(await perTurn(a76, INDEPENDENT)).toBe(12);
});

test("a chain of dependent ones: the latency of the operand they add to", async () => {
  expect(await perTurn(a53, CHAIN)).toBe(8 * 4);
  expect(await perTurn(a72, CHAIN)).toBe(8 * 3);
  expect(await perTurn(a76, CHAIN)).toBe(8 * 2);
});

test("a chain through a factor: the whole latency", async () => {
  expect(await perTurn(a53, PRODUCTS)).toBe(8 * 4);
  expect(await perTurn(a72, PRODUCTS)).toBe(8 * 4);
  expect(await perTurn(a76, PRODUCTS)).toBe(8 * 3);
});

test("a stream of 128-bit loads: two cycles each, one, two a cycle", async () => {
  expect((await perTurn(a53, LOADS)) / 16).toBeCloseTo(2, 0);
  expect(await perTurn(a72, LOADS)).toBe(16);
  expect(await perTurn(a76, LOADS)).toBe(8);
});

test("a 64-bit load goes beside a multiply-accumulate in order, a 128-bit one does not", async () => {
  const beside = (load: string): Body =>
    times(16, (i) => (i % 2 === 0 ? INDEPENDENT[i] : `ldr ${load}${24 + ((i >> 1) % 4)}, [x1]`));
  const narrow = await perTurn(a53, beside("d"));
  expect((await perTurn(a53, beside("q"))) - narrow).toBe(8 * 2);
});

test("twice the same", async () => {
  const path = program([...INDEPENDENT, ...LOADS], 500);
  expect(await run(a72, path)).toEqual(await run(a72, path));
});

test("a core that qemu does not have is modelled all the same", async () => {
  const path = program(CHAIN, 500);
  const job = { emulator: "qemu-aarch64", plugin, core: a53, program: path, args: [], timeoutSeconds: 60 };
  expect(await modelCycles({ ...job, cpu: "cortex-none" })).toEqual(
    await modelCycles({ ...job, cpu: "max" }),
  );
});

test("D152 qemu without the plugin", async () => {
  const job = {
    emulator: "qemu-aarch64",
    core: a72,
    cpu: "cortex-a72",
    program: "/none",
    args: [],
    timeoutSeconds: 60,
  };
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
  help:  or do without: leave --modelled or --choose model out`);
});

test("D153 a core that cannot be modelled", async () => {
  const { model: _, ...core } = a72;
  const message = await run(core, "/none").then(String, (error: unknown) =>
    error instanceof UserError ? renderDiagnostic(error.diagnostic) : String(error),
  );
  expect(message).toBe(`error[D153]: the cycles of \`cortex-a72\` cannot be modelled
  why:   its file has no \`model\`
  help:  add one to targets/cores/cortex-a72.json
  help:  or choose a board whose core has one`);
});
