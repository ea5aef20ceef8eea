import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { emitKernel } from "../../compiler/codegen/emit-kernel.ts";
import { compilerFlags } from "../../compiler/driver/bundle/emit-bundle-flags.ts";
import { parseKernelText } from "../../compiler/language/parse-kernel.ts";
import { lower } from "../../compiler/lower/lower.ts";
import { emulatorOf, loadIsa, loadTarget } from "../../compiler/machine/load.ts";
import type { Target } from "../../compiler/machine/target.schema.ts";
import { Schedule } from "../../compiler/schedule/schedule.ts";

/** Every pair of these is an operand of every function: 25 pairs, padded to whole vectors of 16. */
const VALUES = [Number.NaN, -1.5, 0, 2, Number.POSITIVE_INFINITY];
const PAIRS = Array.from({ length: 32 }, (_, i) => [VALUES[Math.floor(i / 5) % 5], VALUES[i % 5]] as const);

const { max, min } = Math;
const FUNCTIONS: readonly (readonly [string, (x: number, z: number) => number])[] = [
  ["max(x[i], z[i])", max],
  ["min(x[i], z[i])", min],
  ["max(x[i], 0)", (x) => max(x, 0)],
  ["max(0, x[i])", (x) => max(0, x)],
  ["min(6, max(0, x[i]))", (x) => min(6, max(0, x))],
  ["min(max(x[i], z[i]), 1)", (x, z) => min(max(x, z), 1)],
];
const KERNEL = `export function bounds(x: Input<[32]>, z: Input<[32]>, y: Output<[${FUNCTIONS.length}, 32]>): void {
${FUNCTIONS.map(([text], f) => `  for (const i of range(32)) y[${f}][i] = ${text};`).join("\n")}
}`;

const folder = mkdtempSync(join(tmpdir(), "tilewright-nan-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const targets: readonly (readonly [string, Target])[] = [
  ["neon-v8", loadTarget("qemu-rpi4")],
  ["neon-v7", loadTarget("qemu-rpi2")],
  ...["portable", "portable-256", "portable-512"].map(
    (isa) => [isa, { ...loadTarget("host"), isa: loadIsa(isa) }] as const,
  ),
];

describe.each(targets)("min and max on %s", (name, target) => {
  it.each([
    ["scalars", (s: Schedule) => s],
    ["vectors", (s: Schedule) => s.split("i", target.isa.lanes, ["io", "ii"]).vectorize("ii")],
  ] as const)("of %s keep a NaN in either operand, as Node's do", (kind, steps) => {
    const proc = steps(Schedule.of(parseKernelText(KERNEL, {}))).proc;
    const found = run(`${name}-${kind}`, target, emitKernel(lower(proc, target), target.isa, ["bounds"]).c);
    const wanted = FUNCTIONS.flatMap(([, f]) => PAIRS.map(([x, z]) => f(x, z)));
    // which of two zeros is the result is not said
    expect([...found].map((v) => v + 0)).toEqual(wanted.map((v) => v + 0));
  });
});

function run(name: string, target: Target, kernel: string): Float32Array {
  const file = join(folder, name);
  const list = (at: 0 | 1): string =>
    PAIRS.map((pair) => String(pair[at]).replace("NaN", "NAN").replace("Infinity", "INFINITY")).join(", ");
  writeFileSync(
    `${file}.c`,
    `${kernel}
#include <stdio.h>
int main(void) {
  static volatile float from[2][32] = {{${list(0)}}, {${list(1)}}};
  static float x[32], z[32], y[${FUNCTIONS.length * 32}];
  for (int i = 0; i < 32; i++) x[i] = from[0][i], z[i] = from[1][i];
  bounds(x, z, y, 0, 1);
  fwrite(y, sizeof y, 1, stdout);
  return 0;
}
`,
  );
  const gcc = target.board.triple === undefined ? "gcc" : `${target.board.triple}-gcc`;
  execFileSync(gcc, [...compilerFlags(target), "-Wno-psabi", "-static", "-o", file, `${file}.c`, "-lm"]);
  const out =
    target.board.run === "native"
      ? execFileSync(file)
      : execFileSync(emulatorOf(target), ["-cpu", target.core.mcpu, file]);
  return new Float32Array(Uint8Array.from(out).buffer);
}
