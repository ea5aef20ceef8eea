import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundleSchema } from "../../compiler/artifact/bundle.ts";
import { emitBundle } from "../../compiler/driver/bundle/emit-bundle.ts";
import { writeBundle } from "../../compiler/driver/bundle/emit-bundle-write.ts";
import { fileBytes, wholeFile } from "../../compiler/driver/bundle/large-file.ts";
import { type BuildProgress, buildBundle } from "../../compiler/toolchain/compile-bundle.ts";
import { hostTarget, tinyInput, tinyKernels, tinyPlan, tinyReference } from "./tiny-network.ts";
import { checkTrace, floats, maxError } from "./trace.ts";

const reference = tinyReference(tinyInput);
const golden = { inputs: [tinyInput], outputs: [reference[2]], tolerances: [1e-5] };
const files = emitBundle(tinyPlan, tinyKernels, hostTarget, { modelSha256: "00", golden });

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tw-bundle-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function text(path: string): string {
  const contents = files.get(path);
  if (typeof contents !== "string") throw new Error(`${path} is no text file of the bundle`);
  return contents;
}

describe("what a bundle holds", () => {
  test("its files", () => {
    expect([...files.keys()].filter((path) => !path.startsWith("runtime/"))).toEqual([
      "CMakeLists.txt",
      "Makefile",
      "README.md",
      "golden/input_input_1.bin",
      "golden/output_pool_2.bin",
      "include/tiny_net.h",
      "metadata.json",
      "src/kernels/dense_8x8.c",
      "src/kernels/dense_8x8_bordered.c",
      "src/kernels/relu_8.c",
      "src/tiny_net.c",
      "src/tiny_net.map",
      "src/tiny_net_main.c",
      "src/tiny_net_weights.S",
      "weights/tiny_net.bin",
    ]);
  });

  test("the same bytes each time", () => {
    const again = emitBundle(tinyPlan, tinyKernels, hostTarget, { modelSha256: "00", golden });
    const whole = (of: typeof files) => [...of].map(([path, contents]) => [path, wholeFile(contents)]);
    expect(whole(again)).toEqual(whole(files));
    // A large file gives its pieces as often as it is asked.
    expect(whole(files)).toEqual(whole(files));
  });

  test("metadata that fits its schema, paths that exist", () => {
    const metadata = bundleSchema.parse(JSON.parse(text("metadata.json")));
    expect(metadata.layers.map((layer) => layer.output?.bytes)).toEqual([32, 40, 32]);
    for (const { file } of metadata.sources) expect(files.has(file), file).toBe(true);
  });

  test("weights packed, aligned, equal ones once", () => {
    const bytes = files.get("weights/tiny_net.bin") ?? "";
    // Two matrices of 256 bytes and one bias of 32, which takes a cache line.
    expect(fileBytes(bytes)).toBe(256 + 64 + 256);
    const source = text("src/tiny_net.c");
    expect(source).toContain(
      "dense_8x8(frame->inputs[0], tw_weights_at(frame, 0), tw_weights_at(frame, 256),",
    );
    expect(source).toContain("tw_weights_at(frame, 320),");
  });

  test("no text of the model ends a comment or a string", () => {
    expect(text("src/tiny_net.c")).toContain('/* 1: relu "one" *_ (relu) */');
    expect(text("src/tiny_net.c")).toContain('.name = "relu \\"one\\" */",');
  });

  test("network.c and its header read like this", async () => {
    await expect(text("src/tiny_net.c")).toMatchFileSnapshot("golden/tiny_net.c");
    await expect(text("include/tiny_net.h")).toMatchFileSnapshot("golden/tiny_net.h");
  });
});

