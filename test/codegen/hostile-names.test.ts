import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isReserved } from "../../compiler/codegen/c-names.ts";
import { emitKernel } from "../../compiler/codegen/emit-kernel.ts";
import { emitBundle } from "../../compiler/driver/bundle/emit-bundle.ts";
import { nameBundle } from "../../compiler/driver/bundle/emit-bundle-names.ts";
import { wholeFile } from "../../compiler/driver/bundle/large-file.ts";
import type { Plan } from "../../compiler/graph/plan.ts";
import { axis as axisIndex } from "../../compiler/ir/index-expr.ts";
import { nameProblem } from "../../compiler/ir/names.ts";
import { printProc } from "../../compiler/ir/print.ts";
import type { LoopProc } from "../../compiler/ir/proc.ts";
import { loop, type Stmt } from "../../compiler/ir/stmt.ts";
import { plainStorage } from "../../compiler/ir/storage.ts";
import { parseKernelText } from "../../compiler/language/parse-kernel.ts";
import { lower } from "../../compiler/lower/lower.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { oneFile } from "../board/one-file.ts";
import { amount } from "../support/amount.ts";
import { hostTarget, tinyKernels, tinyPlan } from "../toolchain/tiny-network.ts";
import { hostileNames } from "./hostile-names.ts";

const NAMES = hostileNames(amount(400, 2000), 1);
/** Names of one kernel, of one network. */
const IN_KERNEL = 8;
const IN_NETWORK = 100;
const STRICT = ["-Wall", "-Wextra", "-Wshadow", "-Werror"];

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tilewright-names-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a program; what it says when it fails is the error's text. */
function run(program: string, ...args: string[]): string {
  return execFileSync(program, args, {
    cwd: folder,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: 2 ** 26,
  });
}

/** Loops over tensors, an array and registers, in a grid; its eight names may be any. */
function kernel(name: string, [x, w, y, t, r, a, b, c]: readonly string[]): LoopProc {
  const plain = parseKernelText(
    `export function k(x: Input<[4, 8]>, w: Weight<[8]>, y: Output<[4, 8]>): void {
       for (const a of parallel(4)) {
         const t = stack([8]);
         for (const b of range(8)) { t[b] = max(exp(x[a][b] * w[b]), w[0]); }
         const r = register([8]);
         for (const c of vector(8)) { r[c] = w[c]; }
         for (const c of vector(8)) { r[c] += t[c] * x[a][c]; }
         for (const c of vector(8)) { y[a][c] = r[c]; }
         for (const b of range(4)) { y[a][b + 4] += float(b) + t[b]; }
       }
     }`,
    {},
  );
  const names = new Map(Object.entries({ x, w, y, t, r, a, b, c }));
  const renamed = JSON.parse(JSON.stringify(plain), (key, value: unknown) =>
    (key === "name" || key === "buffer" || key === "axis") && typeof value === "string"
      ? (names.get(value) ?? value)
      : value,
  ) as LoopProc;
  return { ...renamed, name };
}

const chunks = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: items.length / size }, (_, i) => items.slice(i * size, (i + 1) * size));

const procs = chunks(NAMES, IN_KERNEL).map((names, i) => kernel(`kernel_${i}`, names));
const plain = kernel("plain", [..."xwytrabc"]);

const cOf = (proc: LoopProc, target: string): string => {
  const { isa } = loadTarget(target);
  return emitKernel(lower(proc, loadTarget(target)), isa, [proc.params.map((p) => p.name).join()]).c;
};

test(`${NAMES.length} names of loops, tensors and values give kernels that compile and compute the same`, () => {
  writeFileSync(
    join(folder, "arm.c"),
    oneFile(
      procs.map((proc) => cOf(proc, "qemu-rpi4")),
      loadTarget("qemu-rpi4"),
    ),
  );
  run("aarch64-linux-gnu-gcc", "-std=c11", "-fsyntax-only", ...STRICT, "arm.c");

  const all = [plain, ...procs].map((proc) => cOf(proc, "host"));
  const main = `#include <stdio.h>
#include <string.h>
typedef void kernel(const float *, const float *, float *, int, int);
int main(void) {
  static kernel *const all[] = {${procs.map((p) => p.name).join(", ")}};
  static float x[32], w[8], y[32], z[32];
  for (int i = 0; i < 32; i++) x[i] = (float)(i % 7) / 3;
  for (int i = 0; i < 8; i++) w[i] = (float)(i % 5) / 2 - 1;
  plain(x, w, y, 0, 4);
  for (unsigned n = 0; n < sizeof all / sizeof *all; n++) {
    memset(z, 0, sizeof z);
    all[n](x, w, z, 0, 4);
    if (memcmp(y, z, sizeof y) != 0) printf("kernel_%u\\n", n);
  }
  return 0;
}
`;
  writeFileSync(join(folder, "host.c"), [oneFile(all, loadTarget("host")), main].join("\n"));
  run("gcc", "-std=c11", "-march=native", ...STRICT, "-o", "host", "host.c", "-lm");
  expect(run("./host")).toBe("");
});

