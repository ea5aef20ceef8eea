import { describe, expect, test } from "vitest";
import { printProc } from "../../compiler/ir/print.ts";
import type { LoopProc } from "../../compiler/ir/proc.ts";
import { validate } from "../../compiler/ir/validate.ts";
import { parseKernelText } from "../../compiler/language/parse-kernel.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { Schedule } from "../../compiler/schedule/schedule.ts";
import { messageOf } from "../support/message.ts";
import { kernelOf } from "./kernels.ts";
import { difference, lowered, run, runVector } from "./sequences.ts";

const target = loadTarget("qemu-rpi4");

/** The scheduled procedure keeps the rules and the result, marked loops at once, and lowers to the same. */
function expectSame(origin: LoopProc, proc: LoopProc): void {
  validate(proc, "schedule");
  const wanted = run(origin, 1);
  expect(difference(wanted, run(proc, 1, "at-once"))).toBeUndefined();
  const vector = lowered(proc, target);
  if (vector === undefined) throw new Error("does not lower");
  expect(difference(wanted, runVector(vector, proc, 1))).toBeUndefined();
}

describe("a convolution with a border", () => {
  const bordered = () =>
    kernelOf(
      `for (const c of range(2)) {
         for (const oh of range(6)) {
           for (const ow of range(9)) {
             let acc = 0;
             for (const kh of range(3)) {
               for (const kw of range(3)) {
                 acc += oh + kh >= 1 && oh + kh < 7 && ow + kw >= 1 && ow + kw < 10
                   ? x[c][oh + kh - 1][ow + kw - 1] * w[c][kh][kw] : 0;
               }
             }
             y[c][oh][ow] = acc;
           }
         }
       }`,
      { x: [2, 6, 9], w: [2, 3, 3], y: [2, 6, 9] },
    );

  test("splits into edges and an interior without tests", () => {
    const origin = bordered();
    const { proc, trace } = Schedule.of(origin).interior("oh", "ow");
    expect(trace).toEqual([
      { op: "peel", axis: "oh", head: 1, tail: 1 },
      { op: "peel", axis: "ow", head: 1, tail: 1 },
    ]);
    expectSame(origin, proc);
    const lines = printProc(proc).split("\n");
    const interior = lines.findIndex((line) => line.includes("for (const ow of range(7))"));
    const middle = lines.findIndex((line, i) => i > interior && line.includes("for (const ow of range(7))"));
    expect(lines.slice(middle, middle + 7).join("\n")).toBe(`      for (const ow of range(7)) {
        let acc = 0;
        for (const kh of range(3)) {
          for (const kw of range(3)) {
            acc += x[c][kh + oh][kw + ow] * w[c][kh][kw];
          }
        }`);
  });

  test("its interior runs in lanes, its edges one by one", () => {
    const origin = bordered();
    const { proc } = Schedule.of(origin)
      .peel("oh", { head: 1, tail: 1, into: ["top", "bottom"] })
      .peel("ow", { head: 1, tail: 1, into: ["left", "right"] })
      .split("ow", 4, ["owo", "owi"], "cut")
      .stage("acc", "owo")
      .fission("owi")
      .reorder("kh", "kw", "owi")
      .unroll("kh")
      .vectorize("owi");
    expectSame(origin, proc);
  });
});

describe("a procedure of three stages: a Winograd convolution F(2, 3)", () => {
  const winograd = () =>
    kernelOf(
      `for (const g of range(2)) {
         const v = stack([4, 6, 8]);
         const m = stack([4, 6, 4]);
         for (const t of range(6)) {
           for (const c of range(8)) {
             v[0][t][c] = x[g][t * 2][c] - x[g][t * 2 + 2][c];
             v[1][t][c] = x[g][t * 2 + 1][c] + x[g][t * 2 + 2][c];
             v[2][t][c] = x[g][t * 2 + 2][c] - x[g][t * 2 + 1][c];
             v[3][t][c] = x[g][t * 2 + 1][c] - x[g][t * 2 + 3][c];
           }
         }
         for (const p of range(4)) {
           for (const tile of range(6)) {
             for (const oc of range(4)) {
               m[p][tile][oc] = 0;
               for (const ic of range(8)) { m[p][tile][oc] += v[p][tile][ic] * w[g][p][ic][oc]; }
             }
           }
         }
         for (const b of range(6)) {
           for (const o of range(4)) {
             y[g][b * 2][o] = m[0][b][o] + m[1][b][o] + m[2][b][o];
             y[g][b * 2 + 1][o] = m[1][b][o] - m[2][b][o] - m[3][b][o];
           }
         }
       }`,
      { x: [2, 14, 8], w: [2, 4, 8, 4], y: [2, 12, 4] },
    );

  test("block by block, its buffers shrunk to a block, channels in lanes", () => {
    const origin = winograd();
    const { proc } = Schedule.of(origin)
      .split("b", 3, ["bo", "bi"])
      .computeAt("m", "bo")
      .computeAt("v", "bo")
      .split("c", 4, ["co", "ci"])
      .fission("oc")
      .reorder("ic", "oc")
      .vectorize("ci")
      .vectorize("oc")
      .vectorize("o")
      .parallel("g", "bo");
    expect(printProc(proc)).toContain("const m = stack([4, 3, 4]);");
    expect(printProc(proc)).toContain("const v = stack([4, 3, 8]);");
    expectSame(origin, proc);
  });

  test("with its products summed in registers", () => {
    const origin = winograd();
    const { proc } = Schedule.of(origin)
      .stage("m", { at: "tile", as: "acc", memory: "register" })
      .fission("oc")
      .reorder("ic", "oc")
      .unroll("acc_0", "acc_1", "acc_2")
      .vectorize("oc");
    expect(printProc(proc)).toContain("const acc = register([1, 1, 4]);");
    validate(proc, "schedule");
    expect(difference(run(origin, 1), run(proc, 1, "at-once"))).toBeUndefined();
    expectSame(origin, Schedule.of(proc).vectorize("acc_2").proc);
  });

  test("with the weights' reads of one group staged and packed", () => {
    const origin = winograd();
    const { proc } = Schedule.of(origin)
      .stage("w", { at: "g", as: "u" })
      .pack("u", [
        { part: "whole", dim: 0 },
        { part: "whole", dim: 1 },
        { part: "outer", dim: 3, factor: 2 },
        { part: "whole", dim: 2 },
        { part: "inner", dim: 3, factor: 2 },
      ]);
    expect(printProc(proc)).toContain("const u = stack([1, 4, 2, 8, 2]);");
    expectSame(origin, proc);
  });
});

