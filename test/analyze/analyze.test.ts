import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { type Analysis, analyzeNetwork } from "../../compiler/analyze/analyze-network.ts";
import { svgPlot } from "../../compiler/analyze/plot.ts";
import { importOnnx } from "../../compiler/frontend/onnx/import.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { PACKAGE_ROOT } from "../../compiler/support/paths.ts";
import { tilewright } from "../cli/command-line.ts";
import { model, node } from "../frontend/onnx-model.ts";

const folder = mkdtempSync(join(tmpdir(), "tilewright-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

const DIGITS = join(PACKAGE_ROOT, "test/fixtures/digits/digits.onnx");

describe("analyze", () => {
  test("--json: layers and total", async () => {
    const { code, out } = await tilewright("analyze", "zoo:mobilenet-v1", "--G", "4", "--json");
    expect(code).toBe(0);
    const { layers, total } = JSON.parse(out) as Analysis;
    expect(layers).toHaveLength(30);
    expect(layers[1]).toEqual({
      name: "block1.conv1",
      op: "conv2d",
      input: [1, 32, 112, 112],
      output: [1, 32, 112, 112],
      kernel: [3, 3],
      groups: 8,
      group_size: 4,
      macs: 32 * 4 * 9 * 112 ** 2,
      params: 32 * 4 * 9,
      activations: 2 * 32 * 112 ** 2,
      arithmetic_intensity: (32 * 4 * 9 * 112 ** 2) / (32 * 4 * 9 + 2 * 32 * 112 ** 2),
      bytes: 4 * (32 * 4 * 9 + 32 + 2 * 32 * 112 ** 2),
      share: expect.closeTo(0.0233, 4),
    });
    const sum = (of: "macs" | "params" | "bytes"): number => layers.reduce((s, layer) => s + layer[of], 0);
    expect([total.macs, total.params, total.bytes]).toEqual([sum("macs"), sum("params"), sum("bytes")]);
    expect(total.arithmetic_intensity).toBe(total.macs / (total.params + total.activations));
    expect(layers.reduce((s, { share }) => s + share, 0)).toBeCloseTo(1);
  });

  test("weights that are computed multiply as others do, and are activations", () => {
    const graph = importOnnx(
      model({
        inputs: { x: [1, 8, 6, 7], w: [12, 4, 3, 3], r: [1, 12, 4, 5] },
        outputs: ["y"],
        nodes: [node("Conv", ["x", "w"], "sums", { group: 2 }), node("Add", ["sums", "r"], "y")],
      }),
    );
    const layers = analyzeNetwork(graph, { target: loadTarget("rpi4"), steps: new Map() }).layers;
    expect(layers).toMatchObject([
      {
        ...{ op: "dynamic-conv2d", kernel: [3, 3], groups: 2, group_size: 4, params: 0 },
        lanes_used: 1,
        macs: 12 * 4 * 9 * 4 * 5,
        activations: 8 * 6 * 7 + 12 * 4 * 9 + 12 * 4 * 5,
        bytes: 4 * (8 * 6 * 7 + 12 * 4 * 9 + 2 * 12 * 4 * 5),
      },
    ]);
  });

  test("--target: lanes used and roofline", async () => {
    const { out } = await tilewright("analyze", "zoo:wrn-40-2", "--target", "rpi4", "--json");
    const { layers, total } = JSON.parse(out) as Analysis;
    const fc = layers.find(({ name }) => name === "fc");
    // 10 classes take three vectors of four lanes.
    expect(fc?.lanes_used).toBeCloseTo(10 / 12);
    for (const layer of layers) {
      expect(layer.bound_ms).toBe(Math.max(layer.compute_ms ?? 0, layer.memory_ms ?? 0));
    }
    // Schedules move at least what has to move.
    expect(total.l2_bytes).toBeGreaterThan(total.bytes);
    expect(total.l1_bytes).toBeGreaterThan(total.l2_bytes ?? 0);
    expect(total.bound_ms).toBeGreaterThan((1e3 * total.macs) / (1.5e9 * 4));
  });

  test("the table, CSV and a plot that is always the same", async () => {
    const plot = join(folder, "a.svg");
    const { out, note } = await tilewright(
      "analyze",
      "zoo:shufflenet-v1",
      "--target",
      "host",
      "--plot",
      plot,
    );
    expect(out).toContain("shufflenet-v1: 137.46 million MACs, 1.84 million parameters");
    expect(out).toContain("no roofline, as its clock and memory are not known");
    expect(note).toContain("next: `tilewright sweep zoo:shufflenet-v1");
    const again = join(folder, "b.svg");
    const csv = await tilewright("analyze", "zoo:shufflenet-v1", "--csv", "--plot", again);
    expect(readFileSync(again, "utf8")).toBe(readFileSync(plot, "utf8"));
    const lines = csv.out.split("\r\n");
    expect(lines[0]).toMatch(/^name,op,input,output,kernel,groups,group_size,macs,/);
    expect(lines.at(-1)).toMatch(/^total,/);
  });

  test("--json and --csv", async () => {
    expect((await tilewright("analyze", DIGITS, "--csv", "--json")).note).toBe(
      `error[C206]: cannot read the command line of \`tilewright analyze\`
  why:   --json and --csv were both given
  help:  \`tilewright analyze --help\` shows how it is used`,
    );
  });
});

describe("regroup", () => {
  test("writes ONNX and says that weights are random and what was not divided", async () => {
    const file = join(folder, "r.onnx");
    const { code, out, note } = await tilewright("regroup", DIGITS, "--G", "3", "-o", file);
    expect(code).toBe(0);
    expect(out).toContain("--G 3 does not divide it: nearest");
    expect(note).toContain(
      "are new and random: the network has to be trained before its results mean anything",
    );
    const { out: json } = await tilewright("analyze", file, "--json");
    expect((JSON.parse(json) as Analysis).total.params).toBeGreaterThan(20_000);
  });

  test("C302 a folder that is not there", async () => {
    const { code, note } = await tilewright("regroup", DIGITS, "--g", "4", "-o", "/nowhere/r.onnx");
    expect(code).toBe(1);
    expect(note).toBe(
      "error[C302]: cannot write `/nowhere/r.onnx`\n  why:   ENOENT: no such file or directory, stat '/nowhere'",
    );
  });
});

test("names in a plot are text of the SVG, nothing else", () => {
  const svg = svgPlot({ title: { text: '<script>"&\u0001\u001b[2J' } });
  expect(svg).toContain("&lt;script&gt;&quot;&amp;  [2J</text>");
});
