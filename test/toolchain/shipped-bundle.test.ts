import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeBundle } from "../../compiler/driver/bundle/emit-bundle-write.ts";
import { compileNetwork } from "../../compiler/driver/compile-network.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { makeRng } from "../../compiler/support/rng.ts";
import { findProgram } from "../../compiler/toolchain/toolchain.ts";
import { graphBuilder, RELU } from "../graph/graph-builder.ts";
import { withTypes } from "../graph/typed-graph.ts";

const folder = mkdtempSync(join(tmpdir(), "tw-shipped-"));
const bundle = join(folder, "seen");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a program; gives what it prints, and fails as it does. */
function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): string {
  const result = spawnSync(program, args, { encoding: "utf8", env: { ...process.env, ...env } });
  if (result.status !== 0) throw new Error(`${program} ${args.join(" ")}: ${result.stdout}${result.stderr}`);
  return result.stdout;
}
const make = (...args: string[]): string => run("make", ["-C", bundle, "-j2", ...args]);

/** A batch of three pictures of bytes. */
beforeAll(async () => {
  const g = graphBuilder(makeRng(4));
  const x = g.input([3, 3, 10, 12]);
  const scores = g.dense(g.reshape(g.globalAvgPool(g.clamp(g.conv(x, { oc: 8 }), RELU)), [3, 8]), 5);
  const graph = { ...withTypes(g.finish([scores]), { [x]: "u8" }), name: "seen" };
  const target = loadTarget("host");
  const meta = { modelSha256: "0".repeat(64) };
  const { files } = await compileNetwork(graph, target, { meta, golden: "always" });
  await writeBundle(files, bundle);
}, 120_000);

/** Two inferences at once, each in an arena of its own and for 200 times; prints 1 where all agree with the golden output. */
const PROGRAM = `#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <math.h>
#include "seen.h"

static uint8_t x[SEEN_INPUT1_FLOATS];
static float expected[SEEN_DENSE1_OUT_FLOATS];

static void *infer(void *memory)
{
    static const int times = 200;
    float y[SEEN_DENSE1_OUT_FLOATS];
    size_t wrong = 0;

    for (int i = 0; i < times; i++) {
        wrong += (size_t)seen_run(memory, x, y);
        for (int k = 0; k < SEEN_DENSE1_OUT_FLOATS; k++)
            wrong += !(fabsf(y[k] - expected[k]) < 1e-3f);
    }
    return (void *)wrong;
}

static int read_all(const char *name, void *data, size_t bytes)
{
    FILE *file = fopen(name, "rb");

    return file != NULL && fread(data, 1, bytes, file) == bytes;
}

int main(int argc, char **argv)
{
    pthread_t threads[2];
    size_t wrong = argc != 3 || !read_all(argv[1], x, sizeof x) || !read_all(argv[2], expected, sizeof expected);

    for (int i = 0; i < 2; i++) {
        void *memory = NULL;
        wrong += (size_t)posix_memalign(&memory, SEEN_ARENA_ALIGN, SEEN_ARENA_BYTES);
        wrong += (size_t)pthread_create(&threads[i], NULL, infer, memory);
    }
    for (int i = 0; i < 2; i++) {
        void *found = NULL;
        wrong += (size_t)pthread_join(threads[i], &found);
        wrong += (size_t)found;
    }
    printf("%d\\n", wrong == 0);
    return 0;
}
`;
const WARNINGS = ["-Wall", "-Wextra", "-Werror"];
const DATA = [join(bundle, "golden/input_input1.bin"), join(bundle, "golden/output_dense1_out.bin")];
const LANGUAGES = [
  ["gcc", "-std=gnu11", "c"],
  ["g++", "-std=gnu++17", "c++"],
] as const;

function built(name: string, language: (typeof LANGUAGES)[number], flags: readonly string[]): string {
  const source = join(folder, "program.c");
  writeFileSync(source, PROGRAM);
  const program = join(folder, name);
  const [compiler, std, x] = language;
  run(compiler, [
    std,
    ...WARNINGS,
    "-x",
    x,
    source,
    "-x",
    "none",
    ...flags,
    "-lm",
    "-pthread",
    "-o",
    program,
  ]);
  return program;
}

