import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { emitBundle } from "../../compiler/driver/bundle/emit-bundle.ts";
import { writeBundle } from "../../compiler/driver/bundle/emit-bundle-write.ts";
import type { Target } from "../../compiler/machine/target.schema.ts";
import { renderDiagnostic, UserError } from "../../compiler/support/diagnostic.ts";
import { buildBundle } from "../../compiler/toolchain/compile-bundle.ts";
import { findToolchain } from "../../compiler/toolchain/toolchain.ts";
import { armTarget, hostTarget, tinyKernels, tinyPlan } from "./tiny-network.ts";

const folder = mkdtempSync(join(tmpdir(), "tw-errors-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The whole message of a failure, the test's folder and the compiler's version taken out. */
async function message(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof UserError) return renderDiagnostic(error.diagnostic).replaceAll(folder, "DIR");
    throw error;
  }
  throw new Error("it did not fail");
}

/** A program of that name that prints what is asked for and then fails or not. */
function fakeCompiler(name: string, body: string): string {
  const bin = join(folder, "bin");
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, name), `#!/bin/sh\n${body}\n`);
  chmodSync(join(bin, name), 0o755);
  return join(bin, name);
}

function withTriple(triple: string): Target {
  return { ...armTarget, board: { ...armTarget.board, triple } };
}

const bundleFiles = (kernels = tinyKernels, target = hostTarget) =>
  emitBundle(tinyPlan, kernels, target, { modelSha256: "0" });

test("B101 no cross compiler, package named", async () => {
  expect(await message(findToolchain(armTarget, { PATH: "/nowhere" }))).toBe(
    `error[B101]: no C compiler for rpi4: \`aarch64-linux-gnu-gcc\` is not installed
  help:  sudo apt-get install gcc-aarch64-linux-gnu libc6-dev-arm64-cross
  help:  or name another compiler in TILEWRIGHT_CC`,
  );
  const armv7 = await message(findToolchain(withTriple("arm-linux-gnueabihf"), { PATH: "/nowhere" }));
  expect(armv7).toContain("sudo apt-get install gcc-arm-linux-gnueabihf libc6-dev-armhf-cross");
});

test("B102 no native compiler", async () => {
  expect(await message(findToolchain(hostTarget, { PATH: "" }))).toBe(
    `error[B102]: no C compiler for this machine
  why:   none of gcc, cc, clang is installed
  help:  sudo apt-get install gcc libc6-dev
  help:  or name another compiler in TILEWRIGHT_CC`,
  );
});

test("B103 the compiler refuses a file: its first lines, nothing kept", async () => {
  const [dense, relu, last] = tinyKernels;
  const bundle = join(folder, "refused");
  await writeBundle(bundleFiles([dense, { ...relu, c: "int x = y;\n" }, last]), bundle);
  const cacheDir = join(folder, "cache");
  for (const _ of [1, 2]) {
    expect(await message(buildBundle(bundle, hostTarget, { cacheDir }))).toBe(
      `error[B103]: gcc refused src/kernels/relu_8.c
  where: DIR/refused/src/kernels/relu_8.c
  why:   src/kernels/relu_8.c:1:9: error: 'y' undeclared here (not in a function)
             1 | int x = y;
               |         ^
  help:  if the compiler knows none of the target's flags, a newer one is needed
  help:  otherwise this is a bug in Tilewright: please report it with the file named above`,
    );
  }
});

test("B104 the program cannot be linked", async () => {
  const [dense, relu, last] = tinyKernels;
  const bundle = join(folder, "unlinked");
  const c =
    "void relu_8(const float *restrict x, float *restrict y, int begin, int end) {}\nint main(void) { return 0; }\n";
  await writeBundle(bundleFiles([dense, { ...relu, c }, last]), bundle);
  const text = await message(buildBundle(bundle, hostTarget, { cacheDir: join(folder, "cache") }));
  expect(
    text.replace(/\/\S*ld: .*\n\s*\S*ld: .*\n/, "LD\n").replace(/why: {3}.*\n( {9}.*\n)*/, "why:   ...\n"),
  ).toBe(
    `error[B104]: gcc could not link tiny_net
  where: DIR/unlinked
  why:   ...
  help:  programs are linked statically: the C library's static version (libc6-dev) must be installed`,
  );
  expect(text).toContain("multiple definition of `main'");
});

