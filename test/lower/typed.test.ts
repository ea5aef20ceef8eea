import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type DType, RANGE, rounded, type TypedArray } from "../../compiler/ir/dtype.ts";
import { interpret } from "../../compiler/ir/interpret.ts";
import { interpretVector } from "../../compiler/ir/interpret-vector.ts";
import { printProc } from "../../compiler/ir/print.ts";
import type { LoopProc } from "../../compiler/ir/proc.ts";
import { pack, unpack } from "../../compiler/ir/storage.ts";
import { makeArray } from "../../compiler/ir/typed-array.ts";
import { validate } from "../../compiler/ir/validate.ts";
import { validateVector } from "../../compiler/ir/validate-vector.ts";
import { parseKernel, parseKernelText } from "../../compiler/language/parse-kernel.ts";
import { lower } from "../../compiler/lower/lower.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { Schedule } from "../../compiler/schedule/schedule.ts";
import { UserError } from "../../compiler/support/diagnostic.ts";
import { PACKAGE_ROOT } from "../../compiler/support/paths.ts";
import { makeRng } from "../../compiler/support/rng.ts";
import { sha256, stableJson } from "../../compiler/support/stable.ts";
import { machineOf } from "../../compiler/task/machine.ts";
import { randomStep } from "../schedule/random-step.ts";

const FILE = join(PACKAGE_ROOT, "test/examples/types/types.kernel.ts");
const target = loadTarget("qemu-rpi5");
const machine = machineOf(target);

/** `make test-schedules` asks for more. */
const SEQUENCES = Number(process.env.PROPERTY_RUNS ?? 30);

type Data = Record<string, TypedArray>;

function contents({ params }: LoopProc): Data {
  const rng = makeRng(5);
  const number = (dtype: DType): number => {
    const range = RANGE[dtype];
    if (range === undefined) return rounded(dtype, rng.normal() * 4);
    return range.min + Math.floor(rng.next() * (range.max - range.min + 1));
  };
  return Object.fromEntries(
    params.map(({ name, dtype, storage }) => [
      name,
      makeArray(
        dtype,
        storage.shape.reduce((a, b) => a * b, 1),
      ).map(() => number(dtype)),
    ]),
  );
}

const copied = (data: Data): Data => Object.fromEntries(Object.entries(data).map(([k, v]) => [k, v.slice()]));
const hashOf = (data: Data): string =>
  sha256(stableJson(Object.entries(data).map(([k, v]) => [k, Array.from(v, String)])));

/** What a procedure leaves in its buffers. */
function run(proc: LoopProc, data: Data): Data {
  const own = copied(data);
  interpret(proc, own);
  return own;
}

/** The same once it is lowered. */
function runLowered(proc: LoopProc, data: Data): Data {
  const vector = lower(proc, target, undefined, machine);
  validateVector(vector, "lower");
  const memory = Object.fromEntries(proc.params.map((p) => [p.name, pack(p.storage, data[p.name])]));
  interpretVector(vector, memory);
  return Object.fromEntries(proc.params.map((p) => [p.name, unpack(p.storage, memory[p.name])]));
}

const lanes = (s: Schedule) => s.split("i", 8, ["io", "ii"]).vectorize("ii");
const tiled = (s: Schedule) =>
  s
    .split("n", 4, ["no", "ni"])
    .stage("acc", "no")
    .fission("ni")
    .split("k", 4, ["ko", "ki"])
    .reorder("ko", "ni", "ki")
    .pack("w", [
      { part: "outer", dim: 0, factor: 4 },
      { part: "outer", dim: 1, factor: 4 },
      { part: "inner", dim: 0, factor: 4 },
      { part: "inner", dim: 1, factor: 4 },
    ]);
const MATRIX = { M: 3, N: 8, K: 12 };
const LINE = { N: 24 };

