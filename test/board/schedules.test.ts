import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, describe, expect, test } from "vitest";
import { cType } from "../../compiler/codegen/c-expr.ts";
import { emitKernel } from "../../compiler/codegen/emit-kernel.ts";
import { neededFlags } from "../../compiler/codegen/needed-flags.ts";
import { compilerFlags } from "../../compiler/driver/bundle/emit-bundle-flags.ts";
import { BYTES } from "../../compiler/ir/dtype.ts";
import { printProc } from "../../compiler/ir/print.ts";
import type { LoopProc } from "../../compiler/ir/proc.ts";
import { stepEnds, stepsOf } from "../../compiler/ir/steps.ts";
import { pack, physicalSize, unpack } from "../../compiler/ir/storage.ts";
import { bytesOf, numbersIn } from "../../compiler/ir/typed-array.ts";
import type { VectorProc } from "../../compiler/ir/vector.ts";
import { emulatorOf, loadTarget } from "../../compiler/machine/load.ts";
import type { Target } from "../../compiler/machine/target.schema.ts";
import { defined } from "../../compiler/support/assert.ts";
import { makeRng } from "../../compiler/support/rng.ts";
import { kernelOf } from "../schedule/kernels.ts";
import { difference, inputsFor, lowered, randomSequence, run, type Sequence } from "../schedule/sequences.ts";
import { oneFile } from "./one-file.ts";

/** Sequences compiled in one program; `make test-schedules` asks for more. */
const SAMPLE = process.env.PROPERTY_RUNS === undefined ? 16 : 500;
const SEED = Number(process.env.PROPERTY_SEED ?? 1);

/** A random schedule makes room for what it then does not use; that an element of a table lies inside what was written gcc cannot know. */
const NOT_ASKED = [
  "-Wno-unused-variable",
  "-Wno-unused-but-set-variable",
  "-Wno-unused-parameter",
  "-Wno-maybe-uninitialized",
];

interface Case {
  readonly sequence: Sequence;
  readonly vector: VectorProc;
  readonly proc: LoopProc;
}

