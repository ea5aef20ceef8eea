import { expect, test } from "vitest";
import { emitKernel } from "../../compiler/codegen/emit-kernel.ts";
import { parseKernelText } from "../../compiler/language/parse-kernel.ts";
import { lower } from "../../compiler/lower/lower.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { Schedule } from "../../compiler/schedule/schedule.ts";
import { messageOf } from "../support/message.ts";

const target = loadTarget("qemu-rpi4");
const transform = Schedule.of<"i" | "k" | "c">(
  parseKernelText(
    `const BT = [[4, 0, -5, 0, 1], [0, -4, -1, 1, 0], [0, 0, 0, 0, 0]];
     export function transform(x: Input<[5, 4]>, y: Output<[3, 4]>): void {
       for (const i of range(3)) {
         for (const c of range(4)) { y[i][c] = 0; }
         for (const k of range(5)) { for (const c of range(4)) { y[i][c] += BT[i][k] * x[k][c]; } }
       }
     }`,
    {},
  ),
);

test("an unrolled transform keeps only the additions its table asks for", () => {
  const { c } = emitKernel(lower(transform.unroll("i", "k").vectorize("c").proc, target), target.isa, [
    "transform",
  ]);
  // 4x - 5y + z and -4x - y + z: three products, the zeros leave nothing, the ones an addition
  expect(c.match(/vfmaq_\w+|vmulq_\w+|vfmsq_\w+/g)?.length).toBe(3);
  expect(c).not.toMatch(/vdupq_n_f32\((0|1|-1)\.0?f\)[^;]*v(fma|mul)/);
});

test("a factor of -1 beside a sum is a difference", () => {
  const signs = Schedule.of<"i" | "c">(
    parseKernelText(
      `const SIGNS = [[-1, 1], [1, -1]];
       export function signed(x: Input<[2, 4]>, y: Output<[2, 4]>): void {
         for (const i of range(2)) {
           for (const c of range(4)) { y[i][c] = SIGNS[i][0] * x[0][c] + SIGNS[i][1] * x[1][c]; }
         }
       }`,
      {},
    ),
  );
  const { c } = emitKernel(lower(signs.unroll("i").vectorize("c").proc, target), target.isa, ["signed"]);
  expect(c.match(/v(?:add|sub|neg|fma|fms|mul)q_f32/g)).toEqual(["vsubq_f32", "vsubq_f32"]);
});

test("products of constants are constants", () => {
  const scaled = Schedule.of<"i" | "c">(
    parseKernelText(
      `const BY = [2, 4];
       export function scaled(x: Input<[4]>, y: Output<[2, 4]>): void {
         for (const i of range(2)) { for (const c of range(4)) { y[i][c] = BY[i] * 3 * x[c]; } }
       }`,
      {},
    ),
  );
  const { c } = emitKernel(lower(scaled.unroll("i").vectorize("c").proc, target), target.isa, ["scaled"]);
  expect(c.match(/[\d.]+f\b/g)).toEqual(["6.0f", "12.0f"]);
});

test("L105: a table whose loop is not unrolled", async () => {
  expect(await messageOf(() => lower(transform.unroll("k").vectorize("c").proc, target))).toBe(
    `error[L105]: elements of the table \`BT\` are chosen by \`i\` at run time
  why:   a table has no place in memory: its elements become constants in the code
  help:  unroll \`i\`
  help:  or make \`BT\` a Weight parameter`,
  );
});
