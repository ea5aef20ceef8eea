import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { wholeFile } from "../../compiler/driver/bundle/large-file.ts";
import { compileNetwork } from "../../compiler/driver/compile-network.ts";
import { decidedPlan } from "../../compiler/driver/decide/decided-plan.ts";
import {
  type Decisions,
  decisionsOf,
  plannedAlgorithms,
  type StepDecision,
  UNDECIDED,
} from "../../compiler/driver/decide/decisions.ts";
import { decisionsText, readDecisions, withSetting } from "../../compiler/driver/decide/decisions-file.ts";
import { loadModel } from "../../compiler/frontend/load-model.ts";
import { importOnnx } from "../../compiler/frontend/onnx/import.ts";
import type { Plan } from "../../compiler/graph/plan.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { sha256 } from "../../compiler/support/stable.ts";
import { model, node } from "../frontend/onnx-model.ts";
import { messageOf } from "../support/message.ts";

const folder = mkdtempSync(join(tmpdir(), "tilewright-decisions-"));
afterAll(() => rmSync(folder, { recursive: true }));

const DIGITS = "test/fixtures/digits/digits.onnx";
const GROUPED = "/group8/group8.0/Conv";
const POINTWISE = "/mix1/mix1.0/Conv";

async function compiled(model: string, target: string, decisions: Decisions = UNDECIDED) {
  const meta = { modelSha256: "0".repeat(64) };
  return compileNetwork(await loadModel(model), loadTarget(target), { meta, decisions });
}

const set = (...settings: readonly string[]): Decisions => settings.reduce(withSetting, UNDECIDED);

const refused = (...settings: readonly string[]): Promise<string> =>
  messageOf(async () => compiled(DIGITS, "rpi4", set(...settings)));

describe("decisions of a network", () => {
  test.each([
    [DIGITS, "rpi3"],
    [DIGITS, "rpi2"],
    [DIGITS, "host"],
    ["zoo:shufflenet-v1@32", "rpi5"],
    ["zoo:googlenet@64", "rpi4"],
  ])("of %s for %s, written and read, give the same bytes", async (model, target) => {
    const first = await compiled(model, target);
    const file = join(folder, "decisions.json");
    writeFileSync(file, decisionsText(decisionsOf(first.plan, first.kernels, first.target), "n", target));
    const again = await compiled(model, target, readDecisions(file));
    const hashes = ({ files }: typeof first) =>
      [...files].map(([path, data]) => [path, sha256(wholeFile(data))]);
    expect(hashes(again)).toEqual(hashes(first));
  });

  test("of f16 layers, written and read, give the same, and are refused in f32, as others are in f16", async () => {
    const graph = await loadModel(DIGITS);
    const target = loadTarget("rpi5");
    const meta = { modelSha256: "0".repeat(64) };
    const made = (numerics: "f16" | "fast", decisions = UNDECIDED) =>
      compileNetwork(graph, target, { meta, numerics, decisions });
    const read = async (numerics: "f16" | "fast"): Promise<Decisions> => {
      const { plan, kernels, target: chosen } = await made(numerics);
      const file = join(folder, `${numerics}.json`);
      writeFileSync(file, decisionsText(decisionsOf(plan, kernels, chosen), "n", "rpi5"));
      return readDecisions(file);
    };
    const [halves, singles] = [await read("f16"), await read("fast")];
    const names = async (decisions?: Decisions): Promise<string[]> =>
      (await made("f16", decisions)).kernels.map(({ name }) => name);
    expect(await names(halves)).toEqual(await names());
    expect(await messageOf(() => made("fast", halves))).toBe(
      `error[C338]: the decisions were made with \`--numerics f16\`, and the network is compiled without it
  why:   layers of f16 have algorithms, schedules and tiles of their own
  help:  add --numerics f16
  help:  or write them anew with --decisions-out FILE`,
    );
    expect(await messageOf(() => made("f16", singles))).toContain("made without `--numerics f16`");
  });

  test("convolutions of one tensor are one layer, or where something is decided of one by its name both are alone", async () => {
    const graph = await loadModel("zoo:googlenet", { zoo: { shapesOnly: true } });
    const layers = (...settings: readonly string[]): string[] =>
      decidedPlan(graph, loadTarget("rpi4"), { decisions: set(...settings) })
        .plan.steps.map(({ layer }) => layer)
        .filter((layer) => /^inception3a.[35]x[35].reduce/.test(layer));
    const [few, many] = ["inception3a.5x5.reduce", "inception3a.3x3.reduce"];
    expect(new Set(layers())).toEqual(new Set([`${few}+${many}`]));
    expect(new Set(layers(`${few}.tile=1x4x4`))).toEqual(new Set([few, many]));
    expect(new Set(layers(`${many}.algorithm=direct`))).toEqual(new Set([few, many]));
  });

  test("a convolution whose map a window goes over is one layer, or where that is decided both are alone", async () => {
    const graph = await loadModel("zoo:mobilenet-v2", { zoo: { shapesOnly: true } });
    const made = (...settings: readonly string[]) =>
      decidedPlan(graph, loadTarget("rpi4"), { decisions: set(...settings) }).plan;
    const [map, behind] = ["stage4.1.expand.conv", "stage4.1.depthwise.conv"];
    const names = ({ steps }: Plan): string[] => steps.map(({ name }) => name);
    expect(plannedAlgorithms(made()).get("stage2.1.expand.conv")).toBe("bands");
    expect(names(made(`${map}.algorithm=bands`))).not.toContain(behind);
    expect(names(made(`${map}.algorithm=direct`))).toContain(behind);
    expect(plannedAlgorithms(made("stage2.1.expand.conv.algorithm=direct")).get("stage2.1.expand.conv")).toBe(
      "direct",
    );
  });

  test("another tile, order, schedule or algorithm of one layer", async () => {
    const usual = await compiled(DIGITS, "rpi4");
    const other = await compiled(
      DIGITS,
      "rpi4",
      set(`${POINTWISE}.order=pixels`, `${POINTWISE}.tile=2x4x2`, `${GROUPED}.algorithm=direct`),
    );
    const of = ({ plan, kernels }: typeof usual, name: string) =>
      kernels[plan.steps.findIndex((step) => step.name === name)];
    expect(of(usual, POINTWISE).knobs).toEqual({ tile: "1x8x2", order: "weights" });
    expect(of(other, POINTWISE)).toMatchObject({
      knobs: { tile: "2x4x2", order: "pixels" },
      chosen: "user",
    });
    expect(of(usual, GROUPED).c).toContain("winograd4");
    expect(of(other, GROUPED).c).not.toContain("winograd");
    const changed = usual.kernels.filter(({ name }) => !other.kernels.some((k) => k.name === name));
    expect(changed.length).toBeLessThan(5);
    expect(plannedAlgorithms(other.plan).get(GROUPED)).toBe("direct");
    for (const algorithm of ["winograd2", "winograd4", "winograd6"]) {
      const { plan } = await compiled(DIGITS, "rpi4", set(`${GROUPED}.algorithm=${algorithm}`));
      expect(plannedAlgorithms(plan).get(GROUPED)).toBe(algorithm);
    }
  });
});

