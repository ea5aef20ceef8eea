import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, expect, test } from "vitest";
import type { BundleMetadata } from "../../compiler/artifact/bundle.ts";
import { openBoard } from "../../compiler/device/open-board.ts";
import { writeBundle } from "../../compiler/driver/bundle/emit-bundle-write.ts";
import { compileNetwork } from "../../compiler/driver/compile-network.ts";
import { runNetwork } from "../../compiler/driver/run/run-network.ts";
import type { Graph } from "../../compiler/graph/graph.ts";
import type { Plan } from "../../compiler/graph/plan.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { makeRng } from "../../compiler/support/rng.ts";
import { buildBundle, readMetadata } from "../../compiler/toolchain/compile-bundle.ts";
import { sourceFlags } from "../../compiler/toolchain/intent-flags.ts";
import { unknownFlags } from "../../compiler/toolchain/known-flags.ts";
import { findProgram, findToolchain, type Toolchain } from "../../compiler/toolchain/toolchain.ts";
import { runReference } from "../../compiler/verify/reference.ts";
import { graphBuilder, RELU, randomInputs } from "../graph/graph-builder.ts";
import { LONG } from "../support/amount.ts";
import { carriedBounds, difference } from "../verify/differences.ts";
import { addLayer, evenLayers, randomLayer, splitLayers } from "./random-layer.ts";

