import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, describe, expect, test } from "vitest";
import { blockChunks, type Kernel } from "../../compiler/artifact/kernel.ts";
import { openBoard } from "../../compiler/device/open-board.ts";
import { writeBundle } from "../../compiler/driver/bundle/emit-bundle-write.ts";
import { type CompileOptions, compileNetwork } from "../../compiler/driver/compile-network.ts";
import { UNDECIDED } from "../../compiler/driver/decide/decisions.ts";
import { tryKernel } from "../../compiler/driver/kernel/schedule-kernel.ts";
import { compileUserKernel } from "../../compiler/driver/kernel/user-kernel.ts";
import { runNetwork } from "../../compiler/driver/run/run-network.ts";
import type { Graph } from "../../compiler/graph/graph.ts";
import { physicalSize } from "../../compiler/ir/storage.ts";
import { loadIsa, loadTarget } from "../../compiler/machine/load.ts";
import { makeRng } from "../../compiler/support/rng.ts";
import { buildBundle, readMetadata } from "../../compiler/toolchain/compile-bundle.ts";
import { graphBuilder, randomInputs } from "../graph/graph-builder.ts";

const folder = mkdtempSync(join(tmpdir(), "tilewright-steps-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const host = loadTarget("host");

/** Maps of one, two and some blocks of tiles, of one tile for each of the Winograd kernels; two groups. */
function winogradNetwork(): Graph {
  const g = graphBuilder(makeRng(3));
  const pads = [1, 1, 1, 1] as const;
  const map = (c: number, size: number): string => g.input([1, c, size, size]);
  return g.finish([
    g.conv(map(64, 14), { oc: 64, kernel: 3, pads }),
    g.conv(map(128, 7), { oc: 64, kernel: 3, pads }),
    g.conv(map(64, 28), { oc: 64, kernel: 3, pads }),
    g.conv(map(32, 14), { oc: 32, kernel: 5, pads: [2, 2, 2, 2] }),
    g.conv(map(64, 20), { oc: 64, kernel: 3, pads, groups: 2 }),
    g.conv(map(64, 2), { oc: 64, kernel: 3, pads }),
  ]);
}

/** 1x1 layers by Strassen's algorithm: of a map of one block of pairs, and of several. */
function strassenNetwork(): Graph {
  const g = graphBuilder(makeRng(4));
  const map = (c: number, size: number): string => g.input([1, c, size, size]);
  return g.finish([
    g.conv(map(256, 7), { oc: 128, kernel: 1 }),
    g.conv(map(128, 7), { oc: 256, kernel: 1 }),
    g.conv(map(256, 5), { oc: 256, kernel: 1, groups: 2 }),
    g.conv(map(256, 13), { oc: 128, kernel: 1, stride: 2 }),
    g.conv(map(256, 14), { oc: 256, kernel: 1 }),
  ]);
}

/** Networks, the operators whose kernels have steps, and how many of these at least. */
const NETWORKS = [
  { of: "Winograd", network: winogradNetwork, op: /^winograd/, steps: 3, least: 5 },
  { of: "Strassen", network: strassenNetwork, op: /^strassen-odd$/, steps: 4, least: 3 },
];

/** Strassen's algorithm pays on fewer processors than it is right on: it is decided for. */
function optionsOf({ nodes }: Graph, of: string): CompileOptions {
  const algorithms = new Map(of === "Strassen" ? nodes.map(({ name }) => [name, "strassen"]) : []);
  return { meta: { modelSha256: "0".repeat(64) }, decisions: { ...UNDECIDED, algorithms } };
}

/** A program that runs a kernel as one thread does, and each step's chunks from the last to the first; it tells what differs. */
function backwards({ name, prototype, params, scratch, grid, steps = [], ...rest }: Kernel): string {
  const block = blockChunks({ steps });
  const arrays = params.map((p) => `static float ${p.name}[${physicalSize(p.storage)}];`);
  const fills = params.map((p) => `for (size_t i = 0; i < sizeof ${p.name} / 4; i++) ${p.name}[i] = next();`);
  const out = params.filter(({ role }) => role === "output").map((p) => p.name)[0];
  const own = scratch.map((s) => `static float scratch_${s.name}[${s.size}];`);
  const clear = scratch.map((s) => `memset(scratch_${s.name}, 255, sizeof scratch_${s.name});`);
  const args = [...params.map((p) => p.name), ...scratch.map((s) => `scratch_${s.name}`)].join(", ");
  return `#include <stdint.h>
#include <stdio.h>
#include <string.h>
${rest.c}
${prototype};
${[...arrays, ...own].join("\n")}
static float first[sizeof ${out} / 4];
static float next(void) { static uint32_t x = 1; x = x * 1664525u + 1013904223u; return (float)(x >> 8) / 16777216.0f - 0.5f; }
int main(void) {
  static const int ends[] = {${steps.join(", ")}};
  ${fills.join("\n  ")}
  memset(${out}, 0, sizeof ${out});
  ${name}(${args}, 0, ${grid});
  memcpy(first, ${out}, sizeof ${out});
  memset(${out}, 0, sizeof ${out});
  for (int block = ${grid} - ${block}; block >= 0; block -= ${block}) {
    ${clear.join(" ")}
    for (int step = 0; step < ${steps.length}; step++)
      for (int i = ends[step] - 1; i >= (step == 0 ? 0 : ends[step - 1]); i--)
        ${name}(${args}, block + i, block + i + 1);
  }
  return puts(memcmp(first, ${out}, sizeof ${out}) == 0 ? "same" : "differs") < 0;
}
`;
}

describe.each([host.isa.name, "portable"])("blocks that several threads share, for %s", (isa) => {
  const target = { ...host, isa: loadIsa(isa), narrower: [] };

  test.each(NETWORKS)(
    "are steps of $of, of which each chunk can be done at any time and by itself",
    async ({ of, network, op, steps, least }) => {
      const graph = network();
      const { plan, kernels } = await compileNetwork(graph, target, optionsOf(graph, of));
      const inSteps = kernels.filter((_, i) => op.test(plan.steps[i].task.op));
      expect(inSteps.length).toBeGreaterThanOrEqual(least);
      for (const [i, kernel] of inSteps.entries()) {
        expect(kernel.steps, kernel.choice).toHaveLength(steps);
        expect(kernel.grid % blockChunks(kernel)).toBe(0);
        const [c, program] = [join(folder, `${isa}-${of}-${i}.c`), join(folder, `${isa}-${of}-${i}`)];
        writeFileSync(c, backwards(kernel));
        await execa("cc", ["-std=c11", "-O1", "-march=native", "-Wno-psabi", "-o", program, c, "-lm"]);
        const { stdout } = await execa(program);
        expect(`${kernel.choice}: ${stdout}`).toBe(`${kernel.choice}: same`);
      }
      expect(new Set(inSteps.map((kernel) => kernel.grid / blockChunks(kernel))).size).toBeGreaterThan(1);
    },
    300_000,
  );
});

test.each(NETWORKS)(
  "a network of $of gives the same bytes on any number of threads",
  async ({ of, network }) => {
    const graph = network();
    const { files } = await compileNetwork(graph, host, optionsOf(graph, of));
    const dir = join(folder, of);
    await writeBundle(files, dir);
    const { program } = await buildBundle(dir, host);
    const built = { program, metadata: await readMetadata(dir) };
    const data = randomInputs(graph, makeRng(5));
    const inputs = graph.inputs.map((name) => {
      const shape = [...(graph.tensors.get(name)?.shape ?? [])];
      return [name, { shape, data: data[name] }] as const;
    });
    const { runner } = await openBoard("host", { target: host, notice: () => {} });
    const results: string[] = [];
    for (const threads of [1, 2, 3, 4, 7]) {
      const { outputs } = await runNetwork(built, runner, new Map(inputs), { threads, timeoutSeconds: 60 });
      results.push([...outputs.values()].map((y) => Buffer.from(y.data.buffer).toString("base64")).join(" "));
    }
    await runner.close();
    expect(results.map((bytes) => bytes === results[0])).toEqual([true, true, true, true, true]);
  },
  300_000,
);

const KERNEL = `import { type Input, max, type Output, range, stack } from "tilewright/kernel";
export function rest(x: Input<[2, 300, 40]>, y: Output<[2, 300, 40]>): void {
  for (const n of range(2)) {
    const most = stack([300]);
    for (const i of range(300)) { most[i] = 0; }
    for (const a of range(300)) { for (const k of range(40)) { most[a] = max(most[a], x[n][a][k]); } }
    for (const j of range(300)) { for (const l of range(40)) { y[n][j][l] = x[n][299 - j][l] - most[299 - j]; } }
  }
}
`;
const SCHEDULE = `import type { Schedule } from "tilewright";
export const steps = (s: Schedule<"n" | "i" | "a" | "j" | "l">) =>
  s.parallel("n").parallel("i", "a", "j").split("l", 8, ["lo", "li"]).vectorize("li");
`;

test("loops that need one another are shared one after the other, what is between them in memory of all", async () => {
  writeFileSync(join(folder, "rest.kernel.ts"), KERNEL);
  writeFileSync(join(folder, "rest.schedules.ts"), SCHEDULE);
  const user = await compileUserKernel({
    kernelFile: join(folder, "rest.kernel.ts"),
    scheduleFile: join(folder, "rest.schedules.ts"),
    dims: {},
    choices: {},
    target: host,
  });
  expect(user.kernel.steps).toEqual([300, 600, 900]);
  expect(user.kernel).toMatchObject({
    grid: 2 * 900,
    scratchBytes: 0,
    scratch: [{ name: "most", size: 300 }],
  });
  expect(user.lostThreads).toEqual([]);
  const { runner } = await openBoard("host", { target: host, notice: () => {} });
  const options = { seed: 1, warmup: 0, repeats: 1, threads: 3, timeoutSeconds: 60 };
  const { checks } = await tryKernel(user, host, runner, options);
  await runner.close();
  expect(checks.map(({ ok }) => ok)).toEqual([true]);
}, 120_000);
