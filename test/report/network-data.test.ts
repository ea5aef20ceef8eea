import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { bundleSchema } from "../../compiler/artifact/bundle.ts";
import type { ModelledCycles } from "../../compiler/device/model-cycles.ts";
import { compileNetwork } from "../../compiler/driver/compile-network.ts";
import { memoryMap } from "../../compiler/driver/report/memory-map.ts";
import { networkData, type ReportedNetwork } from "../../compiler/driver/report/network-data.ts";
import type { ReportData } from "../../compiler/driver/report/report-data.ts";
import { reportPage } from "../../compiler/driver/report/report-page.ts";
import { modelReport } from "../../compiler/driver/run/model-report.ts";
import { readModel } from "../../compiler/frontend/load-model.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { parseTrace } from "../../compiler/schedule/trace.ts";
import { PACKAGE_ROOT } from "../../compiler/support/paths.ts";

const DIGITS = join(PACKAGE_ROOT, "test/fixtures/digits/digits.onnx");

async function compiledFor(model: string, target: string): Promise<ReportedNetwork["built"]> {
  const wanted = loadTarget(target);
  const { graph: source, sha256 } = await readModel(model, { inputShapes: {} });
  const compiled = await compileNetwork(source, wanted, { meta: { modelSha256: sha256 } });
  const metadata = bundleSchema.parse(JSON.parse(String(compiled.files.get("metadata.json"))));
  const toolchain = { command: "gcc", version: "gcc 12.2.0" };
  return { compiled, metadata, target: wanted, source, toolchain };
}

/** As if a core took a cycle for each two MACs, and a hundred and ten for anything else. */
function modelled(built: ReportedNetwork["built"]): NonNullable<ReportedNetwork["found"]> {
  const cyclesOf = (macs: number): ModelledCycles => ({
    ...{ cycles: Math.ceil(macs / 2) + 110, instructions: macs, l1Misses: 9, l2Misses: 1 },
    ...{ l2Stalls: 20, memoryStalls: 30 },
  });
  const steps = built.metadata.layers.map(({ macs }) => cyclesOf(macs));
  const whole = cyclesOf(built.metadata.layers.reduce((sum, { macs }) => sum + macs, 0));
  return {
    kind: "modelled",
    board: "qemu-rpi4",
    report: modelReport({ ...built, program: "" }, { whole, steps }),
  };
}

