import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { FoundKernel } from "../../compiler/driver/compile-network.ts";
import { exportOnnx } from "../../compiler/frontend/onnx/export.ts";
import type { Graph, Tensor } from "../../compiler/graph/graph.ts";
import { makeRng } from "../../compiler/support/rng.ts";
import { tilewright } from "../cli/command-line.ts";

const folder = mkdtempSync(join(tmpdir(), "tilewright-choose-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Two convolutions: depthwise of 8 channels, then 1x1 to 16. */
function tinyNetwork(): Graph {
  const rng = makeRng(5);
  const weights = (name: string, shape: number[]): Tensor => {
    const length = shape.reduce((a, b) => a * b, 1);
    return { name, shape, data: Float32Array.from({ length }, () => rng.next() - 0.5) };
  };
  const tensors: Tensor[] = [
    { name: "x", shape: [1, 8, 12, 12] },
    weights("w1", [8, 1, 3, 3]),
    { name: "t", shape: [1, 8, 12, 12] },
    weights("w2", [16, 8, 1, 1]),
    { name: "y", shape: [1, 16, 12, 12] },
  ];
  const conv = (pad: number, groups: number) => ({
    kind: "conv2d" as const,
    strides: [1, 1] as const,
    pads: [pad, pad, pad, pad] as const,
    dilations: [1, 1] as const,
    groups,
    bias: false,
    residual: false as const,
    clamp: { lo: Number.NEGATIVE_INFINITY, hi: Number.POSITIVE_INFINITY },
  });
  return {
    name: "tiny",
    inputs: ["x"],
    outputs: ["y"],
    nodes: [
      { name: "depthwise", op: conv(1, 8), inputs: ["x", "w1"], output: "t" },
      { name: "pointwise", op: conv(0, 1), inputs: ["t", "w2"], output: "y" },
    ],
    tensors: new Map(tensors.map((t) => [t.name, t])),
  };
}

interface Compiled {
  readonly choices: readonly FoundKernel[];
  readonly metadata: { readonly layers: readonly { readonly name: string; readonly chosen?: string }[] };
}

test("tiles that the model chose take no more cycles than the estimated ones, and the network is right", async () => {
  const model = join(folder, "tiny.onnx");
  writeFileSync(model, exportOnnx(tinyNetwork()));
  const compile = async (out: string): Promise<Compiled> => {
    const args = ["--target", "rpi3", "--choose", "model", "--json", "-o", join(folder, out)];
    const { code, out: json, note } = await tilewright("compile", model, ...args);
    expect(code, note).toBe(0);
    return JSON.parse(json) as Compiled;
  };
  const { choices, metadata } = await compile("first");
  expect(choices.map(({ layer }) => layer)).toEqual(["depthwise", "pointwise"]);
  for (const { candidates, chosen } of choices) {
    expect(candidates.length).toBeGreaterThan(1);
    expect(Math.min(...candidates.map(({ cycles }) => cycles))).toBeGreaterThan(100);
    expect(chosen.cycles).toBeLessThanOrEqual(candidates[0].cycles);
    expect(candidates).toContainEqual(chosen);
  }
  const modelled = metadata.layers.filter(({ chosen }) => chosen === "modelled").map(({ name }) => name);
  expect(modelled).toEqual(["depthwise", "pointwise"]);

  const again = await compile("again");
  expect(again.choices).toEqual(choices);
  const text = (out: string): string => readFileSync(join(folder, out, "metadata.json"), "utf8");
  expect(text("again")).toBe(text("first"));

  const { code, out } = await tilewright("verify", model, "--board", "qemu-rpi3", "--choose", "model");
  expect(code).toBe(0);
  expect(out).toContain("right: tiny on qemu-rpi3");
}, 300_000);
