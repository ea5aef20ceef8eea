import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { emitBundle } from "../../compiler/driver/bundle/emit-bundle.ts";
import { writeBundle } from "../../compiler/driver/bundle/emit-bundle-write.ts";
import { compileNetwork } from "../../compiler/driver/compile-network.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { buildBundle } from "../../compiler/toolchain/compile-bundle.ts";
import { findProgram, findToolchain } from "../../compiler/toolchain/toolchain.ts";
import { graphBuilder } from "../graph/graph-builder.ts";
import { hostTarget, tinyInput, tinyKernels, tinyPlan, tinyReference } from "./tiny-network.ts";

const folder = mkdtempSync(join(tmpdir(), "tw-shared-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const WARNINGS = ["-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror"];
const LIBRARIES = ["-lm", "-pthread"];
const bundle = (name: string): string => join(folder, name);
const archive = (name: string): string => join(bundle(name), `build/lib${name}.a`);

/** Runs a program; gives what it says, and fails as it does. */
function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): string {
  const result = spawnSync(program, args, { encoding: "utf8", env: { ...process.env, ...env } });
  if (result.status !== 0) throw new Error(`${program} ${args.join(" ")}: ${result.stdout}${result.stderr}`);
  return result.stdout + result.stderr;
}

const make = (name: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): string =>
  run("make", ["-C", bundle(name), ...args], env);

const golden = { inputs: [tinyInput], outputs: [tinyReference(tinyInput)[2]], tolerances: [1e-5] };
async function write(name: string): Promise<void> {
  const files = emitBundle({ ...tinyPlan, name }, tinyKernels, hostTarget, { modelSha256: "00", golden });
  await writeBundle(files, bundle(name));
}

/** A program of two networks of equal layers, each with threads of its own; then one with a pool of another version. */
const PROGRAM = `#include <stdio.h>
#include "one.h"
#include "two.h"
static _Alignas(ONE_ARENA_ALIGN) unsigned char arena[ONE_ARENA_BYTES], memory[2][ONE_POOL_BYTES];
int main(void)
{
    float x[ONE_INPUT_1_FLOATS] = {1, 2, 3}, y[ONE_POOL_2_FLOATS], z[TWO_POOL_2_FLOATS];
    struct tw_pool *first = one_pool_start(memory[0], 2), *second = two_pool_start(memory[1], 2);
    int wrong = one_run_parallel(arena, first, x, y) + two_run_parallel(arena, second, x, z);
    for (int i = 0; i < ONE_POOL_2_FLOATS; i++)
        wrong += y[i] != z[i];
    one_pool_stop(first);
    two_pool_stop(second);
    memory[0][0] ^= 1;
    printf("%d %d\\n", wrong, one_run_parallel(arena, first, x, y));
    return 0;
}
`;

describe("two networks of equal kernels in one program", () => {
  const program = join(folder, "program");
  const source = join(folder, "program.c");
  const link = (...files: string[]): string => {
    const includes = ["one", "two"].map((name) => `-I${bundle(name)}/include`);
    run("gcc", [...WARNINGS, ...includes, source, ...files, ...LIBRARIES, "-o", program]);
    return execFileSync(program, { encoding: "utf8" });
  };
  beforeAll(async () => {
    writeFileSync(source, PROGRAM);
    for (const name of ["one", "two"]) {
      await write(name);
      make(name, ["CFLAGS=-fPIC"]);
    }
  });

  test("link in any order, whole, and object by object", () => {
    expect(link(archive("one"), archive("two"))).toBe("0 5\n");
    expect(link(archive("two"), archive("one"))).toBe("0 5\n");
    const whole = ["-Wl,--whole-archive", archive("one"), archive("two"), "-Wl,--no-whole-archive"];
    expect(link(...whole)).toBe("0 5\n");
    const objects = ["one", "two"].flatMap((name) =>
      readdirSync(join(bundle(name), "build"), { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".o") && !file.endsWith("_main.o"))
        .map((file) => join(bundle(name), "build", file)),
    );
    expect(link(...objects)).toBe("0 5\n");
    const shared = join(folder, "libboth.so");
    run("gcc", ["-shared", "-o", shared, ...whole, ...LIBRARIES]);
    expect(link(shared, `-Wl,-rpath,${folder}`)).toBe("0 5\n");
  });

  test("have no global name that does not begin with their own", () => {
    const symbols = run("nm", ["-g", "--defined-only", "-P", archive("one")]);
    const names = symbols.split("\n").flatMap((line) => /^(\S+) [A-Z] /.exec(line)?.[1] ?? []);
    expect(names).toContain("one_dense_8x8");
    expect(names).toContain("one_tw_pool_start");
    expect(names.filter((name) => !name.startsWith("one_"))).toEqual([]);
  });

  test("are parts of a CMake project that has a target of the same name", () => {
    const project = join(folder, "project");
    mkdirSync(project);
    const lines = [
      "cmake_minimum_required(VERSION 3.13)",
      "project(app C ASM)",
      "enable_testing()",
      "add_subdirectory(../one net_one)",
      "add_subdirectory(../two net_two)",
      "add_executable(one ../program.c)",
      "target_link_libraries(one one_network two_network)",
    ];
    writeFileSync(join(project, "CMakeLists.txt"), lines.join("\n"));
    const built = join(project, "build");
    run("cmake", ["-S", project, "-B", built]);
    run("cmake", ["--build", built]);
    expect(run(join(built, "one"), [])).toBe("0 5\n");
    expect(readdirSync(join(built, "net_one"))).not.toContain("one");
  }, 120_000);

  test("share their kernels' objects in the cache", async () => {
    const cacheDir = join(folder, "cache");
    await buildBundle(bundle("one"), hostTarget, { cacheDir });
    // what is the network's own: its table and its main
    expect(await buildBundle(bundle("two"), hostTarget, { cacheDir })).toMatchObject({ compiledFiles: 2 });
  });
});

describe("flags", () => {
  test.each([
    ["rpi2", "arm-linux-gnueabihf-gcc"],
    ["rpi4", "aarch64-linux-gnu-gcc"],
  ])("for %s survive CFLAGS of the environment", async (name, cc) => {
    const g = graphBuilder();
    const graph = g.finish([g.conv(g.input([1, 8, 6, 6]), { oc: 8, pads: [1, 1, 1, 1] })]);
    const target = loadTarget(name);
    const { files } = await compileNetwork(graph, target, { meta: { modelSha256: "0".repeat(64) } });
    await writeBundle(files, bundle(name));
    const said = make(name, [`CC=${cc}`, "LDFLAGS=-static"], { CFLAGS: "-O2 -pipe -g" });
    for (const line of said.split("\n").filter((each) => each.includes("-MMD"))) {
      expect(line).toMatch(new RegExp(`-O2 -pipe -g .*-O3 .*${target.board.cflags[0]}`));
    }
    expect(said).not.toContain("warning");
  });

  /** A C compiler that is gcc, but knows none of the flags that only gcc has. */
  const otherCompiler = (): string => {
    const cc = join(folder, "othercc");
    const known = 'case "$a" in --param*|-fno-*|-Wno-*) echo "unknown $a" >&2; exit 1;; esac';
    writeFileSync(cc, `#!/bin/sh\nfor a; do ${known}; done\nexec gcc "$@"\n`);
    chmodSync(cc, 0o755);
    return cc;
  };

  test("that a compiler does not know are left out by make", async () => {
    await write("plain");
    const said = make("plain", ["check", `CC=${otherCompiler()}`]);
    expect(said).toContain("-O3");
    expect(said).not.toContain("-fno-");
    expect(make("plain", ["-B", "CC=gcc"])).toContain("-fno-schedule-insns");
  });

  test("and by Tilewright", async () => {
    await write("unknown");
    const toolchain = await findToolchain(hostTarget, { ...process.env, TILEWRIGHT_CC: otherCompiler() });
    const options = { toolchain, cacheDir: join(folder, "cache-of-another") };
    const { program } = await buildBundle(bundle("unknown"), hostTarget, options);
    expect(run(program, ["info"])).toContain('"name":"unknown"');
  });

  const clang = findProgram("clang-14") ?? findProgram("clang");
  test.skipIf(clang === undefined)(
    `clang builds a bundle (skipped where there is none: ${clang})`,
    async () => {
      await write("clang");
      expect(make("clang", ["check", `CC=${clang}`, `WARNINGS=${WARNINGS.join(" ")}`])).toContain("compare");
    },
  );
});