describe("a report of a compiled network", () => {
  let built: ReportedNetwork["built"];
  let data: ReportData;
  beforeAll(async () => {
    built = await compiledFor(DIGITS, "rpi4");
    data = await networkData({ built, found: modelled(built) });
  });

  it("has every layer, with where its cycles go", () => {
    const [section] = data.sections;
    expect(section.kind).toBe("modelled");
    expect(section.layers.map(({ name }) => name)).toEqual(built.metadata.layers.map(({ name }) => name));
    for (const { cost, parts, share } of section.layers) {
      expect(parts && parts.peak + parts.secondCache + parts.memory + parts.other).toBeCloseTo(cost ?? 0, 6);
      expect(share).toBeGreaterThan(0);
    }
    expect(section.layers.reduce((sum, { share = 0 }) => sum + share, 0)).toBeCloseTo(1, 9);
    expect(section.roofline?.points.length).toBeGreaterThan(0);
    expect(data.facts.map(({ label }) => label)).toEqual([
      ...["Board", "Target", "Core", "C compiler", "Threads", "Tilewright", "Model"],
    ]);
  });

  it("has every kernel once, with its layers, the steps that made it and its C", () => {
    expect(data.kernels.map(({ name }) => name).sort()).toEqual(
      [...new Set(built.compiled.kernels.map(({ name }) => name))].sort(),
    );
    expect(data.kernels.flatMap(({ layers }) => layers).sort()).toEqual(
      data.sections[0].layers.map(({ name }) => name).sort(),
    );
    for (const { name, texts } of data.kernels) {
      const [steps, c] = texts;
      const lines = steps.text.split("\n").filter((line) => line !== "");
      expect(() => parseTrace(lines.map((line) => JSON.parse(line) as unknown))).not.toThrow();
      expect(steps.title).toBe(`Schedule, ${lines.length} steps`);
      expect(c.text).toBe(built.compiled.kernels.find((kernel) => kernel.name === name)?.c);
    }
  });

  it("is the same file again, without a date", async () => {
    const again = await compiledFor(DIGITS, "rpi4");
    expect(reportPage(await networkData({ built: again, found: modelled(again) }))).toBe(reportPage(data));
    expect(reportPage(data)).not.toMatch(/20\d\d-\d\d-\d\d/);
  });

  it("of a board's times says so, and has no parts", async () => {
    const times = { median: 2e6, iqr: 1, min: 1e6, max: 3e6, ns: [1e6, 2e6, 3e6] };
    const { layers } = built.metadata;
    const report = {
      ...{ network: "digits", modelSha256: "0", tilewright: { version: "0" }, cflags: [], target: "rpi4" },
      ...{
        isa: "neon-v8",
        board: "pi",
        timing: "measured" as const,
        certainty: {
          ...{
            verdict: "noisy" as const,
            counted: 11,
            blocks: 11,
            reasons: ["other programs kept 1.2 cores busy"],
          },
          interval: { median: 2e6, low: 1.9e6, high: 2.1e6 },
        },
        threads: 4,
        runs: 3,
        warmup: 3,
        macs: 1,
        whole: times,
      },
      layers: layers.map(({ name, op, kernel, schedule, choice, macs }) => {
        return { name, op, kernel, schedule, choice, macs, times, share: 1 / layers.length };
      }),
      ...{ layerSum: 2e6 * layers.length, gap: 0 },
    };
    const { facts, sections } = await networkData({ built, found: { kind: "timed", report } });
    expect(sections[0].kind).toBe("measured");
    expect(sections[0].layers[0]).toMatchObject({ cost: 2e6 });
    expect(sections[0].layers[0].parts).toBeUndefined();
    expect(facts).toContainEqual({ label: "Runs", value: "3 after 3 of warm-up, the median" });
    expect(facts).toContainEqual({
      label: "Certainty",
      value: "noisy, within 5.0 %; other programs kept 1.2 cores busy",
    });
    expect(facts).toContainEqual({ label: "Threads", value: "4" });
  });

  it("of a target alone has bounds of its data sheet, or nothing but the work", async () => {
    const { sections } = await networkData({ built });
    expect(sections[0].kind).toBe("bound");
    expect(sections[0].whole.cost).toBeGreaterThan(0);
    expect(sections[0].roofline).toBeUndefined();
    const here = await networkData({ built: await compiledFor(DIGITS, "host") });
    expect(here.sections[0].kind).toBe("none");
    expect(reportPage(here)).toContain("Nothing was run.");
  });
});

it("the memory map has no two tensors in one place at one time", async () => {
  for (const model of ["zoo:squeezenet1.1", "zoo:shufflenet-v2"]) {
    const { compiled } = await compiledFor(model, "rpi4");
    const { tensors, arenaBytes, steps } = memoryMap(compiled.plan, compiled.kernels);
    expect(tensors.length, model).toBeGreaterThan(20);
    for (const [i, a] of tensors.entries()) {
      expect(a.last, a.name).toBeLessThan(steps);
      expect(a.offset + a.bytes, a.name).toBeLessThanOrEqual(arenaBytes);
      for (const b of tensors.slice(i + 1)) {
        const apart = a.offset + a.bytes <= b.offset || b.offset + b.bytes <= a.offset;
        // what is overwritten in place ends in the step that the other begins in
        expect(apart || a.last <= b.first || b.last <= a.first, `${a.name} and ${b.name} of ${model}`).toBe(
          true,
        );
      }
    }
    // most are read after they were made
    expect(tensors.filter(({ first, last }) => last > first).length).toBeGreaterThan(
      0.9 * tensors.length - 2,
    );
  }
});

it("grouped convolutions are seen", async () => {
  const built = await compiledFor(DIGITS, "rpi4");
  const { sections } = await networkData({ built, found: modelled(built) });
  const grouped = [...built.source.nodes].filter(({ op }) => op.kind === "conv2d" && op.groups > 1);
  expect(sections[0].groups.length).toBe(grouped.length);
});
