import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, describe, expect, test } from "vitest";
import type { Kernel } from "../../compiler/artifact/kernel.ts";
import { optimizeGraph } from "../../compiler/graph/optimize-graph.ts";
import type { Step } from "../../compiler/graph/plan.ts";
import { planNetwork } from "../../compiler/graph/plan-network.ts";
import { loadIsa, loadTarget } from "../../compiler/machine/load.ts";
import type { Target } from "../../compiler/machine/target.schema.ts";
import { registerBudget } from "../../compiler/ops/tiles.ts";
import { UserError } from "../../compiler/support/diagnostic.ts";
import { makeRng } from "../../compiler/support/rng.ts";
import { compileTask } from "../../compiler/task/compile-task.ts";
import { simulatePlan } from "../../compiler/verify/simulate-plan.ts";
import { graphBuilder, randomInputs } from "../graph/graph-builder.ts";
import { bothBounds, carriedBounds, difference } from "../verify/differences.ts";
import { apart, guardedProgram, type Region } from "./guarded-program.ts";
import { oneFile } from "./one-file.ts";
import { addLayer, layerText, randomLayer, splitLayers } from "./random-layer.ts";

const SEED = Number(process.env.PROPERTY_SEED ?? 1);
/** SANITIZED_LAYERS=n tries more of them. */
const LAYERS = Number(process.env.SANITIZED_LAYERS ?? 12);
/** Not optimised: checked code compiles slowly, and no access is left out. */
const CHECKED = ["-O0", "-g0", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
/** Schedules that no plan picks take turns with those it does. */
const ALSO = [undefined, undefined, "gspc", "spatial-pack", undefined, "pointwise", "depthwise", "planar"];

const folder = mkdtempSync(join(tmpdir(), "tilewright-sanitized-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const host = loadTarget("host");
const isas = [...new Set([host.isa.name, "portable"])];
const targets: readonly Target[] = isas.map((name) => ({ ...host, isa: loadIsa(name), narrower: [] }));

describe.each(targets)("kernels of random layers for $isa.name", (target) => {
  test("stay inside of their buffers and behaviour that C defines", async () => {
    const random = Array.from({ length: LAYERS }, (_, i) => randomLayer(SEED + i));
    // wider vectors fill too few of these layers' channels for two parts to pay
    const split = target.isa.lanes === 4;
    const layers = [...random, ...(split ? splitLayers() : [])];
    const g = graphBuilder(makeRng(SEED));
    const outputs = layers.map((layer) => addLayer(g, layer));
    const graph = g.finish(outputs);
    const regions: Region[] = [];
    const algorithms = { registers: registerBudget(target), numerics: "fast" } as const;
    const plan = planNetwork(optimizeGraph(graph), target.isa.lanes, { memory: apart(regions), algorithms });
    const convolutions = plan.steps.filter(({ task }) => task.op === "conv2d");
    const kernels = plan.steps.map((step) =>
      kernelOf(step, target, ALSO[(convolutions.indexOf(step) + 1) % ALSO.length]),
    );
    const made = new Set(kernels.map(({ schedule }) => schedule));
    for (const schedule of ["direct", "groups-in-lanes", "gspc", "in-lanes", "contiguous", "plain"]) {
      expect(made).toContain(schedule);
    }
    if (split) expect(plan.steps.some(({ name }) => name.endsWith("/part0"))).toBe(true);
    const data = randomInputs(graph, makeRng(SEED + 1));
    const inputs = graph.inputs.map((name) => data[name]);
    const { main, data: read } = guardedProgram(plan, kernels, regions, inputs);
    const run = await built(target, kernels, main);
    writeFileSync(join(folder, "in"), new Uint8Array(read.buffer));
    const { stderr } = await execa(run, [join(folder, "in"), join(folder, "out")], {
      env: { ASAN_OPTIONS: "detect_leaks=0" },
    });
    expect(stderr).toBe("");

    const results = floats(readFileSync(join(folder, "out")));
    const expected = simulatePlan(plan, inputs).outputs;
    const bounds = carriedBounds(graph, data, plan);
    const wrong = expected.flatMap((values, i) => {
      const begin = expected.slice(0, i).reduce((sum, { length }) => sum + length, 0);
      const actual = results.subarray(begin, begin + values.length);
      return difference(layerText(layers[i]), values, actual, twice(bounds.get(outputs[i])));
    });
    expect(wrong).toEqual([]);
  }, 300_000);
});

/** Kernels in Node store what they have in between as floats, too. */
function twice(bounds: Float32Array | undefined): Float32Array | undefined {
  return bothBounds(bounds, bounds);
}

/** With another schedule where that can be had for the step. */
function kernelOf({ task }: Step, target: Target, schedule: string | undefined): Kernel {
  if (schedule === undefined || task.op !== "conv2d") return compileTask(task, target);
  try {
    return compileTask(task, target, { schedule });
  } catch (error) {
    if (error instanceof UserError) return compileTask(task, target);
    throw error;
  }
}

function floats(bytes: Uint8Array): Float32Array {
  return new Float32Array(bytes.slice().buffer);
}

async function built(target: Target, kernels: readonly Kernel[], main: string): Promise<string> {
  const distinct = [...new Map(kernels.map((kernel) => [kernel.name, kernel.c])).values()];
  const parts = [0, 1].map((part) =>
    oneFile(
      distinct.filter((_, i) => i % 2 === part),
      target,
    ),
  );
  const files = [main, ...parts].map((text, i) => {
    const file = join(folder, `${target.isa.name}-${i}.c`);
    writeFileSync(file, text);
    return file;
  });
  const flags = ["-std=c11", ...target.board.cflags, ...CHECKED];
  const cc = (args: readonly string[]) => execa("gcc", [...flags, ...args]);
  await Promise.all(files.map((file) => cc(["-c", "-o", `${file}.o`, file])));
  const program = join(folder, target.isa.name);
  await cc(["-o", program, ...files.map((file) => `${file}.o`), "-lm"]);
  return program;
}
