import { describe, expect, test } from "vitest";
import { loopCosts } from "../../compiler/analyze/loop-costs.ts";
import { trafficInto } from "../../compiler/analyze/traffic.ts";
import { analyzeDecided } from "../../compiler/driver/decide/analyze-decided.ts";
import { findZooNetwork } from "../../compiler/frontend/zoo/index.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { matmul } from "../schedule/kernels.ts";

describe("bytes into a cache, counted by hand", () => {
  // x 64x64, w 64x64, y 64x64 floats
  const costs = loopCosts(matmul(64, 64, 64), 4);

  test("all of it fits: each byte once", () => {
    expect(trafficInto(3 * 64 * 64 * 4, costs)).toBe(3 * 64 * 64 * 4);
  });

  test("a row of x and of y and all of w fit: the same", () => {
    expect(trafficInto((64 + 64 * 64 + 64) * 4, costs)).toBe(3 * 64 * 64 * 4);
  });

  test("a row and a column fit: w is fetched anew for each row", () => {
    expect(trafficInto(2 * 64 * 4, costs)).toBe(64 * (64 + 64 * 64 + 64) * 4);
  });
});

test("a network's layers: never less than each byte once, less with the larger cache", () => {
  const graph = findZooNetwork("mobilenet-v1").build({ inputSize: 64, shapesOnly: true });
  const { layers } = analyzeDecided(graph, loadTarget("rpi4"));
  for (const { params, l1_bytes = 0, l2_bytes = 0 } of layers.filter(({ macs }) => macs > 0)) {
    expect(l2_bytes).toBeGreaterThanOrEqual(4 * params);
    expect(l1_bytes).toBeGreaterThanOrEqual(l2_bytes);
  }
});
