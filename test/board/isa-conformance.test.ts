import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, describe, expect, it } from "vitest";
import { cExpr, fill } from "../../compiler/codegen/c-expr.ts";
import { vectorExp, vectorTanh } from "../../compiler/lower/vector-exp.ts";
import { emulatorOf, listIsas, loadIsa, loadTarget } from "../../compiler/machine/load.ts";
import type { Isa } from "../../compiler/machine/target.schema.ts";
import { makeRng } from "../../compiler/support/rng.ts";

/** What each operation means for one lane, in double precision. */
const MEANING: Record<keyof Isa["ops"], (a: number, b: number, c: number, lane: number) => number> = {
  load: (a) => a,
  store: (a) => a,
  splat: (a) => a,
  iota: (_a, _b, _c, lane) => lane,
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  sqrt: (a) => Math.sqrt(a),
  min: (a, b) => Math.min(a, b),
  max: (a, b) => Math.max(a, b),
  /** Of a + 12583039, which holds the nearest whole number to a in its lowest bits. */
  exponent: (a) => 2 ** Math.round(a),
  reciprocal: (a) => 1 / a,
  fma: (a, b, c) => a + b * c,
  fms: (a, b, c) => a - b * c,
  fmaLane: (a, b, c) => a + b * c,
  mulLane: (a, b) => a * b,
};
/** Where an instruction set can be run on this machine. */
const RUN_ON: Record<string, string> = {
  "neon-v7": "qemu-rpi2",
  "neon-v8": "qemu-rpi4",
  portable: "host",
  "portable-256": "host",
  "portable-256-evex": "host",
  "portable-512": "host",
  "portable-512-full": "host",
};
const ROUNDS = 25;
/** Rounds after those, of NaN in one operand, then in two, then in all. */
const NAN_ROUNDS = [[0], [1], [2], [0, 1], [0, 1, 2]];

interface Row {
  readonly op: keyof Isa["ops"];
  readonly lane: number;
}

