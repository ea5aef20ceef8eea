import { describe, expect, test } from "vitest";
import { emitKernel } from "../../compiler/codegen/emit-kernel.ts";
import { packWeights } from "../../compiler/driver/bundle/emit-bundle-weights.ts";
import { interpret } from "../../compiler/ir/interpret.ts";
import { interpretVector } from "../../compiler/ir/interpret-vector.ts";
import { printProc } from "../../compiler/ir/print.ts";
import type { LoopProc } from "../../compiler/ir/proc.ts";
import { pack, plainStorage } from "../../compiler/ir/storage.ts";
import { validate } from "../../compiler/ir/validate.ts";
import { parseKernelText } from "../../compiler/language/parse-kernel.ts";
import { lower } from "../../compiler/lower/lower.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { Schedule } from "../../compiler/schedule/schedule.ts";
import { checked } from "../../compiler/task/check-stage.ts";
import { compileTask } from "../../compiler/task/compile-task.ts";
import { messageOf } from "../frontend/onnx-model.ts";

const TARGET = loadTarget("rpi4");
const TAKE = `export function take({ H, W, I, C }: Dims, x: Input<["H", "I", "C"]>, at: Indices<["W"], "I">,
  y: Output<["H", "W", "C"]>): void {
  for (const h of range(H)) { for (const w of range(W)) { for (const c of range(C)) { y[h][w][c] = x[h][at[w]][c]; } } }
}`;
const DIMS = { H: 2, W: 5, I: 3, C: 8 };
const AT = Int32Array.of(2, 0, 1, 1, 2);

const taken = (): Schedule => Schedule.of(parseKernelText(TAKE, DIMS));
const x = Float32Array.from({ length: 2 * 3 * 8 }, (_, i) => i);
const wanted = Float32Array.from({ length: 2 * 5 * 8 }, (_, i) => {
  const [h, w, c] = [Math.floor(i / 40), Math.floor(i / 8) % 5, i % 8];
  return x[h * 24 + AT[w] * 8 + c];
});

function lowered({ proc }: Schedule) {
  return lower(proc, TARGET, checked());
}

describe("an element of an index table chooses an element", () => {
  test("as the procedure means it, which prints and reads back", () => {
    const { proc } = taken();
    expect(printProc(proc)).toContain("at: Indices<[5], 3>");
    expect(printProc(proc)).toContain("x[h][at[w]][c]");
    expect(parseKernelText(printProc(proc), {})).toEqual(proc);
    const y = new Float32Array(wanted.length);
    interpret(proc, { x, at: AT, y });
    expect(y).toEqual(wanted);
  });

  test.each([
    ["plain", [{ part: "whole", dim: 0 }]],
    [
      "packed",
      [
        { part: "inner", dim: 0, factor: 2 },
        { part: "outer", dim: 0, factor: 2 },
      ],
    ],
  ] as const)("by vectors of what lies beside it, the table %s", (_, dims) => {
    const scheduled = taken()
      .pack("at", dims)
      .split("c", 4, ["co", "ci"])
      .unroll("w")
      .vectorize("ci")
      .parallel("h");
    const vector = lowered(scheduled);
    const y = new Float32Array(wanted.length);
    const storage = vector.params.find(({ name }) => name === "at")?.storage ?? plainStorage([5]);
    interpretVector(vector, { x, at: pack(storage, AT), y });
    expect(y).toEqual(wanted);
    const { c } = emitKernel(vector, TARGET.isa, ["taken"]);
    expect(c).toContain("const int32_t *restrict at");
    expect(c).toMatch(/x \+ \(ptrdiff_t\)at\[0\] \* 8/);
    expect(c).toContain("vld1q_f32");
    expect(parseKernelText(printProc(scheduled.proc), {}).params).toEqual(scheduled.proc.params);
  });

  test("only where it is there: what a condition keeps inside is not looked up before", () => {
    const text = `export function shifted({ W, I }: Dims, x: Input<["I"]>, at: Indices<["W"], "I">, y: Output<["W"]>): void {
      for (const w of range(W)) { y[w] = 0; if (w >= 2) { y[w] = x[at[w - 2]]; } }
    }`;
    const vector = lowered(Schedule.of(parseKernelText(text, { W: 4, I: 3 })));
    const y = new Float32Array(4);
    interpretVector(vector, { x: Float32Array.of(5, 6, 7), at: Int32Array.of(2, 1, 0, 0), y });
    expect([...y]).toEqual([0, 0, 7, 6]);
  });

  test("a padded loop does not run on beyond the table", () => {
    expect(messageOf(() => taken().pad("w", 4))).toContain(
      "`w` to a multiple of 4: the extra iterations would be seen",
    );
    expect(messageOf(() => taken().pad("w", 4))).toContain("why:   an index table ends before");
  });

  test("not along the vector", () => {
    const dims = [0, 2, 1].map((dim) => ({ part: "whole", dim }) as const);
    const even = Schedule.of(parseKernelText(TAKE, { ...DIMS, W: 8 }))
      .reorder("h", "c", "w")
      .pack("y", dims);
    expect(messageOf(() => lowered(even.vectorize("w")))).toBe(
      `error[L112]: cannot load or store \`x\` along \`w\` as one vector
  why:   elements of \`at\` say where neighbouring iterations touch it
  help:  vectorize a loop along which they stay`,
    );
  });
});