const folder = mkdtempSync(join(tmpdir(), "tilewright-compilers-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const COMPILERS = ["gcc-12", "clang-14", "clang-19"];
/** Every day one of each kind of machine, the newest compiler on both. */
const BOARDS = LONG ? ["qemu-rpi2", "qemu-rpi3", "qemu-rpi4", "qemu-rpi5", "host"] : ["qemu-rpi4", "host"];
const RANDOM_LAYERS = LONG ? 10 : 0;
/** Boards whose kernels another one has too, for another core: without the random layers. */
const ALIKE = ["qemu-rpi3", "qemu-rpi5"];
const WARNINGS = "WARNINGS=-Wall -Wextra -Wpedantic -Werror";

interface Case {
  readonly compiler: string;
  readonly board: string;
  /** What TILEWRIGHT_CC names. */
  readonly cc: string;
  /** A program that is not installed. */
  readonly missing: string | undefined;
}
const DAILY = ["gcc-12 host", "clang-14 qemu-rpi4", "clang-19 host", "clang-19 qemu-rpi4"];
const CASES: readonly Case[] = BOARDS.flatMap((board) =>
  COMPILERS.filter((compiler) => LONG || DAILY.includes(`${compiler} ${board}`)).map((compiler) => {
    const { triple } = loadTarget(board).board;
    const cc = triple === undefined || compiler.startsWith("clang") ? compiler : `${triple}-${compiler}`;
    // clang takes the C library that came with the cross compiler
    const needed = [cc, ...(triple === undefined ? [] : [`${triple}-gcc`])];
    return { compiler, board, cc, missing: needed.find((name) => findProgram(name) === undefined) };
  }),
);

/** Groups, depthwise, Winograd, 1x1, dense and activations, one after the other; then, not every day, layers that each have an input of their own. */
function sampleGraph(others: boolean): Graph {
  const g = graphBuilder(makeRng(1));
  const same = { kernel: 3, pads: [1, 1, 1, 1] } as const;
  const stem = g.activation(g.conv(g.input([1, 3, 20, 20]), { oc: 24, stride: 2, ...same }), "silu");
  const grouped = g.clamp(g.conv(stem, { oc: 24, groups: 6, ...same }), RELU);
  const depthwise = g.activation(g.conv(grouped, { oc: 24, groups: 24, ...same }), "tanh");
  const wide = g.prelu(g.conv(depthwise, { oc: 32 }));
  const winograd = g.add(g.conv(wide, { oc: 32, ...same }), wide);
  const pooled = g.maxPool(g.activation(winograd, "gelu"), { kernel: 2, stride: 2 });
  const scores = g.softmax(g.dense(g.reshape(g.globalAvgPool(pooled), [1, 32]), 10), 1);
  const random = Array.from({ length: others ? RANDOM_LAYERS : 0 }, (_, i) => randomLayer(i + 1));
  const layers = [...random, ...(LONG ? [splitLayers()[0], evenLayers()[0]] : [])];
  return g.finish([scores, ...layers.map((layer) => addLayer(g, layer))]);
}

interface Written {
  readonly graph: Graph;
  readonly dir: string;
  readonly plan: Plan;
}
/** Each board's bundle is written once. */
const bundles = new Map<string, Promise<Written>>();
function bundleFor(board: string): Promise<Written> {
  const known = bundles.get(board);
  const written = known ?? writeFor(board);
  bundles.set(board, written);
  return written;
}

async function writeFor(board: string): Promise<Written> {
  const graph = sampleGraph(!ALIKE.includes(board));
  const dir = join(folder, board);
  const meta = { modelSha256: "0".repeat(64) };
  const { files, plan } = await compileNetwork(graph, loadTarget(board), { meta });
  await writeBundle(files, dir);
  return { graph, dir, plan };
}

test.each(CASES.filter(({ missing }) => missing === undefined))(
  "$compiler builds a bundle for $board without a warning, and its results are right",
  async ({ cc, board }) => {
    const written = await bundleFor(board);
    const { dir } = written;
    const target = loadTarget(board);
    const metadata = await readMetadata(dir);
    const toolchain = await findToolchain(target, { ...process.env, TILEWRIGHT_CC: cc });

    const make = [`CC=${[toolchain.cc, ...toolchain.options].join(" ")}`, "LDFLAGS=-static", `BUILD=${cc}`];
    const { stdout, stderr } = await execa("make", ["-j2", "-C", dir, ...make, WARNINGS]);
    expect(stderr).toBe("");
    expect(await unlikeOurs(stdout, metadata, toolchain)).toEqual([]);
    expect(await wrongOutputs(join(dir, cc, metadata.program), metadata, board, written)).toEqual([]);
  },
  600_000,
);

test.skip.each(CASES.filter(({ missing }) => missing !== undefined))(
  "$compiler for $board (skipped: $missing is not installed)",
  () => {},
);

const OTHERS = CASES.filter(({ board, compiler }) => board === "qemu-rpi3" && compiler !== "gcc-12");
test.each(OTHERS.filter(({ missing }) => missing === undefined))(
  "TILEWRIGHT_CC=$cc is told the machine of $board by itself",
  async ({ cc, board }) => {
    const written = await bundleFor(board);
    const { dir } = written;
    const toolchain = await findToolchain(loadTarget(board), { ...process.env, TILEWRIGHT_CC: cc });
    expect(toolchain).toMatchObject({ family: "clang", options: ["--target=aarch64-linux-gnu"] });
    const cacheDir = join(folder, "cache");
    const { program } = await buildBundle(dir, loadTarget(board), { toolchain, cacheDir });
    expect(await wrongOutputs(program, await readMetadata(dir), board, written)).toEqual([]);
  },
  600_000,
);

/** Kernels that a bundle's Makefile compiles with other flags than Tilewright does. */
async function unlikeOurs(said: string, metadata: BundleMetadata, toolchain: Toolchain): Promise<string[]> {
  const kernels = metadata.sources.filter(({ file }) => file.startsWith("src/kernels/"));
  const all = [...metadata.cflags, ...kernels.flatMap((source) => sourceFlags(toolchain, source))];
  const unknown = await unknownFlags(toolchain, all);
  return kernels.flatMap((source) => {
    const ours = [...metadata.cflags, ...sourceFlags(toolchain, source)].filter((flag) => !unknown.has(flag));
    const line = said.split("\n").find((each) => each.endsWith(` ${source.file}`)) ?? "no such line";
    return line.includes(` ${ours.join(" ")} -Wall`) ? [] : [`${line}, not ${ours.join(" ")}`];
  });
}

/** What is wrong with the outputs of a program, in words. */
async function wrongOutputs(
  program: string,
  metadata: BundleMetadata,
  board: string,
  { graph, plan }: Written,
): Promise<string[]> {
  const inputs = randomInputs(graph, makeRng(2));
  const expected = runReference(graph, inputs);
  const given = Object.entries(inputs).map(([name, data]) => {
    const shape = [...(graph.tensors.get(name)?.shape ?? [])];
    return [name, { shape, data }] as const;
  });
  const { runner } = await openBoard(board);
  const run = { threads: 2, timeoutSeconds: 300 };
  const { outputs } = await runNetwork({ program, metadata }, runner, new Map(given), run);
  await runner.close();
  const bounds = carriedBounds(graph, inputs, plan);
  return graph.outputs.flatMap((name) =>
    difference(name, expected.get(name), outputs.get(name)?.data, bounds.get(name)),
  );
}
