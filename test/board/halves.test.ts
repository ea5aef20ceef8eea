import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, expect, test, vi } from "vitest";
import { readNpy, writeNpy } from "../../compiler/frontend/npy.ts";
import { exportOnnx } from "../../compiler/frontend/onnx/export.ts";
import { ACTIVATION_NAMES, mayBeHalf } from "../../compiler/ops/activation/activations.ts";
import { indexOfGreatest } from "../../compiler/support/index-of-greatest.ts";
import { PACKAGE_ROOT } from "../../compiler/support/paths.ts";
import { makeRng } from "../../compiler/support/rng.ts";
import { findProgram } from "../../compiler/toolchain/toolchain.ts";
import { tilewright } from "../cli/command-line.ts";
import { type GraphBuilder, graphBuilder, RELU } from "../graph/graph-builder.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const folder = temporaryFolder("halves");
afterEach(() => {
  vi.unstubAllEnvs();
});
const border = { pads: [1, 1, 1, 1] } as const;

/** A network of every way that a layer can be f16, whose results are f32 again. */
function layers(g: GraphBuilder): string[] {
  const stem = g.clamp(g.conv(g.input([1, 3, 21, 19]), { oc: 24, stride: 2, ...border }), RELU);
  const deep = g.conv(stem, { oc: 24, groups: 24, ...border });
  const wide = g.clamp(g.conv(deep, { oc: 40, kernel: 1 }), RELU);
  const winograd = g.conv(wide, { oc: 40, ...border });
  const sum = g.clamp(g.add(winograd, wide), RELU);
  const grouped = [4, 5, 8].map((groups) => g.conv(sum, { oc: 40, groups, ...border }));
  const gates = g.activation(g.conv(g.globalAvgPool(sum), { oc: 40, kernel: 1 }), "sigmoid");
  const excited = g.mul(sum, g.reshape(gates, [1, 40, 1, 1]));
  const pools = [
    g.maxPool(excited, { kernel: 3, ...border }),
    g.avgPool(excited, { kernel: 3, ...border }),
    g.prelu(g.shuffle(excited, 5)),
  ];
  const all = g.concat(
    [...grouped, ...pools, g.conv(wide, { oc: 7, kernel: [1, 5], pads: [0, 2, 0, 2] })],
    1,
  );
  const rows = g.dense(g.reshape(g.globalAvgPool(all), [1, g.shape(all)[1]]), 10);
  return [g.conv(all, { oc: 5, stride: 2 }), g.softmax(rows, 1)];
}

/** Each function behind a convolution, and alone. */
function functions(g: GraphBuilder): string[] {
  const x = g.input([1, 16, 6, 7]);
  return ACTIVATION_NAMES.filter(mayBeHalf).flatMap((fn) => {
    const [alpha, beta] = fn === "selu" ? [1.673, 1.0507] : [fn === "hard-sigmoid" ? 1 / 6 : 1, 0.5];
    const behind = g.activation(g.conv(x, { oc: 16, kernel: 1 }), fn, alpha, beta);
    const map = g.conv(x, { oc: 8, kernel: 1 });
    return [behind, g.add(g.activation(map, fn, alpha, beta), map)];
  });
}

/** By tiles of six points: each window there is such a tile for, with what may follow, hanging over the map on two sides. */
function windows(g: GraphBuilder): string[] {
  const x = g.clamp(g.conv(g.input([1, 16, 45, 42]), { oc: 32, kernel: 1 }), RELU);
  const strided = [3, 5, 7, 9].map((kernel) => g.conv(x, { oc: 32, kernel, stride: 2 }));
  const plain = [2, 3, 4, 5].map((kernel) => g.prelu(g.conv(x, { oc: 32, kernel })));
  const groups = g.activation(g.conv(x, { oc: 48, groups: 2, ...border }), "silu");
  const sum = g.add(g.conv(groups, { oc: 32, ...border }), x);
  return [...strided, ...plain, sum].map((map) => g.conv(map, { oc: 8, kernel: 1 }));
}

interface Report {
  readonly layers: readonly {
    readonly op: string;
    readonly count: number;
    readonly undecided: number;
    readonly worst?: { readonly ofBound: number };
  }[];
}

test.each([
  ["layers", layers, 0],
  ["functions", functions, 0],
  ["windows", windows, 7],
] as const)(
  "f16 %s are right on an emulated Raspberry Pi 5",
  async (name, build, ofSixPoints) => {
    const g = graphBuilder(makeRng(4));
    const file = join(folder, `${name}.onnx`);
    writeFileSync(file, exportOnnx(g.finish(build(g))));
    const given = ["--board", "qemu-rpi5", "--numerics", "f16", "--threads", "2"];
    const { code, out, note } = await tilewright("verify", file, ...given, "--json");
    expect(code, note).toBe(0);
    expect(note).toContain(`next: \`tilewright bench ${file} --board qemu-rpi5 --numerics f16\``);
    const report: Report = JSON.parse(out);
    expect(report.layers.length).toBeGreaterThan(15);
    expect(report.layers.filter(({ op }) => op === "winograd6x6").length).toBeGreaterThanOrEqual(ofSixPoints);
    expect(report.layers.every(({ undecided, count }) => undecided <= count / 20)).toBe(true);
    // what f32 rounds is a thousandth of what f16 does
    const worst = Math.max(...report.layers.map((layer) => layer.worst?.ofBound ?? 0));
    expect(worst).toBeGreaterThan(0.02);
  },
  240_000,
);

