import { describe, expect, test } from "vitest";
import { emitKernel } from "../../compiler/codegen/emit-kernel.ts";
import type { LoopProc } from "../../compiler/ir/proc.ts";
import { parseKernelText } from "../../compiler/language/parse-kernel.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { Schedule } from "../../compiler/schedule/schedule.ts";
import { kernelOf } from "../schedule/kernels.ts";
import { difference, lowered, run, runVector } from "../schedule/sequences.ts";

/** Of two instruction sets, out of order and in order. */
const TARGETS = ["qemu-rpi4", "qemu-rpi2"].map((name) => loadTarget(name));

/** The lines of C; before that, the result must be the kernel's. */
function linesOf(origin: LoopProc, proc: LoopProc = origin): string[] {
  const [first] = TARGETS.map((target) => {
    const vector = lowered(proc, target);
    if (vector === undefined) throw new Error("it does not lower");
    expect(difference(run(origin, 3), runVector(vector, proc, 3))).toBeUndefined();
    return emitKernel(vector, target.isa, ["indices"]).c;
  });
  return first.split("\n").map((line) => line.trim());
}

const flip = kernelOf("for (const i of range(8)) { y[7 - i] = x[i]; }", { x: [8], y: [8] });

describe("quotients round down and remainders are never negative", () => {
  test("of a difference, whose multiple of the divisor is added first", () => {
    const circulant = kernelOf(
      "for (const i of range(4)) { for (const j of range(4)) { y[i][j] = x[mod(j - i, 4)]; } }",
      { x: [4], y: [4, 4] },
    );
    expect(linesOf(circulant)).toContain("const float *x_p0 = x + ((j + 4 - i) % 4);");
    const halves = kernelOf(
      "for (const i of range(4)) { for (const j of range(4)) { y[i][j] = x[Math.floor((j - i) / 2) + 4]; } }",
      { x: [8], y: [4, 4] },
    );
    expect(linesOf(halves)).toContain("const float *x_p0 = x + ((j + 4 - i) / 2);");
  });

  test("in conditions, and in numbers", () => {
    const origin = kernelOf(
      `for (const i of range(4)) {
         if (Math.floor((i - 3) / 2) === -1) { y[i] = x[i] * float(mod(2 - i, 3)); }
         z[i] = mod(i - 2, 4) < 1 ? x[i] : 0;
       }`,
      { x: [4], y: [4], z: [4] },
    );
    linesOf(origin);
  });

  test("in the addresses of a packed buffer that is indexed backwards", () => {
    const packed = Schedule.of(flip).pack("y", [
      { part: "inner", dim: 0, factor: 4 },
      { part: "outer", dim: 0, factor: 4 },
    ]).proc;
    expect(linesOf(flip, packed)).toContain("float *y_p0 = y + ((7 - i) / 4) + ((7 - i) % 4) * 2;");
  });

  test("of a quotient of a quotient", () => {
    const origin = kernelOf(
      "for (const i of range(9)) { y[Math.floor(Math.floor((i - 8) / 2) / 2) + 2] += x[i]; }",
      { x: [9], y: [3] },
    );
    linesOf(origin);
  });
});

describe("pointers stay in their buffers", () => {
  test("where an index runs backwards, they begin at the end", () => {
    const origin = kernelOf(
      `for (const h of range(4)) {
         const t = stack([4, 10]);
         for (const i of range(4)) { for (const j of range(10)) { t[i][j] = y[i][j]; } }
         t[3 - h][h] += x[h];
         for (const i of range(4)) { for (const j of range(10)) { y[i][j] = t[i][j]; } }
       }`,
      { x: [4], y: [4, 10] },
    );
    const lines = linesOf(origin);
    expect(lines.some((line) => line.startsWith("float *t_p") && line.endsWith("= t + 27 - h * 9;"))).toBe(
      true,
    );
  });

  test("where a condition keeps an access inside that alone would not be, there is none", () => {
    const origin = kernelOf(
      `for (const i of range(8)) {
         const t = stack([3]);
         for (const k of range(3)) { t[k] = x[k]; }
         for (const j of range(2)) { if (i * 2 + j < 3) { y[i] += t[i * 2 + j]; } }
       }`,
      { x: [3], y: [8] },
    );
    expect(linesOf(origin)).toContain("y_p0[0] = y_p0[0] + t[i * 2 + j];");
  });
});

