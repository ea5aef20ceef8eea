import { describe, expect, test } from "vitest";
import { checkLinkable } from "../../compiler/driver/bundle/emit-bundle-weights.ts";
import { decidedPlan } from "../../compiler/driver/decide/decided-plan.ts";
import { plannedAlgorithms, UNDECIDED } from "../../compiler/driver/decide/decisions.ts";
import { weightBytes } from "../../compiler/driver/decide/fit-weights.ts";
import { findZooNetwork } from "../../compiler/frontend/zoo/index.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { messageOf } from "../frontend/onnx-model.ts";

const graph = findZooNetwork("resnet34").build({ shapesOnly: true });
const rpi4 = loadTarget("rpi4");
const MB = 1e6;

/** Bytes of weights, and how many convolutions Winograd's algorithm computes. */
function planned(maxWeights?: number, target = rpi4, decisions = UNDECIDED) {
  const { plan } = decidedPlan(graph, target, { maxWeights, decisions });
  const algorithms = [...plannedAlgorithms(plan).values()];
  const winograd = algorithms.filter((algorithm) => algorithm.startsWith("winograd")).length;
  return { bytes: weightBytes(plan), plan, winograd };
}

describe("weights that Winograd's algorithm makes larger", () => {
  test("are what they are where there is memory for them", () => {
    const { bytes, winograd } = planned();
    expect(bytes).toBeGreaterThan(350 * MB);
    expect(winograd).toBe(32);
    expect(planned(bytes).bytes).toBe(bytes);
  });

  test("are kept to what is asked, by the layers that save most for their work", () => {
    const most = planned();
    for (const limit of [200, 120, 90]) {
      const { bytes, plan, winograd } = planned(limit * MB);
      expect(bytes).toBeLessThanOrEqual(limit * MB);
      // Layers of many pixels for each weight keep their tiles longest.
      expect(winograd).toBeGreaterThan(0);
      expect(plannedAlgorithms(plan).get("stage1.1.conv1")).toMatch(/winograd/);
      expect(plannedAlgorithms(plan).get("stage4.3.conv2")).not.toBe(
        plannedAlgorithms(most.plan).get("stage4.3.conv2"),
      );
    }
  });

  test("fit into half of a board's memory", () => {
    const small = { ...rpi4, board: { ...rpi4.board, ramMiB: 256 } };
    expect(planned(undefined, small).bytes).toBeLessThanOrEqual(128 * 2 ** 20);
    // What does not fit in any way is for the board's memory to refuse, not for a half of it.
    const tiny = { ...rpi4, board: { ...rpi4.board, ramMiB: 100 } };
    expect(planned(undefined, tiny)).toMatchObject({ winograd: 0 });
  });

  test("stay as somebody decided", () => {
    const decisions = { ...UNDECIDED, algorithms: new Map([["stage4.3.conv2", "winograd4"]]) };
    const { plan, bytes } = planned(130 * MB, rpi4, decisions);
    expect(plannedAlgorithms(plan).get("stage4.3.conv2")).toBe("winograd4");
    expect(bytes).toBeLessThanOrEqual(130 * MB);
  });

  test("that no program can be linked with are refused before the C compiler is asked", () => {
    expect(() => checkLinkable("net", 2 ** 31 - 2 ** 26)).not.toThrow();
    expect(messageOf(() => checkLinkable("net", 2_352_000_000))).toBe(
      `error[F406]: the weights of \`net\` do not fit into a program
  why:   they take 2243 MiB, and programs can be linked with 1984 MiB
  help:  Winograd's algorithm makes weights larger: --max-weights 1900MiB takes it where it saves most`,
    );
  });

  test("that no algorithm makes small enough are refused", () => {
    expect(messageOf(() => planned(80 * MB))).toBe(
      `error[F405]: the weights of \`resnet34\` do not fit into 76.3 MiB
  why:   they take 83.1 MiB with the algorithms of smallest weights that nothing else decides against
  help:  give a larger --max-weights, or take a smaller network`,
    );
  });
});