test("the same names of tensors and networks give bundles that compile, as C11 and as C++17", () => {
  const headers = chunks(NAMES, IN_NETWORK).map((names, i) => {
    const plan: Plan = {
      ...tinyPlan,
      name: names[i],
      inputs: [...tinyPlan.inputs, ...names.map((name) => ({ name, shape: [2] }))],
      steps: tinyPlan.steps.map((step, s) => ({
        ...step,
        name: names[s],
        task: { ...step.task, op: names[s + 3] },
      })),
    };
    const files = emitBundle(plan, tinyKernels, hostTarget, { modelSha256: "00" });
    const { net } = nameBundle(plan);
    for (const [path, contents] of files) {
      const file = join(folder, `net${i}`, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, wholeFile(contents));
    }
    const metadata = JSON.parse(String(files.get("metadata.json"))) as { inputs: { name: string }[] };
    expect(metadata.inputs.slice(1).map((port) => port.name)).toEqual(names);
    run(
      "gcc",
      "-std=c11",
      "-fsyntax-only",
      ...STRICT,
      `-Inet${i}/include`,
      `-Inet${i}/runtime`,
      `net${i}/src/${net}.c`,
    );
    return `#include "net${i}/include/${net}.h"\n`;
  });
  const system = ["math.h", "stdio.h", "stdlib.h", "string.h", "errno.h", "signal.h", "complex.h"];
  writeFileSync(
    join(folder, "all.cpp"),
    [...system.map((name) => `#include <${name}>\n`), ...headers].join(""),
  );
  run("g++", "-std=c++17", "-fsyntax-only", ...STRICT, "all.cpp");
});

test("every macro that stands for something in the headers of C and POSIX is reserved", () => {
  const headers = `assert complex ctype errno fenv float inttypes limits locale math setjmp signal stdalign stdarg stdatomic
    stdbool stddef stdint stdio stdlib stdnoreturn string time wchar wctype pthread unistd fcntl sched semaphore arm_neon`;
  const text = headers.split(/\s+/).map((name) => `#include <${name}.h>\n`);
  writeFileSync(join(folder, "macros.c"), text.join(""));
  const macros = run("aarch64-linux-gnu-gcc", "-std=gnu11", "-D_GNU_SOURCE", "-dM", "-E", "macros.c");
  // those with arguments are only taken where a bracket follows
  const names = macros.split("\n").flatMap((line) => /^#define ([A-Za-z]\w*) \S/.exec(line)?.[1] ?? []);
  expect(names.length).toBeGreaterThan(900);
  expect(names.filter((name) => !isReserved(name))).toEqual([]);
});

/** Loops and local buffers with all of the names, side by side. */
function manyNames(names: readonly string[]): LoopProc {
  const half = Math.floor(names.length / 2);
  const body = names.slice(0, half).map((axis, i): Stmt => {
    const at = { kind: "load", dtype: "f32", buffer: "x", at: [axisIndex(axis)] } as const;
    const copy: Stmt = { kind: "store", buffer: names[half + i], at: [], value: at };
    const back: Stmt = {
      kind: "store",
      buffer: "y",
      at: at.at,
      value: { kind: "load", dtype: "f32", buffer: names[half + i], at: [] },
    };
    return loop(axis, 4, [
      {
        kind: "alloc",
        dtype: "f32",
        buffer: names[half + i],
        shape: [],
        memory: "stack",
        body: [copy, back],
      },
    ]);
  });
  const param = (name: string, role: "input" | "output") => ({
    name,
    role,
    dtype: "f32" as const,
    storage: plainStorage([4]),
  });
  return { stage: "loop", name: "k", params: [param("x", "input"), param("y", "output")], body };
}

test("what a schedule may call a loop is read back from a dump", () => {
  const names = NAMES.filter((name) => nameProblem(name) === undefined && name !== "x" && name !== "y");
  expect(names.length).toBeGreaterThan(NAMES.length / 5);
  for (const some of [names, [...names].reverse()]) {
    const text = printProc(manyNames(some));
    expect(printProc(parseKernelText(text, {}))).toBe(text);
  }
});