test("B105 interrupted: at once, and a later build is whole", async () => {
  const bundle = join(folder, "interrupted");
  await writeBundle(bundleFiles(), bundle);
  const slow = fakeCompiler(
    "slow-gcc",
    'case "$1" in --version|-dumpmachine) exec gcc "$@";; esac\nexec sleep 60',
  );
  const toolchain = await findToolchain(hostTarget, { TILEWRIGHT_CC: slow });
  const stop = new AbortController();
  setTimeout(() => stop.abort(), 200);
  const begin = performance.now();
  const cacheDir = join(folder, "cache-interrupted");
  expect(await message(buildBundle(bundle, hostTarget, { cacheDir, toolchain, signal: stop.signal }))).toBe(
    "error[B105]: interrupted while compiling C",
  );
  expect(performance.now() - begin).toBeLessThan(5000);
  expect(await buildBundle(bundle, hostTarget, { cacheDir })).toMatchObject({ compiledFiles: 21 });
});

test("B106 TILEWRIGHT_CC names nothing that starts", async () => {
  const help =
    "TILEWRIGHT_CC names one program, without options: TILEWRIGHT_CC=/usr/bin/aarch64-linux-gnu-gcc-12\n" +
    "  help:  clang is told the target's machine: TILEWRIGHT_CC=clang";
  expect(await message(findToolchain(hostTarget, { TILEWRIGHT_CC: "gcc -m32", PATH: "/usr/bin" }))).toBe(
    `error[B106]: the C compiler \`gcc -m32\` does not start
  why:   there is no such program
  help:  ${help}`,
  );
  const broken = fakeCompiler("broken-gcc", "echo 'libmpc.so.3 is missing' >&2; exit 127");
  expect(await message(findToolchain(hostTarget, { TILEWRIGHT_CC: broken }))).toBe(
    `error[B106]: the C compiler \`DIR/bin/broken-gcc\` does not start
  why:   libmpc.so.3 is missing
  help:  ${help}`,
  );
});

test("B107 TILEWRIGHT_CC compiles for another machine", async () => {
  const other = fakeCompiler("other-gcc", "echo riscv64-linux-gnu");
  expect(await message(findToolchain(armTarget, { TILEWRIGHT_CC: other }))).toBe(
    `error[B107]: \`DIR/bin/other-gcc\` compiles for riscv64-linux-gnu, but target rpi4 is aarch64-linux-gnu
  help:  unset TILEWRIGHT_CC
  help:  or let it name a compiler for aarch64-linux-gnu`,
  );
});

test("B108 not a bundle", async () => {
  expect(await message(buildBundle(folder, hostTarget))).toBe(
    `error[B108]: DIR is not a bundle
  why:   it holds no metadata.json
  help:  write one with \`tilewright compile MODEL --target TARGET -o FOLDER\``,
  );
  expect(await message(buildBundle(join(folder, "nowhere"), hostTarget))).toBe(
    `error[B108]: DIR/nowhere is not a bundle
  why:   it is not there
  help:  write one with \`tilewright compile MODEL --target TARGET -o FOLDER\``,
  );
  const broken = join(folder, "broken");
  mkdirSync(broken);
  writeFileSync(join(broken, "metadata.json"), '{"version": 2}');
  expect(await message(buildBundle(broken, hostTarget))).toBe(
    `error[B108]: DIR/broken is not a bundle
  why:   its metadata.json cannot be used: version: Invalid input: expected 1
  help:  write one with \`tilewright compile MODEL --target TARGET -o FOLDER\``,
  );
});