test.each(["gcc", "clang-14"].filter((cc) => cc === "gcc" || findProgram(cc) !== undefined))(
  "f16 of a core in order is right, built by %s",
  async (cc) => {
    if (cc !== "gcc") vi.stubEnv("TILEWRIGHT_CC", cc);
    const target = join(folder, "qemu-a55.json");
    writeFileSync(target, JSON.stringify({ extends: "qemu-rpi5", name: "qemu-a55", core: "cortex-a55" }));
    const g = graphBuilder(makeRng(4));
    const file = join(folder, "in-order.onnx");
    writeFileSync(file, exportOnnx(g.finish([...layers(g), ...windows(g)])));
    const given = ["--board", "qemu-rpi5", "--target", target, "--numerics", "f16"];
    const { code, note } = await tilewright("verify", file, ...given);
    expect(code, note).toBe(0);
  },
  240_000,
);

test("multiply-adds take lanes as they are: none is copied into a vector first", async () => {
  const bundle = join(folder, "bundle");
  const g = graphBuilder(makeRng(4));
  const file = join(folder, "products.onnx");
  const x = g.conv(g.input([1, 32, 14, 14]), { oc: 64, kernel: 1 });
  writeFileSync(file, exportOnnx(g.finish([g.conv(x, { oc: 64, stride: 2, ...border })])));
  const made = await tilewright("compile", file, "--target", "qemu-rpi5", "--numerics", "f16", "-o", bundle);
  expect(made.code, made.note).toBe(0);
  const program = join(bundle, "build", "products");
  const { stdout } = await execa("aarch64-linux-gnu-objdump", ["-d", "--no-show-raw-insn", program]);
  expect(stdout.match(/\bfmla\tv\d+\.8h, v\d+\.8h, v\d+\.h\[\d\]/g)?.length).toBeGreaterThan(100);
  expect(stdout.match(/\bdup\tv\d+\.8h, v\d+\.h/g)).toBe(null);
}, 120_000);

/** What a network gives by numbers of a kind. */
async function outputOf(model: string, input: string, output: string, numerics: string) {
  const into = join(folder, numerics);
  const { code, note } = await tilewright(
    ...["run", model, "--board", "qemu-rpi5", "--numerics", numerics, "--input", input],
    ...["--output-dir", into],
  );
  expect(code, note).toBe(0);
  const file = join(into, `${output}.npy`);
  return readNpy(readFileSync(file), file);
}

test("tiles of six points lose a percent of noise at most, and hold large numbers", async () => {
  const rng = makeRng(6);
  const g = graphBuilder(rng);
  const conv = g.conv(g.input([1, 256, 14, 14]), { oc: 32, bias: false, ...border });
  const [model, input] = [join(folder, "noise.onnx"), join(folder, "noise.npy")];
  const graph = g.finish([conv]);
  for (const { data } of graph.tensors.values()) data?.forEach((weight, i) => (data[i] = weight / 50));
  writeFileSync(model, exportOnnx(graph));
  // 9,900 is the largest, as any number may be beside its like or its opposite
  const data = Float32Array.from({ length: 256 * 14 * 14 }, () =>
    Math.max(-9900, Math.min(9900, 6000 * rng.normal())),
  );
  writeFileSync(input, writeNpy({ shape: [1, 256, 14, 14], data }));
  const [wanted, halves] = [
    await outputOf(model, input, conv, "strict"),
    await outputOf(model, input, conv, "f16"),
  ];
  const mean = (of: (i: number) => number): number =>
    wanted.data.reduce((sum, _, i) => sum + of(i) ** 2, 0) / wanted.data.length;
  const off = Math.sqrt(mean((i) => halves.data[i] - wanted.data[i]) / mean((i) => wanted.data[i]));
  expect(off).toBeGreaterThan(0.002);
  expect(off).toBeLessThan(0.01);
}, 120_000);

test("handwritten digits get the same classes", async () => {
  const digits = join(PACKAGE_ROOT, "test/fixtures/digits");
  const classes = async (numerics: string): Promise<number[]> => {
    const images = `${join(digits, "test.npz")}:images`;
    const { shape, data } = await outputOf(join(digits, "digits.onnx"), images, "probabilities", numerics);
    const [count, each] = [shape[0], data.length / shape[0]];
    return Array.from({ length: count }, (_, i) => indexOfGreatest(data.subarray(i * each, (i + 1) * each)));
  };
  const wanted = await classes("fast");
  expect(wanted.length).toBe(360);
  expect(await classes("f16")).toEqual(wanted);
}, 120_000);

test("a core without fp16 is refused by name", async () => {
  const { code, note } = await tilewright(
    ...["compile", join(PACKAGE_ROOT, "test/fixtures/digits/digits.onnx")],
    ...["--target", "rpi4", "--numerics", "f16", "-o", join(folder, "none")],
  );
  expect(code).toBe(1);
  expect(note).toContain("error[F407]: `--numerics f16`: `rpi4` does not compute in f16");
  expect(note).toContain("cortex-a72 with neon-v8 has no fp16");
});
