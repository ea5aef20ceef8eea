import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { afterAll, expect, test } from "vitest";
import { openBoard } from "../../compiler/device/open-board.ts";
import { writeBundle } from "../../compiler/driver/bundle/emit-bundle-write.ts";
import { compileNetwork } from "../../compiler/driver/compile-network.ts";
import { runNetwork } from "../../compiler/driver/run/run-network.ts";
import { importOnnx } from "../../compiler/frontend/onnx/import.ts";
import type { Plan } from "../../compiler/graph/plan.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { sha256 } from "../../compiler/support/stable.ts";
import { buildBundle, readMetadata } from "../../compiler/toolchain/compile-bundle.ts";
import { expectedOutputs } from "../../compiler/verify/carried-error.ts";
import { planLayers } from "../../compiler/verify/layer-part.ts";
import { LONG } from "../support/amount.ts";
import { difference } from "../verify/differences.ts";
import { mergeKernels } from "./merge-kernels.ts";
import { type RandomNetwork, randomNetwork } from "./random-network.ts";

/** RANDOM_NETWORKS=n tries more of them, RANDOM_SEED=n others, RANDOM_LAYERS=n smaller or larger ones. */
const NETWORKS = Number(process.env.RANDOM_NETWORKS ?? 2);
const SEED = Number(process.env.RANDOM_SEED ?? 1);
const LAYERS = Number(process.env.RANDOM_LAYERS ?? 6);
const BOARD = process.env.RANDOM_BOARD ?? "host";

const folder = mkdtempSync(join(tmpdir(), "tilewright-random-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each(Array.from({ length: NETWORKS }, (_, i) => SEED + i))(
  "random network %i agrees with ONNX Runtime",
  async (seed) => {
    const network = randomNetwork(seed, LAYERS);
    const dir = join(folder, String(seed));
    const expected = await theirs(network);
    const { plan, outputs: actual } = await ours(network, dir);
    const inputs = new Map([...network.inputs].map(([name, { data }]) => [name, data]));
    const allowed = expectedOutputs(importOnnx(network.bytes), inputs, planLayers(plan));
    // Theirs may be off as far as ours.
    const wrong = [...expected].flatMap(([name, values]) => {
      const bounds = new Float32Array(values.length).fill(2 * (allowed.get(name)?.tolerance ?? 0));
      return difference(name, values, actual.get(name), bounds);
    });
    if (wrong.length > 0) writeFileSync(join(tmpdir(), `tilewright-random-${seed}.onnx`), network.bytes);
    expect(wrong, `the network is kept as ${join(tmpdir(), `tilewright-random-${seed}.onnx`)}`).toEqual([]);
    rmSync(dir, { recursive: true });
  },
  300_000,
);

/** Addresses and undefined behaviour checked; a small -O level, as checked code compiles slowly. */
const CHECKED = ["-O1", "-g0", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"];

test("a random network touches nothing outside of its buffers", async () => {
  const { bytes, inputs } = randomNetwork(SEED + 7, LONG ? 2 * LAYERS : 4);
  const dir = join(folder, "checked");
  const target = loadTarget("host");
  const { files } = await compileNetwork(importOnnx(bytes), target, {
    meta: { modelSha256: "0".repeat(64) },
  });
  await writeBundle(files, dir);
  const make = ["-s", "-j2", "-C", dir, `TARGET_CFLAGS=-std=c11 -march=native ${CHECKED.join(" ")}`];
  await execa("make", [...make, `LDFLAGS=${CHECKED.join(" ")}`]);
  const { program, inputs: ports, outputs } = JSON.parse(readFileSync(join(dir, "metadata.json"), "utf8"));
  for (const port of ports) {
    writeFileSync(join(dir, port.name), new Uint8Array(inputs.get(port.name)?.data.buffer as ArrayBuffer));
  }
  const list = (of: readonly { readonly name: string }[], end = ""): string =>
    of.map((port) => port.name + end).join(",");
  const args = ["run", "--inputs", list(ports), "--outputs", list(outputs, ".out"), "--threads", "2"];
  const { stderr } = await execa(join(dir, "build", program), args, { cwd: dir });
  expect(stderr).toBe("");
}, 300_000);

test("a bundle's bytes depend neither on its folder nor on the number of jobs", async () => {
  const { bytes } = randomNetwork(SEED, LONG ? LAYERS : 2);
  const target = loadTarget("rpi3");
  const cacheDir = join(folder, "cache");
  const build = async (jobs: number): Promise<Record<string, string>> => {
    const dir = join(folder, `jobs-${"x".repeat(jobs)}`, "bundle");
    const { files } = await compileNetwork(importOnnx(bytes), target, {
      meta: { modelSha256: "0".repeat(64) },
    });
    await writeBundle(files, dir);
    for (const kind of ["objects", "programs"])
      rmSync(join(cacheDir, kind), { recursive: true, force: true });
    await buildBundle(dir, target, { jobs, cacheDir });
    const paths = readdirSync(dir, { recursive: true, encoding: "utf8" }).sort();
    const contents = paths.filter((path) => statSync(join(dir, path)).isFile());
    return Object.fromEntries(contents.map((path) => [path, sha256(readFileSync(join(dir, path)))]));
  };
  const one = await build(1);
  expect(Object.keys(one).length).toBeGreaterThan(15);
  expect(await build(3)).toEqual(one);
}, 300_000);

async function theirs({ bytes, inputs }: RandomNetwork): Promise<Map<string, Float32Array>> {
  const session = await InferenceSession.create(bytes, { graphOptimizationLevel: "disabled" });
  const feeds = [...inputs].map(([name, { shape, data }]) => [name, new Tensor("float32", data, [...shape])]);
  const results = await session.run(Object.fromEntries(feeds));
  const values = Object.entries(results).map(
    ([name, { data }]) => [name, (data as Float32Array).slice()] as const,
  );
  await session.release();
  return new Map(values);
}

async function ours(
  { bytes, inputs }: RandomNetwork,
  dir: string,
): Promise<{ readonly plan: Plan; readonly outputs: ReadonlyMap<string, Float32Array | undefined> }> {
  const meta = { modelSha256: "0".repeat(64) };
  const { plan, files, target } = await compileNetwork(importOnnx(bytes), loadTarget(BOARD), { meta });
  await writeBundle(mergeKernels(files, target, 2), dir);
  const { program } = await buildBundle(dir, target);
  const { runner } = await openBoard(BOARD);
  const built = { program, metadata: await readMetadata(dir) };
  const { outputs } = await runNetwork(built, runner, inputs, { threads: 2, timeoutSeconds: 60 });
  await runner.close();
  return { plan, outputs: new Map([...outputs].map(([name, { data }]) => [name, data])) };
}