describe("values stay where what they depend on is", () => {
  test("a choice of the loop's axis is not taken out of the loop", () => {
    const origin = kernelOf(
      "for (const i of range(4)) { y[i] = (i < 2 ? x[0] : x[1]) * (i < 2 ? x[0] : x[1]); }",
      { x: [2], y: [4] },
    );
    const lines = linesOf(origin);
    expect(lines.indexOf("const float t_0 = i < 2 ? x[0] : x[1];")).toBeGreaterThan(
      lines.indexOf("for (ptrdiff_t i = 0; i < 4; i++) {"),
    );
  });

  test("nor is a function of a number made of it", () => {
    const origin = kernelOf(
      "for (const i of range(4)) { y[i] = x[i] * (float(i) * 2) + sqrt(float(i) * 2 * (float(i) * 2)); }",
      { x: [4], y: [4] },
    );
    linesOf(origin);
  });

  test("what one side of a choice reads is not read for the other", () => {
    const origin = kernelOf(
      `for (const i of range(8)) {
         const t = stack([4]);
         for (const k of range(4)) { t[k] = x[k]; }
         y[i] = (i < 4 ? t[i] : 0) + (i < 4 ? t[i] * 2 : 1);
         z[i] = i < 4 ? t[i] * t[i] : 1;
       }`,
      { x: [4], y: [8], z: [8] },
    );
    expect(linesOf(origin)).toContain("y_p0[0] = (i < 4 ? t[i] : 0.0f) + (i < 4 ? (t[i] * 2.0f) : 1.0f);");
  });

  test("nothing is taken for the same once a register or an element it depends on has changed", () => {
    const origin = kernelOf(
      `let a = x[0];
       y[0] = a * a * a + 1;
       a += x[1];
       y[1] = a * a * a + 1;
       z[0] = y[0] * y[0] * y[0] + 1;
       y[0] = x[2];
       z[1] = y[0] * y[0] * y[0] + 1;`,
      { x: [3], y: [2], z: [2] },
    );
    linesOf(origin);
  });

  test("a sum that is seen before its first product is cleared", () => {
    const origin = kernelOf(
      `for (const i of range(4)) {
         let acc = 0;
         z[i] = acc;
         acc += x[i] * w[i];
         y[i] = acc;
       }`,
      { x: [4], w: [4], y: [4], z: [4] },
    );
    linesOf(origin);
  });

  test("a sum and a maximum into one register keep their order", () => {
    // six registers are free: the order of the text takes more
    const origin = kernelOf(
      `let a = 0;
       for (const k of range(12)) { a += x[k]; a = max(a, w[k]); }
       y[0] = a;`,
      { x: [12], w: [12], y: [1] },
    );
    linesOf(origin, Schedule.of(origin).unroll("k").proc);
  });
});

describe("numbers made of axes, in lanes", () => {
  const ramp = kernelOf(
    "for (const i of range(16)) { y[i] = x[i] * float(i); z[i] = x[i] + float(20 - i * 3) + float(5); }",
    { x: [16], y: [16], z: [16] },
  );

  test("are the first lane's and the lane's number", () => {
    const { proc } = Schedule.of(ramp).split("i", 4, ["io", "ii"]).vectorize("ii");
    const lines = linesOf(ramp, proc);
    expect(lines.some((line) => line.includes("((float32x4_t){0, 1, 2, 3})"))).toBe(true);
  });

  test("are the same in all lanes where the lanes' loop is not in them", () => {
    const origin = kernelOf(
      "for (const i of range(3)) { for (const j of range(4)) { y[i][j] = x[i][j] * float(i); } }",
      { x: [3, 4], y: [3, 4] },
    );
    expect(linesOf(origin, Schedule.of(origin).vectorize("j").proc).join("\n")).not.toContain("){0, 1");
  });

  test("of whole groups of lanes written out", () => {
    linesOf(ramp, Schedule.of(ramp).vectorize("i").proc);
  });
});

describe("values in registers", () => {
  test("of two dimensions have one each", () => {
    const origin = kernelOf(
      `const t = register([2, 3]);
       for (const i of range(2)) { for (const j of range(3)) { t[i][j] = x[i][j]; } }
       for (const k of range(2)) { for (const l of range(3)) { y[l][k] = t[k][l]; } }`,
      { x: [2, 3], y: [3, 2] },
    );
    linesOf(origin, Schedule.of(origin).unroll("i", "j", "k", "l").proc);
  });

  test("products that are subtracted, and what is negated first", () => {
    const origin = kernelOf(
      "for (const i of range(2)) { for (const j of range(4)) { y[i][j] = -x[i][j] + w[i][j]; z[i][j] = x[i][j] - w[i][j] * x[i][j]; } }",
      { x: [2, 4], w: [2, 4], y: [2, 4], z: [2, 4] },
    );
    linesOf(origin, Schedule.of(origin).unroll("i").vectorize("j").proc);
  });

  test("and pointers have names that nothing else has", () => {
    const origin = parseKernelText(
      `export function example(x: Input<[4]>, x_p0: Input<[4]>, t_0: Input<[4]>, y: Output<[4]>): void {
         for (const i of range(4)) { y[i] = x[i] * x_p0[i] + (x[i] + t_0[i]) * (x[i] + t_0[i]); }
       }`,
      {},
    );
    const lines = linesOf(origin);
    expect(lines).toContain("const float *x_p1 = x + i;");
    expect(lines.filter((line) => /^const float t_\d =/.test(line))).toEqual([
      "const float t_1 = x_0 + t_0_p0[0];",
    ]);
  });
});
