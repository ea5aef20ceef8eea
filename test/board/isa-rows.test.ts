import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, describe, expect, test } from "vitest";
import { cType, SCALAR_HELPERS } from "../../compiler/codegen/c-expr.ts";
import { emitKernel } from "../../compiler/codegen/emit-kernel.ts";
import { BYTES, type DType, isInteger, RANGE, rounded, type TypedArray } from "../../compiler/ir/dtype.ts";
import { axis } from "../../compiler/ir/index-expr.ts";
import type { Operand } from "../../compiler/ir/instruction.ts";
import { interpretVector } from "../../compiler/ir/interpret-vector.ts";
import { plainStorage } from "../../compiler/ir/storage.ts";
import { bytesOf, makeArray, numbersIn } from "../../compiler/ir/typed-array.ts";
import type { VExpr, VectorProc } from "../../compiler/ir/vector.ts";
import { vectorName } from "../../compiler/machine/isa-rows.ts";
import { listIsas, loadIsa } from "../../compiler/machine/load.ts";
import type { Isa, IsaRow } from "../../compiler/machine/target.schema.ts";
import { defined } from "../../compiler/support/assert.ts";
import { makeRng, type Rng } from "../../compiler/support/rng.ts";
import { readInstruction } from "../../compiler/task/machine.ts";

/** Every row and every instruction of an instruction set, on a core that has all features that any of them needs. */
const RUN_ON: Readonly<
  Record<string, { readonly compile: readonly string[]; readonly run: readonly string[] }>