describe("a bundle", () => {
  const COMPILERS = [
    ["gcc", "CC=gcc"],
    ["clang-19", "CC=clang-19"],
    ["musl-gcc", "CC=musl-gcc", "LDFLAGS=-static"],
  ] as const;
  for (const [compiler, ...options] of COMPILERS) {
    const missing = findProgram(compiler) === undefined;
    test.skipIf(missing)(
      `is built by ${compiler} and passes its own test${missing ? " (not installed here)" : ""}`,
      () => {
        const said = make(...options, "WARNINGS=-Wall -Wextra -Werror", `BUILD=by-${compiler}`, "check");
        expect(said).toContain('{"kind":"compare","output":"dense1_out","maxAbsError":');
      },
    );
  }

  test("is installed, and used by pkg-config, statically and shared, from C and C++, in two threads", () => {
    const prefix = join(folder, "usr");
    make("install", `PREFIX=${prefix}`);
    const env = { PKG_CONFIG_PATH: join(prefix, "lib/pkgconfig") };
    const flags = run("pkg-config", ["--cflags", "--libs", "seen"], env).trim().split(/\s+/);
    for (const [i, language] of LANGUAGES.entries()) {
      expect(run(built(`dynamic${i}`, language, [...flags, `-Wl,-rpath,${prefix}/lib`]), DATA)).toBe("1\n");
      const whole = [`-I${prefix}/include`, join(prefix, "lib/libseen.a")];
      expect(run(built(`whole${i}`, language, whole), DATA)).toBe("1\n");
    }
    expect(JSON.parse(run(join(prefix, "bin/seen"), ["info"]))).toMatchObject({ name: "seen" });
    const shown = run("nm", ["-D", "--defined-only", join(prefix, "lib/libseen.so")]).match(/\S+$/gm) ?? [];
    expect(shown.filter((name) => !name.startsWith("seen_tw_"))).toEqual([
      ...["seen_network", "seen_pool_start", "seen_pool_stop", "seen_run", "seen_run_parallel"],
    ]);
  });

  test.each([
    ["static", "OFF"],
    ["shared", "ON"],
  ])("is built, tested and installed by CMake as a %s library, and found by find_package", (kind, shared) => {
    const [build, prefix] = [join(folder, `cmake-${kind}`), join(folder, `usr-${kind}`)];
    run("cmake", [
      "-S",
      bundle,
      "-B",
      build,
      `-DBUILD_SHARED_LIBS=${shared}`,
      `-DCMAKE_INSTALL_PREFIX=${prefix}`,
    ]);
    run("cmake", ["--build", build, "-j2"]);
    run("ctest", ["--test-dir", build]);
    run("cmake", ["--install", build]);
    const app = join(folder, `app-${kind}`);
    mkdirSync(app);
    writeFileSync(join(app, "program.c"), PROGRAM);
    writeFileSync(
      join(app, "CMakeLists.txt"),
      `cmake_minimum_required(VERSION 3.13)
project(app C)
find_package(seen_network REQUIRED CONFIG)
add_executable(app program.c)
target_link_libraries(app seen::network)
`,
    );
    run("cmake", ["-S", app, "-B", join(app, "build"), `-DCMAKE_PREFIX_PATH=${prefix}`]);
    run("cmake", ["--build", join(app, "build")]);
    expect(run(join(app, "build/app"), DATA)).toBe("1\n");
    expect(readFileSync(join(prefix, "lib/pkgconfig/seen.pc"), "utf8")).toMatch(
      /^Libs: -L\$\{libdir\} -lseen$/m,
    );
  });

  test("tells what it is in a README of its own, and leaves the user's alone", async () => {
    const readme = readFileSync(join(bundle, "README.md"), "utf8");
    expect(readme).toContain("int seen_run(void *arena, const uint8_t *input1, float *dense1_out);");
    const again = async () =>
      writeBundle(
        new Map([
          ["metadata.json", '{"tilewright":"1"}'],
          ["README.md", "new"],
        ]),
        other,
      );
    const other = join(folder, "other");
    await again();
    writeFileSync(join(other, "README.md"), "mine");
    await again();
    expect(readFileSync(join(other, "README.md"), "utf8")).toBe("mine");
    writeFileSync(join(other, "README.md"), readme);
    await again();
    expect(readFileSync(join(other, "README.md"), "utf8")).toBe("new");
  });
});