const folder = mkdtempSync(join(tmpdir(), "tilewright-isa-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Those of f16, whose operations isa-rows.test.ts sees, have others for f32. */
const OF_SINGLES = listIsas().filter((name) => loadIsa(name).float === undefined);

describe.each(OF_SINGLES)("instruction set %s", (name) => {
  const isa = loadIsa(name);
  const rows = rowsOf(isa);

  it("does what its operations mean", async () => {
    const rng = makeRng(7);
    const rounds = ROUNDS + NAN_ROUNDS.length;
    const data = Float32Array.from({ length: rounds * isa.lanes * 3 }, () => rng.normal() * 4);
    for (const [i, operands] of NAN_ROUNDS.entries()) {
      for (const o of operands)
        data.subarray(((ROUNDS + i) * 3 + o) * isa.lanes).fill(Number.NaN, 0, isa.lanes);
    }
    const output = await runProgram(name, program(isa, rows), data);
    for (const [r, row] of rows.entries()) {
      for (let round = 0; round < rounds; round++) {
        const at = (argument: number, lane: number): number =>
          data[(round * 3 + argument) * isa.lanes + lane] ?? Number.NaN;
        for (let lane = 0; lane < isa.lanes; lane++) {
          const b = row.op === "mulLane" ? at(1, row.lane) : at(1, lane);
          const c = row.op === "fmaLane" ? at(2, row.lane) : at(2, lane);
          const a = row.op === "splat" ? at(0, 0) : at(0, lane);
          const wanted = MEANING[row.op](a, b, c, lane);
          const found = output[(round * rows.length + r) * isa.lanes + lane] ?? Number.NaN;
          // no power of two stands for NaN
          if (Object.is(found, wanted) || (row.op === "exponent" && Number.isNaN(a))) continue;
          // A product may be rounded before it is added, or not: one unit of the larger operand decides.
          const product = row.op.startsWith("fm") ? Math.abs(b * c) : 0;
          const tolerance =
            row.op === "reciprocal"
              ? 2 ** -8 * Math.abs(wanted)
              : 2 ** -22 * Math.max(Math.abs(wanted), Math.abs(a), product);
          const where = `${row.op} lane ${lane} (argument lane ${row.lane}) of ${a}, ${b}, ${c}`;
          expect(Math.abs(found - wanted), `${where}: ${found}, expected ${wanted}`).toBeLessThanOrEqual(
            tolerance,
          );
        }
      }
    }
  });
});

describe.each(OF_SINGLES)("exp and tanh on vectors of %s", (name) => {
  const isa = loadIsa(name);
  const special = [
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    0,
    88.72,
    88.73,
    -100,
    100,
  ];
  const data = Float32Array.from({ length: 64 * 1024 }, (_, i) =>
    i < special.length ? special[i] : i % 2 === 0 ? -86.6 + (i / 65536) * 175.3 : (i / 65536 - 0.5) ** 3 * 80,
  );

  it.each([
    ["exp", vectorExp, Math.exp, 2 ** -22],
    ["tanh", vectorTanh, Math.tanh, 4e-7],
  ] as const)("%s is near what Node computes", async (what, make, meaning, tolerance) => {
    const value = cExpr(
      make({ kind: "register", dtype: "f32", name: "a", lanes: isa.lanes }, isa.lanes),
      isa,
    );
    const c = `#include <stdio.h>
${isa.prelude.join("\n")}
int main(int argc, char **argv) {
  static float in[${isa.lanes}], out[${isa.lanes}];
  FILE *from = argc > 2 ? fopen(argv[1], "rb") : 0, *to = argc > 2 ? fopen(argv[2], "wb") : 0;
  if (!from || !to) return 1;
  while (fread(in, sizeof(float), ${isa.lanes}, from) == ${isa.lanes}) {
    ${isa.vectorType} a = ${fill(isa.ops.load, ["in"])};
    ${fill(isa.ops.store, ["out", value])};
    fwrite(out, sizeof(float), ${isa.lanes}, to);
  }
  return fclose(to);
}
`;
    const found = await runProgram(name, c, data);
    for (const [i, x] of data.entries()) {
      const wanted = Math.fround(meaning(x));
      if (Object.is(found[i], wanted)) continue;
      const least = what === "exp" && wanted < 2 ** -125 ? 2 ** -125 : 0;
      const error = Math.abs(found[i] - wanted);
      expect(error <= Math.max(least, tolerance * Math.abs(wanted)), `${x}: ${found[i]} for ${wanted}`).toBe(
        true,
      );
    }
  });
});

function rowsOf(isa: Isa): Row[] {
  const ops = Object.keys(isa.ops) as (keyof Isa["ops"])[];
  return ops.flatMap((op) =>
    op.endsWith("Lane") ? Array.from({ length: isa.lanes }, (_, lane) => ({ op, lane })) : [{ op, lane: 0 }],
  );
}

/** Reads ROUNDS times three vectors from the file argv[1], writes one vector a row to argv[2]. */
function program(isa: Isa, rows: readonly Row[]): string {
  const fill = (op: keyof Isa["ops"], args: readonly string[], lane = 0): string =>
    (isa.ops[op] ?? "").replace(/\$(\d|lane)/g, (_, which: string) =>
      which === "lane" ? String(lane) : (args[Number(which) - 1] ?? ""),
    );
  const vectors = ["a", "b", "c"];
  const value = ({ op, lane }: Row): string => {
    if (op === "load" || op === "store") return "a";
    if (op === "splat") return fill(op, ["in[0]"]);
    if (op === "exponent") return fill(op, [fill("add", ["a", fill("splat", ["12583039.0f"])])]);
    return fill(op, vectors, lane);
  };
  // Unaligned on purpose: loads and stores must allow any float address.
  return `#include <stdio.h>
${isa.prelude.join("\n")}
static float space[${3 * isa.lanes + 1}], out[${isa.lanes + 1}];
int main(int argc, char **argv) {
  FILE *from = argc > 2 ? fopen(argv[1], "rb") : 0, *to = argc > 2 ? fopen(argv[2], "wb") : 0;
  float *in = space + 1;
  if (!from || !to) return 1;
  while (fread(in, sizeof(float), ${3 * isa.lanes}, from) == ${3 * isa.lanes}) {
${vectors.map((v, i) => `    ${isa.vectorType} ${v} = ${fill("load", [`in + ${i * isa.lanes}`])};`).join("\n")}
${rows.map((row) => `    ${fill("store", ["out + 1", value(row)])};\n    fwrite(out + 1, sizeof(float), ${isa.lanes}, to);`).join("\n")}
    (void)b, (void)c;
  }
  return fclose(to);
}
`;
}

async function runProgram(isa: string, c: string, data: Float32Array): Promise<Float32Array> {
  const target = loadTarget(RUN_ON[isa] ?? "");
  const path = (suffix: string): string => join(folder, `${isa}${suffix}`);
  writeFileSync(path(".c"), c);
  writeFileSync(path(".in"), data);
  const gcc = target.board.triple === undefined ? "gcc" : `${target.board.triple}-gcc`;
  const flags = ["-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", "-static", ...target.board.cflags];
  await execa(gcc, [...flags, "-o", path(""), path(".c")]);
  const io = [path(".in"), path(".out")];
  if (target.board.run === "native") await execa(path(""), io);
  else await execa(emulatorOf(target), ["-cpu", target.core.mcpu, path(""), ...io]);
  return new Float32Array(Uint8Array.from(readFileSync(path(".out"))).buffer);
}