test("loops fused over contiguous dimensions address memory without a division", () => {
  const origin = kernelOf(
    "for (const c of range(3)) { for (const h of range(5)) { for (const v of range(4)) { y[c][h][v] = x[c][h][v] + 1; } } }",
    { x: [3, 5, 4], y: [3, 5, 4] },
  );
  const { proc } = Schedule.of(origin)
    .fuse("c", "h", "ch")
    .fuse("ch", "v", "i")
    .split("i", 4, ["io", "ii"])
    .vectorize("ii");
  expectSame(origin, proc);
  expect(JSON.stringify(lowered(proc, target)?.body)).not.toContain('"div"');
});

describe("a padded loop", () => {
  test("gives buffers of its iterations room for the extra ones", () => {
    const origin = kernelOf(
      `const s = stack([13]);
       for (const i of range(13)) {
         const t = stack([13]);
         for (const j of range(13)) { t[j] = 0; }
         t[i] = x[i];
         s[i] = t[i];
       }
       for (const k of range(13)) { y[k] = s[k]; }`,
      { x: [16], y: [13] },
    );
    const { proc } = Schedule.of(origin).pad("i", 16);
    expect(printProc(proc)).toContain("const t = stack([16]);");
    expectSame(origin, proc);
  });

  test("may not leave a table", async () => {
    const origin = parseKernelText(
      `const TAPS = [1, 2, 3];
       export function example(x: Input<[4]>, y: Output<[3]>): void {
         const t = stack([3]);
         for (const i of range(3)) { t[i] = TAPS[i] * x[i]; }
         for (const k of range(3)) { y[k] = t[k]; }
       }`,
      {},
    );
    expect(await messageOf(() => Schedule.of(origin).pad("i", 4))).toContain("the table TAPS ends at 2");
  });
});

describe("a copy of what a stride touches", () => {
  const copied = (index: string, extent: number): { readonly same: () => void; readonly shape: string } => {
    const body = `for (const i of range(3)) { for (const j of range(4)) { for (const k of range(1)) { y[i][j] = ${index}; } } }`;
    const origin = kernelOf(body, { x: [3, extent], y: [3, 4] });
    const { proc } = Schedule.of(origin).stage("x", { at: "i", as: "t" });
    const [shape = ""] = /stack\(\[.*?\]\)/.exec(printProc(proc)) ?? [];
    return { same: () => expectSame(origin, proc), shape };
  };

  test.each([
    ["x[i][3 * j + 1]", 11, "stack([1, 4])"],
    ["x[i][9 - 3 * j]", 10, "stack([1, 4])"],
    ["x[i][2 * j] + x[i][2 * j + 4]", 11, "stack([1, 6])"],
    // one of them lies between the others
    ["x[i][2 * j] + x[i][2 * j + 3]", 10, "stack([1, 10])"],
    ["x[i][2 * i + 4 * j]", 17, "stack([1, 4])"],
    ["j >= 1 ? x[i][2 * j - 2] : 0", 8, "stack([1, 3])"],
    ["x[i][7]", 8, "stack([1, 1])"],
    ["x[i][3 * j + k] + x[i][3 * j + 3]", 13, "stack([1, 5])"],
  ])("%s", (index, extent, shape) => {
    const { same, shape: found } = copied(index, extent);
    same();
    expect(found).toBe(shape);
  });
});
