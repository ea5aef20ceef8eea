import { expect, test } from "vitest";
import type { Dims } from "../../compiler/language/kernel.ts";
import { opCall } from "../../compiler/ops/op-call.ts";
import { operatorsIn } from "../../compiler/ops/operators-in.ts";
import { plain } from "../../compiler/ops/plain.schedules.ts";
import { softmax } from "../../compiler/ops/softmax/softmax.kernel.ts";

const sizes = { M: 1, K: 2, L: 3 };
const some: Dims = sizes;
const flags = { LOG: 1, LEAST: 1 };

test("a call of an operator has its sizes, and those that it may leave out", () => {
  expect(opCall("softmax", sizes)).toEqual({ op: "softmax", dims: sizes });
  expect(opCall("softmax", { ...sizes, LOG: 1 }).dims.LOG).toBe(1);
});

test("a size that is missing, misspelt or nobody's is refused by the type checker", () => {
  // @ts-expect-error L is missing
  opCall("softmax", { M: 1, K: 2 });
  // @ts-expect-error nobody knows which there are
  opCall("softmax", some);
  // @ts-expect-error it has no LOGS
  opCall("softmax", { ...sizes, LOGS: 1 });
  // @ts-expect-error nor LEAST
  opCall("softmax", { ...sizes, ...flags });
  // @ts-expect-error neither of two has EVERY
  opCall("check" as "check" | "used-rows", { ...sizes, ROWS: 0, NONE: 0, EVERY: 0 });
  // @ts-expect-error an operator that there is not
  opCall("softmaxes", sizes);
});

test("so is a schedule, a choice of one or a count that reads a size that its kernel has not", () => {
  const family = { schedules: { plain }, pick: () => "plain", macs: () => 0 };
  operatorsIn("softmax", { softmax: { kernel: softmax, ...family, macs: (d) => d.M * d.K * (d.LOG ?? 0) } });
  // @ts-expect-error no N
  operatorsIn("softmax", { softmax: { kernel: softmax, ...family, macs: (d) => d.N } });
  const pick = (_: unknown, d: { readonly W: number }): string => (d.W > 1 ? "plain" : "rows");
  // @ts-expect-error no W
  operatorsIn("softmax", { softmax: { kernel: softmax, ...family, pick } });
  // @ts-expect-error LOG may be left out
  operatorsIn("softmax", { softmax: { kernel: softmax, ...family, macs: (d) => d.LOG } });
});
