import pc from "picocolors";
import { expect, it } from "vitest";
import { verifyText } from "../../compiler/cli/verify-text.ts";
import type { TensorReport } from "../../compiler/driver/run/verify-network.ts";

const tensor = (name: string, undecided: number, layer?: string): TensorReport => ({
  tensor: name,
  ...(layer === undefined ? {} : { layer, op: "conv2d" }),
  ...{ ok: true, count: 4, badCount: 0, undecided, allZero: false, maxAbsError: 0 },
  ...{ worst: undefined, firstBad: undefined, histogram: [4 - undecided] },
});

const textOf = (layers: readonly TensorReport[], outputs: readonly TensorReport[]): Promise<string> =>
  verifyText(
    { network: "net", target: "a", board: "b", tolerance: 1, layers, outputs, ok: true },
    pc.createColors(false),
  );

it("the verdict of `verify` says what was not compared, and of which layers and outputs nothing was", async () => {
  const text = await textOf([tensor("x", 1, "first"), tensor("y", 4, "second")], [tensor("y", 4)]);
  expect(text).toContain(
    "9 of 12 values may have overflowed and were not compared: none of second, output y\n",
  );
  expect(text).toContain(
    "2 layers and 1 outputs compared, no other value off by more than its rounding bound",
  );
});

it("and says nothing of it where all was compared", async () => {
  const text = await textOf([tensor("x", 0, "first")], [tensor("x", 0)]);
  expect(text).not.toContain("overflow");
  expect(text).toContain("compared, no value off by more than its rounding bound");
});

it("and calls nothing right where nothing was compared", async () => {
  const text = await textOf([tensor("x", 4, "first")], [tensor("x", 4)]);
  expect(text).toContain("8 of 8 values may have overflowed and were not compared: none of first, output x");
  expect(text).toMatch(/nothing is wrong, but nothing was compared$/);
});
