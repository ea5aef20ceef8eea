import { describe, expect, test } from "vitest";
import { opTask } from "../../compiler/driver/decide/op-task.ts";
import { loadIsa, loadTarget } from "../../compiler/machine/load.ts";
import type { Target } from "../../compiler/machine/target.schema.ts";
import { compileTask, taskKnobs } from "../../compiler/task/compile-task.ts";
import { bothResults } from "./both-results.ts";

const WIDTHS = ["portable", "portable-256", "portable-512-full"];

function desktop(isa: string): Target {
  return { ...loadTarget("host"), isa: loadIsa(isa) };
}

describe.each(WIDTHS)("a 1x1 convolution on a desktop's core, by %s", (isa) => {
  const target = desktop(isa);
  const { lanes } = target.isa;

  test.each([1, 2, 3, 5, 6])(
    "asks for the next weights, %i vectors of channels, in every tile",
    (vectors) => {
      const task = opTask("conv2d", { IC: 2 * lanes, OC: vectors * lanes, OH: 4, OW: 6, BIAS: 1 }, target);
      const tiles = taskKnobs(task, target).find(({ name }) => name === "tile");
      for (const tile of tiles?.options ?? []) {
        const [expected, found] = bothResults(task, target, { tile: String(tile) });
        expect(
          found.findIndex((value, i) => !(Math.abs(value - expected[i]) < 1e-4)),
          String(tile),
        ).toBe(-1);
      }
    },
  );

  test("asks for what it writes of a map that no second cache holds", () => {
    const sizes = { IC: lanes, OC: 2 * lanes, OH: 6, OW: 8, N: 1 };
    const asked = (of: Target): string => compileTask(opTask("conv2d", sizes, of), of, {}).c;
    const small = { ...target, core: { ...target.core, l2Bytes: 1024 } };
    expect(asked(small)).toMatch(/__builtin_prefetch\(y\w*( \+ \d+)?, 1\);/);
    expect(asked(target)).not.toContain(", 1);");
  });
});