test("B108 a bundle whose metadata asks for what no bundle has", async () => {
  const bundle = join(folder, "strange");
  await writeBundle(bundleFiles(), bundle);
  const path = join(bundle, "metadata.json");
  const good = JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
  const told = async (change: Record<string, unknown>): Promise<string> => {
    writeFileSync(path, JSON.stringify({ ...good, ...change }));
    return (await message(buildBundle(bundle, hostTarget))).split("\n")[1];
  };
  const cannot = "  why:   its metadata.json cannot be used: ";
  expect(await told({ cflags: ["-O3", "-fplugin=evil.so"] })).toBe(`${cannot}cflags: 1: no flag of a bundle`);
  for (const flag of [
    "-B/tmp",
    "-wrapper",
    "@file",
    "-Wl,-o,x",
    "-specs=x",
    "-fplugin-arg-x",
    "-I/",
    "-include",
    "-mllvm=-load=x.so",
    "-mllvm=-debug",
  ]) {
    expect(await told({ cflags: [flag] })).toBe(`${cannot}cflags: 0: no flag of a bundle`);
  }
  for (const file of ["/etc/passwd", "src/../../x.c", "src/x.so", "-x.c", "src/a\n.c"]) {
    expect(await told({ sources: [{ file, cflags: [] }] })).toBe(
      `${cannot}sources: 0: file: no source file of a bundle`,
    );
  }
  expect(await told({ program: "../../x" })).toBe(`${cannot}program: no name of a program`);
  expect(await told({ arenaBytes: -1 })).toBe(`${cannot}arenaBytes: Too small: expected number to be >=0`);
  expect(await told({ inputs: [{ name: "x", shape: [2 ** 30, 2 ** 30] }] })).toBe(
    `${cannot}inputs: 0: shape: more elements than any tensor has`,
  );
  expect(await told({ name: "n".repeat(10_001) })).toBe(
    `${cannot}name: Too big: expected string to have <=10000 characters`,
  );
});

test("B108 a bundle that lost a file", async () => {
  const bundle = join(folder, "lost");
  await writeBundle(bundleFiles(), bundle);
  rmSync(join(bundle, "src/kernels/relu_8.c"));
  expect(await message(buildBundle(bundle, hostTarget))).toBe(
    `error[B108]: DIR/lost is not a bundle
  why:   src/kernels/relu_8.c, or something it includes, cannot be read
  help:  write one with \`tilewright compile MODEL --target TARGET -o FOLDER\``,
  );
});

test("B109 the cache cannot be written", async () => {
  const bundle = join(folder, "no-cache");
  await writeBundle(bundleFiles(), bundle);
  writeFileSync(join(folder, "file"), "");
  const help = `help:  check the free space and the rights of that folder
  help:  TILEWRIGHT_CACHE names another folder for the cache of compiled files`;
  expect(await message(buildBundle(bundle, hostTarget, { cacheDir: join(folder, "file") }))).toBe(
    `error[B109]: compiled files cannot be written to DIR/file
  why:   ENOTDIR: not a directory
  ${help}`,
  );
  const full = fakeCompiler(
    "full-gcc",
    `case "$1" in --version|-dumpmachine) exec gcc "$@";; esac
echo 'fatal error: error writing to /tmp/x.s: No space left on device' >&2; exit 1`,
  );
  const toolchain = await findToolchain(hostTarget, { TILEWRIGHT_CC: full });
  const cacheDir = join(folder, "cache-full");
  expect(await message(buildBundle(bundle, hostTarget, { cacheDir, toolchain }))).toBe(
    `error[B109]: compiled files cannot be written to DIR/cache-full
  why:   no space left on device
  ${help}`,
  );
});

test("B110 a target's flag that is more than a flag", async () => {
  const target = { ...hostTarget, board: { ...hostTarget.board, cflags: ["-O3; rm -rf ~"] } };
  expect(await message((async () => bundleFiles(tinyKernels, target))())).toBe(
    `error[B110]: target host has the compiler flag "-O3; rm -rf ~", which cannot be used
  why:   only -std, -O, -g, -m, -f, -W, -D and --param are let through, and of -f none that runs or writes other files
  help:  correct \`cflags\` in the target's file`,
  );
});

test("B111 a folder with something else in it is left alone", async () => {
  const taken = join(folder, "taken");
  mkdirSync(taken);
  for (const name of ["thesis.tex", "a", "b", "c"]) writeFileSync(join(taken, name), "");
  expect(await message(writeBundle(bundleFiles(), taken))).toBe(
    `error[B111]: DIR/taken is not empty and is no bundle
  why:   it holds a, b, c, ...; nothing was written
  help:  name a new or an empty folder, or one an earlier \`tilewright compile\` wrote`,
  );
});

test("B112 the bundle cannot be written", async () => {
  writeFileSync(join(folder, "plain-file"), "");
  expect(await message(writeBundle(bundleFiles(), join(folder, "plain-file")))).toBe(
    `error[B112]: cannot write the bundle DIR/plain-file
  why:   ENOTDIR: not a directory
  help:  check the free space and the rights of the folder above it`,
  );
});