test("of a border that is filled with another layer's, in the same memory, are no mistake", async () => {
  const border: StepDecision = { op: "fill-halo", schedule: "in-lanes", knobs: {}, from: "estimate" };
  const steps = new Map([["elsewhere/halo", border]]);
  expect((await compiled(DIGITS, "rpi4", { ...UNDECIDED, steps })).plan.steps).not.toHaveLength(0);
  const others = new Map([["elsewhere", { ...border, op: "conv2d" }]]);
  expect(await messageOf(async () => compiled(DIGITS, "rpi4", { ...UNDECIDED, steps: others }))).toContain(
    "C331",
  );
});

describe("what cannot be decided is refused with its name", () => {
  test("C331 a layer that is not there", async () => {
    expect(await refused("/mix1/mix.0/Conv.tile=1x8x2")).toMatch(
      /^error\[C331\]: the network has no layer `\/mix1\/mix\.0\/Conv` to decide for\n {2}why: {3}there are x\/repack,/,
    );
    expect(await refused("/mix1/mix.0/Conv.tile=1x8x2")).toContain(`help:  did you mean \`${POINTWISE}\`?`);
    expect(await refused("pool.algorithm=direct")).toContain(
      "error[C331]: the network has no convolution `pool` to decide for",
    );
  });

  test("C339 a layer that the one before it computes", async () => {
    const graph = await loadModel("zoo:mobilenet-v2", { zoo: { shapesOnly: true } });
    const refusal = (setting: string): Promise<string> =>
      messageOf(async () => decidedPlan(graph, loadTarget("rpi4"), { decisions: set(setting) }));
    for (const setting of ["tile=1x4x1", "algorithm=direct"]) {
      expect(await refusal(`stage2.1.depthwise.conv.${setting}`)).toBe(
        `error[C339]: the layer \`stage2.1.depthwise.conv\` is computed with \`stage2.1.expand.conv\`
  why:   its input is made band of rows by band of rows, and is not stored
  help:  --set stage2.1.expand.conv.algorithm=direct leaves each to itself`,
      );
    }
  });

  test("C332 an algorithm that weights cannot have which are computed", async () => {
    const conv = node("Conv", ["x", "w"], "y");
    const graph = importOnnx(
      model({ inputs: { x: [1, 8, 6, 7], w: [8, 8, 3, 3] }, outputs: ["y"], nodes: [conv] }),
    );
    const decided = (algorithm: string): Plan =>
      decidedPlan(graph, loadTarget("rpi4"), { decisions: set(`y_node.algorithm=${algorithm}`) }).plan;
    expect(plannedAlgorithms(decided("direct"))).toEqual(new Map([["y_node", "direct"]]));
    expect(await messageOf(async () => decided("winograd4"))).toContain("it would be direct");
  });

  test("C332 an algorithm that a layer cannot have", async () => {
    expect(await refused(`${POINTWISE}.algorithm=winograd4`)).toBe(
      `error[C332]: \`${POINTWISE}\` cannot be computed by the algorithm \`winograd4\` here
  why:   its sizes, its numbers, its place in memory, --numerics or the core do not allow it; it would be direct
  help:  algorithms: direct, bands, gated, winograd2, winograd3, winograd4, winograd5, winograd6, winograd7, strassen, int8, or by rows as winograd6:48+winograd4:8`,
    );
  });

  test("C333 decisions for another operator", async () => {
    const steps = new Map([[GROUPED, { op: "conv2d", knobs: {}, from: "user" as const }]]);
    expect(await messageOf(async () => compiled(DIGITS, "rpi4", { ...UNDECIDED, steps }))).toBe(
      `error[C333]: what was decided for \`${GROUPED}\` is for the operator \`conv2d\`, but it is \`winograd4\`
  why:   decisions hold for the network, the target and the algorithms that they were made for
  help:  write them anew with --decisions-out FILE`,
    );
  });

  test("C334 a knob, a value or a schedule that is not there", async () => {
    expect(await refused(`${POINTWISE}.tyle=1x8x2`)).toBe(
      `error[C334]: what was decided for \`${POINTWISE}\` cannot be: the schedule \`pointwise\` has no knob \`tyle\`
  why:   its knobs and their options are tile (1x8x2, 2x4x2, 1x4x4, 2x2x4, 2x3x2, 1x4x2, 1x8x1, 2x4x1, 1x3x4, 2x1x4, 2x3x1, 1x3x2, ... (36)), order (weights, pixels, packed)
  help:  did you mean \`tile\`?`,
    );
    expect(await refused(`${POINTWISE}.order=pixel`)).toContain("help:  did you mean pixels?");
    expect(await refused(`${POINTWISE}.schedule=pointwyse`)).toContain("help:  did you mean `pointwise`?");
  });

  test("C335 a file of something else", async () => {
    const file = join(folder, "other.json");
    const read = (text: string): Promise<string> => {
      writeFileSync(file, text);
      return messageOf(async () => readDecisions(file));
    };
    expect(await read('{"version": 2}')).toBe(`error[C335]: \`${file}\` holds no decisions
  why:   version: Invalid input: expected 1
  help:  \`tilewright compile MODEL --target TARGET -o FOLDER --decisions-out FILE\` writes such files`);
    expect(await read("[")).toContain("why:   Unexpected end of JSON input");
    truncateSync(file, 2 ** 26 + 1);
    expect(await messageOf(async () => readDecisions(file))).toContain("the limit is 67108864");
    expect(await messageOf(async () => readDecisions(join(folder, "none.json")))).toContain("ENOENT");
  });

  test("C336 a setting that cannot be read", async () => {
    expect(await refused("tile=8")).toBe(`error[C336]: --set "tile=8" is not LAYER.NAME=VALUE
  help:  for example --set conv1.tile=4x4x2, --set conv1.schedule=direct, --set conv1.algorithm=winograd4`);
  });

  test("C337 decisions for an instruction set that the target does not have", async () => {
    expect(await messageOf(async () => compiled(DIGITS, "rpi4", { ...UNDECIDED, isa: "neon-v7" }))).toBe(
      `error[C337]: the decisions are for the instruction set \`neon-v7\`, which \`rpi4\` does not have
  why:   it has neon-v8
  help:  write them anew with --decisions-out FILE`,
    );
  });
});