describe("a bundle built for this machine", () => {
  let program = "";
  beforeAll(async () => {
    await writeBundle(files, join(folder, "bundle"));
    const built = await buildBundle(join(folder, "bundle"), hostTarget, { cacheDir: join(folder, "cache") });
    program = built.program;
    expect(built).toMatchObject({ compiledFiles: 21, cacheHits: 0 });
  });
  const run = (...args: string[]) =>
    spawnSync(program, args, { cwd: join(folder, "bundle"), encoding: "utf8" });
  const goldenIn = ["--inputs", "golden/input_input_1.bin"];

  test("gives the right output and the right result of every layer", () => {
    const result = run("run", ...goldenIn, "--outputs", "out.bin", "--trace", "trace.bin");
    expect(result).toMatchObject({ status: 0, stderr: "" });
    expect(maxError(floats(join(folder, "bundle/out.bin")), reference[2])).toBeLessThan(1e-5);
    checkTrace(join(folder, "bundle/trace.bin"), reference);
  });

  test("several samples, several threads", () => {
    const input = readFileSync(join(folder, "bundle/golden/input_input_1.bin"));
    writeFileSync(join(folder, "bundle/three.bin"), Buffer.concat([input, Buffer.alloc(32), input]));
    const args = ["--inputs", "three.bin", "--outputs", "three.out", "--samples", "3", "--threads", "3"];
    expect(run("run", ...args)).toMatchObject({ status: 0, stderr: "" });
    const out = floats(join(folder, "bundle/three.out"));
    expect(out.length).toBe(24);
    expect(maxError(out.subarray(16), reference[2])).toBeLessThan(1e-5);
    expect(maxError(out.subarray(8, 16), tinyReference(new Float32Array(8))[2])).toBeLessThan(1e-5);
  });

  test("bench prints every sample", () => {
    const result = run("bench", "--repeats", "4", "--layers");
    const lines = result.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.map((line) => [line.kind, line.index, line.ns?.length])).toEqual([
      ["program", undefined, undefined],
      ["network", undefined, 4],
      ["layer", 0, 4],
      ["layer", 1, 4],
      ["layer", 2, 4],
    ]);
    expect(run("bench", "--layer", "0-2", "--repeats", "4").stdout).toBe(
      '{"kind":"program","protocol":1}\n{"kind":"layers","first":0,"last":2}\n',
    );
    const [, samples] = run("bench", "--repeats", "1", "--min-ms", "5").stdout.split("\n");
    const longer = JSON.parse(samples);
    expect(longer.ns.length).toBeGreaterThan(100);
  });

  test("turns: two programs tell the fastest of each of their bursts, each of two pairs", () => {
    const result = run("turns", "--burst-ms", "1", "--repeats", "4", "--threads", "2", "--with", program);
    expect(result).toMatchObject({ status: 0, stderr: "" });
    const lines = result.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    const one = [
      ...[["turn"], ["network", 4]],
      ...[0, 1, 2].map(() => ["layer", 4]),
      ...[["beside"], ["program"]],
    ];
    const told = lines.map(({ kind, ns }) => (ns === undefined ? [kind] : [kind, ns.length]));
    expect([...told, ["program"]]).toEqual([["program"], ...one, ...one, ...one, ...one]);
    expect(lines.flatMap(({ kind, side }) => (kind === "turn" ? [side] : []))).toEqual([0, 1, 1, 0]);
    for (const { kind, wallNs, processNs } of lines.filter((line) => line.kind === "beside")) {
      expect(kind).toBe("beside");
      // four bursts, and nothing of the other one's
      expect(wallNs).toBeGreaterThan(4e6);
      expect(processNs).toBeGreaterThan(0);
    }
  });

  test("turns: what the other program does is told", () => {
    const other = join(folder, "other");
    const turns = (script: string) => {
      writeFileSync(other, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
      return run("turns", "--burst-ms", "1", "--with", other);
    };
    expect(turns("exit 0")).toMatchObject({ status: 5, stderr: "error: a program took none of its turns\n" });
    expect(turns("exit 7").status).toBe(7);
    expect(turns("kill -FPE $$")).toMatchObject({ status: null, signal: "SIGFPE" });
    expect(run("turns", "--with", "/nowhere")).toMatchObject({
      status: 5,
      stderr: "error: /nowhere does not start: No such file or directory\n",
    });
    expect(run("turns")).toMatchObject({ status: 2, stderr: "error: turns takes --with PROGRAM\n" });
  });

  test("info agrees with metadata.json", () => {
    const info = JSON.parse(run("info").stdout);
    const metadata = bundleSchema.parse(JSON.parse(text("metadata.json")));
    expect(info).toMatchObject({
      protocol: 1,
      name: "tiny-net",
      arenaBytes: 128,
      weightBytes: metadata.weightBytes,
    });
    expect(info.layers.map((layer: { name: string }) => layer.name)).toEqual(
      metadata.layers.map((l) => l.name),
    );
  });

  test.each([
    [["run", "--inputs", "nowhere.bin"], 3, "error: cannot open nowhere.bin: No such file or directory\n"],
    [["run", "--inputs", "Makefile"], 3, "error: the file for input.1 is longer than 8 floats a sample\n"],
    [["run", ...goldenIn, "--samples", "2"], 3, "error: the file for input.1 ends after 0 of 8 floats\n"],
    [
      ["run", ...goldenIn, "--outputs", "/nowhere/o"],
      4,
      "error: cannot open /nowhere/o: No such file or directory\n",
    ],
    [
      ["run", ...goldenIn, "--outputs", "/dev/full"],
      4,
      "error: an output file could not be written: No space left on device\n",
    ],
    [["run", "--inputs", "a,b"], 2, "error: --inputs names 2 files, the network has 1\n"],
    [["bench", "--layer", "3"], 2, "error: no layer 3, the network has 3\n"],
  ])("%j ends with code %i", (args, code, stderr) => {
    expect(run(...args)).toMatchObject({ status: code, stderr });
  });

  test("a different result than expected ends with code 7", () => {
    writeFileSync(join(folder, "bundle/zero.bin"), Buffer.alloc(32));
    const result = run("run", ...goldenIn, "--expect", "zero.bin");
    expect(result.status).toBe(7);
    expect(result.stderr).toMatch(
      /^error: output pool differs by [\d.]+ at \d \([-\d.]+, expected 0\), more than 0.0001\n$/,
    );
  });

  test("building again compiles nothing", async () => {
    const progress: BuildProgress[] = [];
    const again = await buildBundle(join(folder, "bundle"), hostTarget, {
      cacheDir: join(folder, "cache"),
      onProgress: (p) => progress.push(p),
    });
    expect(again).toMatchObject({ compiledFiles: 0, cacheHits: 21 });
    expect(progress).toEqual([{ done: 22, total: 22, file: "tiny_net", cached: true }]);
  });

  test("a change of one kernel compiles one file", async () => {
    const file = join(folder, "bundle/src/kernels/relu_8.c");
    writeFileSync(file, `${readFileSync(file, "utf8")}/* another */\n`);
    const again = await buildBundle(join(folder, "bundle"), hostTarget, { cacheDir: join(folder, "cache") });
    expect(again).toMatchObject({ compiledFiles: 1, cacheHits: 20 });
  });

  test("nothing half-written stays in the cache", () => {
    const entries = readdirSync(join(folder, "cache"), { recursive: true, encoding: "utf8" });
    expect(entries.filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });
});

test("a kernel that writes outside of the arena is noticed", async () => {
  const [dense, relu, last] = tinyKernels;
  const wild = { ...relu, c: relu.c.replace("y[9] = 0;", "y[9] = 0; y[16] = 1;") };
  const bundle = join(folder, "wild");
  await writeBundle(
    emitBundle(tinyPlan, [dense, wild, last], hostTarget, { modelSha256: "0", golden }),
    bundle,
  );
  const { program } = await buildBundle(bundle, hostTarget, { cacheDir: join(folder, "cache") });
  const result = spawnSync(program, ["run", "--inputs", join(bundle, "golden/input_input_1.bin")], {
    encoding: "utf8",
  });
  expect(result).toMatchObject({
    status: 6,
    stderr: "error: memory after the arena of tiny-net was overwritten\n",
  });
});

describe("a bundle builds itself", () => {
  test("make, without warnings, and make check", async () => {
    const bundle = join(folder, "self");
    await writeBundle(files, bundle);
    const made = spawnSync("make", ["-C", bundle, "WARNINGS=-Wall -Wextra -Wpedantic -Werror"], {
      encoding: "utf8",
    });
    expect(made).toMatchObject({ status: 0, stderr: "" });
    expect(made.stdout).toContain("-fno-schedule-insns");
    expect(spawnSync("make", ["-C", bundle, "check"]).status).toBe(0);
    expect(execFileSync("make", ["-C", bundle], { encoding: "utf8" })).toContain("Nothing to be done");
  });

  test("its library serves a program that knows only the header", () => {
    const bundle = join(folder, "self");
    const c = `#include "tiny_net.h"
#include <stdio.h>
int main(void)
{
    static _Alignas(TINY_NET_ARENA_ALIGN) unsigned char arena[TINY_NET_ARENA_BYTES];
    static float input[TINY_NET_INPUT_1_FLOATS], output[TINY_NET_POOL_2_FLOATS];
    printf("%d %d %d\\n", tiny_net_run(arena, input, output), tiny_net_run(arena + 1, input, output),
           tiny_net_run(arena, NULL, output));
    return 0;
}
`;
    writeFileSync(join(folder, "user.c"), c);
    const flags = ["-std=c11", "-Wall", "-Wextra", "-Werror", "-pedantic"];
    const link = [`${bundle}/build/libtiny_net.a`, "-lm", "-pthread"];
    execFileSync("cc", [
      ...flags,
      `-I${bundle}/include`,
      "-o",
      join(folder, "user"),
      join(folder, "user.c"),
      ...link,
    ]);
    expect(execFileSync(join(folder, "user"), { encoding: "utf8" })).toBe("0 2 1\n");
  });

  test("no call of malloc or stdio in the library", () => {
    const symbols = execFileSync("nm", ["-u", join(folder, "self/build/libtiny_net.a")], {
      encoding: "utf8",
    });
    expect(symbols).not.toMatch(/\b(malloc|calloc|realloc|free|printf|fopen|puts)\b/);
  });
});

describe("writing a bundle", () => {
  test("what the user keeps beside it survives", async () => {
    const bundle = join(folder, "kept");
    await writeBundle(files, bundle);
    writeFileSync(join(bundle, "notes.txt"), "mine");
    mkdirSync(join(bundle, "build"));
    await writeBundle(files, bundle);
    expect(readFileSync(join(bundle, "notes.txt"), "utf8")).toBe("mine");
    expect(readdirSync(bundle)).not.toContain("build");
    expect(readdirSync(folder).filter((name) => name.startsWith("."))).toEqual([]);
  });
});