> = {
  "neon-v7": {
    compile: ["arm-linux-gnueabihf-gcc", "-mcpu=cortex-a7", "-mfpu=neon-vfpv4", "-mfloat-abi=hard"],
    run: ["qemu-arm", "-cpu", "cortex-a7"],
  },
  "neon-v8": {
    compile: ["aarch64-linux-gnu-gcc", "-march=armv8.2-a+fp16+dotprod+i8mm"],
    run: ["qemu-aarch64", "-cpu", "max"],
  },
};
const ROUNDS = 60;
const folder = mkdtempSync(join(tmpdir(), "tilewright-rows-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A row as a kernel: operands in, result out, once for each round. */
interface Case {
  readonly name: string;
  readonly inputs: readonly Operand[];
  readonly output: Operand;
  readonly value: (args: readonly VExpr[]) => VExpr;
  /** It is for numbers below this in size. */
  readonly below?: number;
}

function operandOf(name: string, type: string): Operand {
  const [dtype = "", lanes = ""] = type.split("x");
  return { name, dtype: dtype as DType, lanes: Number(lanes) };
}

const inOrder = (e: VExpr): VExpr => (e.kind === "load" ? { ...e, inOrder: true } : e);

/** Of several registers that are filled with copies: instructions take them. */
const COPIES = /x\d+x/;

/** A row by lanes has a case for each lane; halves of registers, which are never stored, are loaded for these. */
function casesOfRow(row: IsaRow): readonly Case[] {
  const { op, type } = row;
  if (COPIES.test(type)) return [];
  if (op === "fmaLane" || op === "mulLane") return laneCases(row);
  if (op !== "loadInOrder") return [caseOf({ ...row, op })];
  const output = operandOf("out", type);
  const inputs = [{ ...output, name: "a" }];
  return type === "f32x2" ? [] : [{ name: `${op} ${type}`, output, inputs, value: ([a]) => inOrder(a) }];
}

function laneCases({ op, type, from = "" }: IsaRow): readonly Case[] {
  const output = operandOf("out", type);
  const { lanes } = output;
  const by = operandOf("by", from);
  const [acc, a] = ["acc", "a"].map((name) => ({ ...output, name }));
  return Array.from({ length: by.lanes }, (_, lane): Case => {
    const name = `${op} ${lane} ${from} ${type}`;
    if (op === "mulLane") {
      const value = ([x, y]: readonly VExpr[]): VExpr => ({
        kind: "mul-lane",
        lanes,
        a: x,
        b: inOrder(y),
        lane,
      });
      return { name, output, inputs: [a, by], value };
    }
    const value = ([sum, x, y]: readonly VExpr[]): VExpr => {
      return { kind: "fma-lane", lanes, acc: sum, a: x, b: inOrder(y), lane };
    };
    return { name, output, inputs: [acc, a, by], value };
  });
}

function caseOf(
  row: IsaRow & { readonly op: Exclude<IsaRow["op"], "fmaLane" | "mulLane" | "loadInOrder"> },
): Case {
  const output = operandOf("out", row.type);
  const { dtype, lanes } = output;
  const arg = (name: string): Operand => ({ ...output, name });
  const name = `${row.op} ${row.from ?? ""} ${row.type}`;
  switch (row.op) {
    case "load":
    case "store":
      return { name, output, inputs: [arg("a")], value: ([a]) => a };
    case "splat": {
      const one: Operand = { name: "a", dtype, lanes: 1 };
      return { name, output, inputs: [one], value: ([a]) => ({ kind: "splat", lanes, value: a }) };
    }
    case "iota":
      return { name, output, inputs: [], value: () => ({ kind: "iota", lanes, dtype }) };
    case "convert":
    case "convertSmall": {
      const from = operandOf("a", row.from ?? "");
      const small = row.op === "convertSmall" ? ({ small: true } as const) : {};
      return {
        name,
        output,
        inputs: [from],
        value: ([a]) => ({ kind: "convert", to: dtype, lanes, value: a, ...small }),
        ...(small.small && { below: 2 ** 22 }),
      };
    }
    case "narrow": {
      const inputs = ["a", "b"].map((of) => operandOf(of, row.from ?? ""));
      const value = ([low, high]: readonly VExpr[]): VExpr => ({
        kind: "narrow",
        to: dtype,
        lanes,
        low,
        high,
      });
      return { name, output, inputs, value };
    }
    case "exponent":
    case "reciprocal": {
      const { op } = row;
      return { name, output, inputs: [arg("a")], value: ([a]) => ({ kind: op, lanes, value: a }) };
    }
    case "roundEven": {
      const { op } = row;
      return {
        name,
        output,
        inputs: [arg("a")],
        value: ([a]) => ({ kind: "call", fn: op, lanes, args: [a] }),
      };
    }
    case "fma":
    case "fms": {
      const { op } = row;
      const inputs = ["a", "b", "c"].map(arg);
      return { name, output, inputs, value: ([acc, a, b]) => ({ kind: op, lanes, acc, a, b }) };
    }
    case "add":
    case "sub":
    case "mul":
    case "div":
    case "min":
    case "max": {
      const { op } = row;
      const inputs = ["a", "b"].map(arg);
      return { name, output, inputs, value: ([lhs, rhs]) => ({ kind: "binary", op, lanes, lhs, rhs }) };
    }
  }
}

function casesOf(isa: Isa): readonly Case[] {
  const instructions = (isa.instructions ?? []).map(readInstruction).flatMap((instruction): Case[] => {
    const [written] = instruction.operands;
    const whole = { kind: "instruction", instruction, lanes: written.lanes } as const;
    const known = {
      name: instruction.name,
      output: { ...written, name: "out" },
      inputs: instruction.operands,
    };
    const inParts = ([sum, ...args]: readonly VExpr[]): VExpr => ({
      ...{ ...whole, part: "then" },
      args: [sum, { ...whole, part: "first", args }],
    });
    return [
      { ...known, value: (args) => ({ ...whole, args }) },
      ...(instruction.parts === undefined ? [] : [{ ...known, value: inParts }]),
    ];
  });
  return [...floatRows(isa), ...(isa.rows ?? [])].flatMap(casesOfRow).concat(instructions);
}

/** Operations on floats that are not f32, which other tests do not see, as rows. */
function floatRows(isa: Isa): readonly IsaRow[] {
  if (isa.float === undefined) return [];
  const type = vectorName(isa.float, isa.lanes);
  const { sqrt: _, ...ops } = isa.ops;
  return Object.entries(ops).map(([op, c]) => {
    const byLane = op === "fmaLane" || op === "mulLane";
    return { op: op as IsaRow["op"], type, ...(byLane && { from: type }), c: defined(c, op) };
  });
}

function procOf({ inputs, output, value }: Case, i: number): VectorProc {
  const param = ({ name, dtype, lanes }: Operand, role: "input" | "output") =>
    ({ name, role, dtype, storage: plainStorage([lanes * ROUNDS]) }) as const;
  const args = inputs.map(
    ({ name, ...operand }): VExpr => ({
      kind: "load",
      buffer: name,
      at: axis("r", operand.lanes),
      ...operand,
    }),
  );
  const at = axis("r", output.lanes);
  return {
    stage: "vector",
    name: `row${i}`,
    params: [...inputs.map((o) => param(o, "input")), param(output, "output")],
    scratch: [],
    grid: [],
    body: [
      {
        kind: "for",
        axis: "r",
        extent: ROUNDS,
        body: [{ kind: "store", buffer: "out", at, lanes: output.lanes, value: value(args) }],
      },
    ],
    pressure: 1,
  };
}

const SPECIAL = [0, -0, 0.5, 1.5, -2.5, 1e-7, 6e-8, 65504, -65520, 3e9, -3e9];

function numberOf(dtype: DType, rng: Rng): number {
  const range = RANGE[dtype];
  if (range !== undefined) return range.min + Math.floor(rng.next() * (range.max - range.min + 1));
  const special = [...SPECIAL, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  return rounded(
    dtype,
    rng.int(4) === 0 ? special[rng.int(special.length)] : rng.normal() * 10 ** rng.int(4),
  );
}

/** Reads the operands of all kernels from argv[1], writes their results to argv[2]. */
function program(cases: readonly Case[], isa: Isa): string {
  const helpers = [
    ...Object.values(SCALAR_HELPERS),
    ...Object.values(isa.helpers ?? {}).map((h) => h.join("\n")),
  ];
  const bodies = cases.map((c, i) => {
    const text = emitKernel(procOf(c, i), isa, [`row ${c.name}`]).c.replace(/^#include .*$/gm, "");
    return helpers.reduce((rest, helper) => rest.replace(helper, ""), text);
  });
  const calls = cases.map(({ inputs, output }, i) => {
    const arrays = [...inputs, output].map(
      (o) => `static ${cType(o.dtype, 1, isa)} ${o.name}[${o.lanes * ROUNDS}];`,
    );
    const reads = inputs.map((o) => `ok &= fread(${o.name}, sizeof ${o.name}, 1, from) == 1;`);
    const args = [...inputs.map((o) => o.name), "out", "0", "1"].join(", ");
    return `{ ${arrays.join(" ")} ${reads.join(" ")} row${i}(${args}); fwrite(out, sizeof out, 1, to); }`;
  });
  return `#include <stdio.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
${[...isa.prelude, ...helpers, ...bodies].join("\n")}
int main(int argc, char **argv) {
  FILE *from = argc > 2 ? fopen(argv[1], "rb") : 0, *to = argc > 2 ? fopen(argv[2], "wb") : 0;
  int ok = from && to;
  if (!ok) return 1;
  ${calls.join("\n  ")}
  return !ok || fclose(to);
}
`;
}

const same = (a: number, b: number): boolean => a === b || (Number.isNaN(a) && Number.isNaN(b));

describe.each(listIsas().filter((name) => (loadIsa(name).rows ?? []).length > 0))("rows of %s", (name) => {
  test("do what they mean, and so do its instructions", async () => {
    const isa = loadIsa(name);
    const { compile, run } = RUN_ON[name.replace(/-half$/, "")];
    const cases = casesOf(isa);
    const rng = makeRng(11);
    const given = cases.map(({ inputs, below = Number.POSITIVE_INFINITY }) =>
      inputs.map(({ dtype, lanes }) =>
        makeArray(dtype, lanes * ROUNDS).map(() => {
          const v = numberOf(dtype, rng);
          // halves, whose neighbours are even and odd, among them
          return below === Number.POSITIVE_INFINITY || Math.abs(v) < below
            ? v
            : rng.int(below) - below / 2 + 0.5;
        }),
      ),
    );
    const path = (suffix: string): string => join(folder, `${name}${suffix}`);
    writeFileSync(path(".c"), program(cases, isa));
    const bytes = given.flatMap((arrays, i) => arrays.map((a, k) => bytesOf(cases[i].inputs[k].dtype, a)));
    writeFileSync(path(".in"), Buffer.concat(bytes));
    const strict = ["-std=c11", "-O2", "-fwrapv", "-Wall", "-Wextra", "-Werror", "-static"];
    const [gcc = "", ...flags] = compile;
    await execa(gcc, [...strict, ...flags, "-o", path(""), path(".c"), "-lm"]);
    const [command = "", ...args] = run;
    await execa(command, [...args, path(""), path(".in"), path(".out")]);
    const out = new Uint8Array(readFileSync(path(".out")));

    let at = 0;
    const wrong: string[] = [];
    for (const [i, c] of cases.entries()) {
      const { dtype, lanes } = c.output;
      const size = lanes * ROUNDS * BYTES[dtype];
      const found = numbersIn(dtype, out.subarray(at, at + size));
      at += size;
      const memory: Record<string, TypedArray> = { out: makeArray(dtype, lanes * ROUNDS) };
      for (const [k, o] of c.inputs.entries()) memory[o.name] = given[i][k];
      interpretVector(procOf(c, i), memory);
      const off = [...found].findIndex((v, e) => !same(v, memory.out[e]));
      if (off >= 0) wrong.push(`${c.name} element ${off}: ${found[off]}, expected ${memory.out[off]}`);
    }
    expect(wrong).toEqual([]);
    expect(at).toBe(out.length);
    expect(cases.some((c) => isInteger(c.output.dtype))).toBe(true);
  });
});