describe("an element of an input chooses an element", () => {
  const text = `export function chosen({ W, I }: Dims, x: Input<["I"]>, at: Input<["W"]>, y: Output<["W"]>): void {
    for (const w of range(W)) { y[w] = x[heldIndex(at[w], I)]; }
  }`;
  const at = Float32Array.of(1, 0, Number.NaN, -3, 2.9, 3, 1e30, Number.NEGATIVE_INFINITY);
  const x = Float32Array.of(5, 6, 7);
  const wanted = Float32Array.of(6, 5, 5, 5, 7, 7, 7, 5);

  test("of those that there are, whatever it is", () => {
    const proc = parseKernelText(text, { W: 8, I: 3 });
    expect(printProc(proc)).toContain("x[heldIndex(at[w], 3)]");
    expect(parseKernelText(printProc(proc), {})).toEqual(proc);
    const y = new Float32Array(8);
    interpret(proc, { x, at, y });
    expect(y).toEqual(wanted);
    const vector = lowered(Schedule.of(proc).unroll("w"));
    y.fill(0);
    interpretVector(vector, { x, at, y });
    expect(y).toEqual(wanted);
    expect(emitKernel(vector, TARGET.isa, ["chosen"]).c).toContain("x + tw_held_index(at[0], 3)");
  });

  test("of one dimension, and of an input", () => {
    const wrong = text.replace('at: Input<["W"]>', 'at: Weight<["W"]>');
    expect(messageOf(() => parseKernelText(wrong, { W: 8, I: 3 }))).toContain(
      "`heldIndex(at[w], I)` is no index",
    );
  });
});

describe("an index table that is none", () => {
  test.each([
    ['at: Indices<["W"], 0>', "x[0][0][0]", "parameter `at` is no index table", "nothing lies below 0"],
    [
      'at: Indices<["W", "I"], "I">',
      "x[0][at[0][0]][0]",
      "parameter `at` is no index table",
      "it has 2 dimensions",
    ],
    [
      'at: Weight<["W"], "i32">',
      "x[0][at[0]][0]",
      "`at[0]` cannot be part of an index",
      "it is a value, computed when the kernel runs",
    ],
    [
      'at: Indices<["W"], 4>',
      "x[0][at[0]][0]",
      "`at[0]` leaves dimension 1 of `x`",
      "it runs from 0 to 3, the dimension from 0 to 2",
    ],
    [
      'at: Indices<["W"], "I">',
      "x[0][at[5]][0]",
      "`5` leaves dimension 0 of `at`",
      "it runs from 5 to 5, the dimension from 0 to 4",
    ],
  ])("%s", (param, element, title, why) => {
    const text = `export function k({ W, I }: Dims, x: Input<[2, "I", 8]>, ${param}, y: Output<[1]>): void { y[0] = ${element} + float(${element === "x[0][0][0]" ? "at[0]" : "0"}); }`;
    const message = messageOf(() => parseKernelText(text, DIMS));
    expect(message).toContain(title);
    expect(message).toContain(`why:   ${why}`);
  });

  test.each([
    ["w", "it is no index table"],
    ["at", "its elements lie below 3, not 2"],
  ])("`%s` handed to a function that takes one", (name, why) => {
    const text = `
      function one(t: Indices<["N"], 2>, y: Output<[1]>): void { y[0] = float(t[0]); }
      export function k(at: Indices<[5], 3>, w: Weight<[5], "i32">, y: Output<[1]>): void { one(${name}, y); }`;
    expect(messageOf(() => parseKernelText(text, {}, { name: "k" }))).toContain(`why:   ${why}`);
  });

  test("one that fits is handed on", () => {
    const text = `
      function one(t: Indices<["N"], "B">, x: Input<["B"]>, y: Output<["N"]>): void { y[0] = x[t[0]]; }
      export function k(x: Input<[3]>, at: Indices<[5], 3>, y: Output<[5]>): void { one(at, x, y); }`;
    expect(printProc(parseKernelText(text, {}, { name: "k" }))).toContain("y[0] = x[at[0]];");
  });

  test("contents outside of the bound are refused where they are bound", () => {
    const data = Int32Array.of(2, 0, 3, 1, 2);
    const y = new Float32Array(wanted.length);
    const why = "holds 3, no index below 3";
    expect(() => interpret(taken().proc, { x, at: data, y })).toThrow(`index table at of take ${why}`);
    const dims = { M: 1, I: 3, K: 5, L: 4 };
    const task = { op: "take-axis", dims, storage: {} };
    const step = { name: "s", layer: "s", task, args: { at: { kind: "weight", shape: [5], data } as const } };
    const plan = { name: "p", arenaBytes: 0, inputs: [], outputs: [], checks: [], steps: [step] };
    expect(() => packWeights(plan, [compileTask(task, TARGET)])).toThrow(`index table at of s ${why}`);
  });

  test("procedures that mention none, or another one, are broken", () => {
    const { proc } = taken();
    const without: LoopProc = { ...proc, params: proc.params.filter(({ name }) => name !== "at") };
    expect(() => validate(without, "here")).toThrow("here broke the table rule in take");
    const wider = proc.params.map((p) => (p.name === "at" ? { ...p, bound: 9 } : p));
    expect(() => validate({ ...proc, params: wider }, "here")).toThrow("`at` is no index table of 5 below 3");
    const written = proc.params.map((p) => (p.name === "at" ? { ...p, role: "output" as const } : p));
    expect(() => validate({ ...proc, params: written }, "here")).toThrow(
      "`at` is no list of whole numbers known before",
    );
  });
});
