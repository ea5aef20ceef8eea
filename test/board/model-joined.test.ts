import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { modelSteps } from "../../compiler/driver/run/model-network.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { sample } from "../support/amount.ts";
import {
  after,
  type Body,
  coreOf,
  cutElsewhere,
  folder,
  perTurn,
  plugin,
  run,
  times,
} from "./assembly-loops.ts";
import { buildModel } from "./built-model.ts";

/** qemu ends a block of code where its buffers are full, too: what such a block costs must not hang on that. */
afterAll(() => rmSync(folder, { recursive: true }));
const [a53, a72, a76] = ["qemu-rpi3", "qemu-rpi4", "qemu-rpi5"].map((board) => coreOf(board));

/** A tile of 24 sums: `products` multiply-accumulates, and a load for every eighth of them. */
const tile = (products: number): Body =>
  times(products, (i) => {
    const product = `fmla v${i % 24}.4s, v${24 + (i % 2)}.4s, v26.s[${i % 4}]`;
    return i % 8 === 7 ? `${product}\nldr q${28 + ((i >> 3) % 4)}, [x1, #${16 * (i >> 3)}]` : product;
  });
/** 120 instructions with the two of the loop. */
const LONG = [...tile(96), ...times(10, (i) => `add x${4 + (i % 4)}, x2, #${i}`)];

test("a loop of 120 instructions costs what its multiply-accumulates do", async () => {
  const { instructions } = await after(a72, LONG);
  expect(instructions).toBe(120 * 1000);
  // The A53 loads 64 bits beside a multiply-accumulate and takes a cycle more for the rest of each vector, and for the loop.
  expect(await perTurn(a53, LONG)).toBeGreaterThan(96);
  expect(await perTurn(a72, LONG)).toBeCloseTo(96, 0);
  expect(await perTurn(a76, LONG)).toBeCloseTo(48, 0);
});

// Without the joining they differ, on the A76 by 2 % (loops) and 5 % (kernels).
test.each(sample([8, 40, 96, 160, 400], 4))(
  "wherever qemu cuts, a loop of %d multiply-accumulates takes the same",
  async (products) => {
    for (const core of [a53, a72, a76]) {
      const here = await after(core, tile(products), 1000);
      const elsewhere = await after(core, tile(products), 1000, cutElsewhere);
      expect(elsewhere.instructions).toBe(here.instructions);
      expect(Math.abs(elsewhere.cycles / here.cycles - 1), core.name).toBeLessThan(0.003);
    }
  },
);

test.each(sample(["qemu-rpi5", "qemu-rpi3"], 2))(
  "wherever qemu cuts, a network's kernels on %s take the same",
  async (board) => {
    const target = loadTarget(board);
    const { program, compiled } = await buildModel(
      "test/fixtures/digits/digits.onnx",
      target,
      join(folder, board),
    );
    const args = modelSteps(0, compiled.plan.steps.length - 1);
    const here = await run(target.core, program, plugin, args);
    const elsewhere = await run(target.core, program, cutElsewhere, args);
    expect(elsewhere.instructions).toBe(here.instructions);
    expect(Math.abs(elsewhere.cycles / here.cycles - 1)).toBeLessThan(0.003);
  },
);