const folder = mkdtempSync(join(tmpdir(), "schedules-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const rng = makeRng(SEED);
const sequences: Sequence[] = [];

/** Random sequences of at least three steps, the same for every target. */
function sequence(n: number): Sequence {
  while (sequences.length <= n) {
    const kernel = rng.int(1 << 30);
    const steps = Array.from({ length: 10 }, () => rng.int(1 << 30));
    const made = randomSequence(kernel, steps);
    if (made.trace.length >= 3) sequences.push(made);
  }
  return sequences[n];
}

/** The first of them that lower for a target. */
function sample(target: Target): Case[] {
  const found: Case[] = [];
  for (let n = 0; found.length < SAMPLE; n++) {
    const proc = { ...sequence(n).proc, name: `k${found.length}` };
    const vector = lowered(proc, target);
    if (vector !== undefined) found.push({ sequence: sequence(n), vector, proc });
  }
  return found;
}

/** Reads the inputs of every kernel from the file argv[1], runs all, writes all buffers to argv[2]. */
function program(cases: readonly Case[], target: Target): string {
  const kernels = cases.map(({ vector }) => emitKernel(vector, target.isa, ["a random schedule"]).c);
  const name = (k: number, p: string): string => `k${k}_${p}`;
  const each = (line: (k: number, p: string, size: number, type: string) => string): string =>
    cases
      .flatMap(({ vector }, k) =>
        vector.params.map((p) =>
          line(k, p.name, physicalSize(p.storage), p.dtype === "i32" ? "int32_t" : "float"),
        ),
      )
      .join("\n");
  const calls = cases.map(({ vector }, k) => {
    const steps = stepEnds(stepsOf(vector.body)?.steps ?? []).at(-1) ?? 1;
    const grid = vector.grid.reduce((n, g) => n * g.extent, steps);
    const buffers = [...vector.params, ...vector.scratch].map((p) => name(k, p.name));
    return `  ${vector.name}(${[...buffers, 0, grid].join(", ")});`;
  });
  const arrays = cases.flatMap(({ vector }, k) =>
    vector.scratch.map((s) => `static ${cType(s.dtype, 1, target.isa)} ${name(k, s.name)}[${s.size}];`),
  );
  return `${oneFile(kernels, target)}
#include <stdio.h>
${each((k, p, size, type) => `static ${type} ${name(k, p)}[${size}];`)}
${arrays.join("\n")}
static int in(FILE *f, void *to, size_t n) { return fread(to, 4, n, f) == n; }
int main(int argc, char **argv) {
  FILE *from = argc > 2 ? fopen(argv[1], "rb") : 0, *to = argc > 2 ? fopen(argv[2], "wb") : 0;
  if (!from || !to) return 1;
${each((k, p, size) => `  if (!in(from, ${name(k, p)}, ${size})) return 2;`)}
${calls.join("\n")}
${each((k, p, size) => `  fwrite(${name(k, p)}, 4, ${size}, to);`)}
  return fclose(to);
}
`;
}

async function runProgram(
  name: string,
  source: string,
  needed: readonly string[],
  target: Target,
  data: Uint8Array,
): Promise<Uint8Array> {
  const path = (suffix: string): string => join(folder, `${name}${suffix}`);
  writeFileSync(path(".c"), source);
  writeFileSync(path(".in"), data);
  const gcc = target.board.triple === undefined ? "gcc" : `${target.board.triple}-gcc`;
  const flags = [...compilerFlags(target), ...needed, "-Wall", "-Wextra", "-Werror", ...NOT_ASKED, "-static"];
  await execa(gcc, [...flags, "-o", path(""), path(".c"), "-lm"]);
  const io = [path(".in"), path(".out")];
  if (target.board.run === "native") await execa(path(""), io);
  else await execa(emulatorOf(target), ["-cpu", target.core.mcpu, path(""), ...io]);
  return Uint8Array.from(readFileSync(path(".out")));
}

test.each(["host", "qemu-rpi4", "qemu-rpi2"])(
  "sums of what a local array holds, in loops that read backwards, on %s",
  async (board) => {
    const target = loadTarget(board);
    const cases = [3, 5, 6].map((columns, i): Case => {
      const origin = kernelOf(
        `for (const a of range(2)) {
           for (const c of range(4)) {
             const r = stack([${columns}]);
             for (const k of range(${columns})) { r[k] = x[k] * w[k][-a * 4 - c + 7]; }
             for (const k of range(${columns})) { z[k] += r[k]; }
           }
         }`,
        { x: [columns], w: [columns, 8], z: [columns] },
      );
      const proc = { ...origin, name: `k${i}` };
      return {
        sequence: { seed: SEED, origin, wanted: run(origin, SEED), proc, trace: [] },
        vector: defined(lowered(proc, target), "a lowered kernel"),
        proc,
      };
    });
    const [{ vector }] = cases;
    // gcc 12 makes wrong vectors of these
    expect(neededFlags(vector)).toEqual(["-fno-tree-vectorize"]);
    await compare(board, cases, neededFlags(vector), target);
  },
);

describe("random sequences of steps, compiled", () => {
  test.each(["host", "qemu-rpi4", "qemu-rpi2"])(
    `${SAMPLE} of them compute on %s what their kernels compute (seed ${SEED})`,
    { timeout: 900_000 },
    async (board) => {
      const target = loadTarget(board);
      const all = sample(target);
      // kernels are compiled as the product compiles them: what needs flags of its own is a program of its own
      const flagsOf = ({ vector }: Case): string => neededFlags(vector).join(" ");
      for (const flags of new Set(all.map(flagsOf)))
        await compare(
          board,
          all.filter((one) => flagsOf(one) === flags),
          flags.split(" ").filter((flag) => flag !== ""),
          target,
        );
    },
  );
});

/** Runs kernels with what a random input gives them, and compares all that they leave. */
async function compare(
  board: string,
  cases: readonly Case[],
  needed: readonly string[],
  target: Target,
): Promise<void> {
  const packed = cases.flatMap(({ sequence, proc }) => {
    const logical = inputsFor(proc, sequence.seed);
    return proc.params.map((p) => bytesOf(p.dtype, pack(p.storage, logical[p.name])));
  });
  const data = Uint8Array.from(Buffer.concat(packed));
  const output = await runProgram(board, program(cases, target), needed, target, data);
  let at = 0;
  for (const { sequence, proc } of cases) {
    const found = Object.fromEntries(
      proc.params.map((p) => {
        const size = physicalSize(p.storage) * BYTES[p.dtype];
        at += size;
        const numbers = numbersIn(p.dtype, output.slice(at - size, at)) as Float32Array | Int32Array;
        return [p.name, unpack(p.storage, numbers)];
      }),
    );
    const differs = difference(sequence.wanted, found);
    expect(
      differs,
      `${printProc(sequence.origin)}\n${JSON.stringify(sequence.trace)}\n${printProc(proc)}`,
    ).toBeUndefined();
  }
}