describe("kernels of other types mean the same before and after every step and pass", () => {
  test.each([
    ["toHalf", LINE, lanes],
    ["fromHalf", LINE, lanes],
    ["wideMultiplyAdd", LINE, lanes],
    ["requantise", LINE, lanes],
    ["products", MATRIX, (s: Schedule) => s],
    ["products", MATRIX, (s: Schedule) => tiled(s).tensorize("ni", "sdot_four").vectorize("ni")],
    ["products", MATRIX, (s: Schedule) => tiled(s).tensorize("ni", "mull_dot_four").vectorize("ni")],
    ["products", MATRIX, (s: Schedule) => tiled(s).tensorize("ni", "sdot_four").unroll("ko").vectorize("ni")],
    ["products", MATRIX, (s: Schedule) => s.stage("x", { at: "m", as: "row" }).stage("acc", "m", "stack")],
  ] as const)("%s", (name, dims, schedule) => {
    const start = parseKernel(FILE, name, dims);
    validate(start, "parse");
    const { proc } = schedule(Schedule.of(start, { machine, onStep: (step, p) => validate(p, step.op) }));
    const data = contents(start);
    const wanted = hashOf(run(start, data));
    expect(hashOf(run(proc, data))).toBe(wanted);
    expect(hashOf(runLowered(proc, data))).toBe(wanted);
    const text = printProc(proc);
    expect(printProc(parseKernelText(text, {}))).toBe(text);
  });

  test("a multiply-add in f16 is rounded once in lanes, twice in single numbers", () => {
    const start = parseKernel(FILE, "halfMultiplyAdd", { N: 8 });
    const data = contents(start);
    data.c.fill(-(1 + 2 ** -9));
    data.a.fill(1 + 2 ** -10);
    data.b.fill(1 + 2 ** -10);
    // the product is 1 + 2^-9 + 2^-20, whose last part is lost where it is rounded by itself
    expect(run(start, data).y[0]).toBe(0);
    const { proc } = Schedule.of(start, { machine }).vectorize("i");
    expect(runLowered(proc, data).y[0]).toBe(2 ** -20);
  });
});

test("registers filled by sixteen are not taken by four: the schedule is told", () => {
  const text = `export function widen(x: Input<[16], "i8">, y: Output<[16], "i32">): void {
  const t = register([16], "i8");
  for (const i of vector(16)) t[i] = x[i];
  for (const j of vector(16)) y[j] = i32(t[j]);
}`;
  expect(() => lower(parseKernelText(text, {}), target)).toThrow(
    "registers of `t` are not taken whole in the lanes of `j`",
  );
});

describe("random steps of kernels of other types", () => {
  test.each([
    ["wideMultiplyAdd", LINE],
    ["requantise", LINE],
    ["products", { M: 2, N: 8, K: 8 }],
    ["products", { M: 2, N: 8, K: 8 }, "sdot_four"],
  ] as const)("%s", (name, dims, instruction?: string) => {
    const start = parseKernel(FILE, name, dims);
    const data = contents(start);
    const wanted = hashOf(run(start, data));
    let [taken, lowered] = [0, 0];
    for (let seed = 0; seed < SEQUENCES; seed++) {
      const rng = makeRng(seed);
      const plain = Schedule.of(start, { machine });
      let s = instruction === undefined ? plain : tiled(plain).tensorize("ni", instruction).vectorize("ni");
      for (let n = 0; n < 6; n++) {
        const next = s.attempt(randomStep(rng, s.proc, n));
        if (!(next instanceof Schedule)) continue;
        s = next;
        taken++;
      }
      validate(s.proc, `seed ${seed}`);
      expect(hashOf(run(s.proc, data)), `seed ${seed}: ${JSON.stringify(s.trace)}`).toBe(wanted);
      const found = loweredOrRefused(s.proc, data);
      if (found === undefined) continue;
      lowered++;
      expect(hashOf(found), `seed ${seed}, lowered: ${JSON.stringify(s.trace)}`).toBe(wanted);
    }
    expect(taken).toBeGreaterThan(SEQUENCES);
    expect(lowered).toBeGreaterThan(SEQUENCES / 4);
  });
});

/** Not every legal schedule can be lowered; whoever writes one is told so. */
function loweredOrRefused(proc: LoopProc, data: Data): Data | undefined {
  try {
    return runLowered(proc, data);
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}
