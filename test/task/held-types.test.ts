import { expect, test } from "vitest";
import { interpret } from "../../compiler/ir/interpret.ts";
import { printProc } from "../../compiler/ir/print.ts";
import { parseKernelText } from "../../compiler/language/parse-kernel.ts";
import { withHeldTypes } from "../../compiler/task/held-types.ts";

const KERNEL = (value: string): string => `
import { f32, type Input, type Output, range, roundEven, roundSmallI32 } from "tilewright/kernel";
export function kernel(x: Input<[8]>, y: Output<[8]>): void {
  for (const i of range(8)) y[i] = ${value};
}`;

/** The stored value of a kernel whose output, and maybe input, are numbers of i8. */
function held(value: string, types: Readonly<Record<string, "i8">> = { y: "i8" }): string {
  const text = printProc(withHeldTypes(parseKernelText(KERNEL(value), {}), types));
  return /y\[i\] = (.*);/.exec(text.replace(/\s+/g, " "))?.[1] ?? text;
}

test("numbers of i8 that are only moved stay what they are", () => {
  expect(held("x[i]", { x: "i8", y: "i8" })).toBe("x[i]");
  expect(held("x[i]", { x: "i8" })).toBe("f32(x[i])");
});

test("what is stored as i8 is rounded once, and whole numbers are added to it in i32, short of wrapping around", () => {
  expect(held("x[i]")).toBe("saturateI8(roundI32(x[i]))");
  expect(held("roundEven(x[i]) + 0")).toBe("saturateI8(roundI32(x[i]))");
  expect(held("roundEven(x[i]) + -128")).toBe(
    "saturateI8(max(roundI32(x[i]), i32(-2147483520)) + i32(-128))",
  );
  expect(held("roundEven(x[i]) + 3")).toBe("saturateI8(min(roundI32(x[i]), i32(2147483644)) + i32(3))");
  expect(held("f32(roundSmallI32(x[i])) + -128")).toBe("saturateI8(roundSmallI32(x[i]) + i32(-128))");
  expect(held("f32(roundSmallI32(x[i])) + 0")).toBe("saturateI8(roundSmallI32(x[i]))");
  // half a step is no whole number
  expect(held("roundEven(x[i]) + 0.5")).toBe("saturateI8(roundI32(roundEven(x[i]) + 0.5))");
});

test("that is what rounding in f32 gives, of any number", () => {
  const x = Float32Array.of(
    0.5,
    1.5,
    -128.5,
    127.5,
    3e9,
    -3e9,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  );
  for (const zero of [-128, 0, 5]) {
    const proc = withHeldTypes(parseKernelText(KERNEL(`roundEven(x[i]) + ${zero}`), {}), { y: "i8" });
    const y = new Int8Array(8);
    interpret(proc, { x, y });
    const wanted = [...x].map((v) => {
      const whole = Number.isFinite(v) ? 2 * Math.round(v / 2) : v;
      const even = Math.abs(v % 1) === 0.5 ? whole : Number.isFinite(v) ? Math.round(v) : v;
      return Math.min(Math.max(even + zero, -128), 127);
    });
    expect([...y]).toEqual(wanted);
  }
});
