import { expect, it } from "vitest";
import { equalMacs, paretoFront } from "../../compiler/analyze/compare-settings.ts";
import type { SweepRow } from "../../compiler/analyze/sweep-record.ts";

const row = (setting: SweepRow["setting"], macs: number, cost: number, noise = 0): SweepRow => ({
  ...{ setting, macs, cost, params: 0, activations: 0, bytes: 0, imbalance: 0 },
  ...(noise > 0 && { interval: { low: cost - noise, high: cost + noise } }),
});
const better = (...rows: SweepRow[]): string[] => equalMacs(rows).map((pair) => pair.better);

it("nobody wins within the noise", () => {
  expect(better(row({ G: 8 }, 100, 10), row({ g: 4 }, 100, 11))).toEqual(["group_size"]);
  expect(better(row({ G: 8 }, 100, 11), row({ g: 4 }, 100, 10))).toEqual(["groups"]);
  expect(better(row({ G: 8 }, 100, 10), row({ g: 4 }, 100, 10))).toEqual(["neither"]);
  expect(better(row({ G: 8 }, 100, 10, 0.4), row({ g: 4 }, 100, 11, 0.4))).toEqual(["group_size"]);
  expect(better(row({ G: 8 }, 100, 10, 0.6), row({ g: 4 }, 100, 11, 0.6))).toEqual(["neither"]);
});

it("nor is a setting beaten by what is not surely less", () => {
  const front = (...rows: SweepRow[]) => paretoFront(rows).map(({ setting }) => setting.G);
  expect(front(row({ G: 1 }, 100, 10), row({ G: 2 }, 90, 11), row({ G: 4 }, 80, 10))).toEqual([1]);
  expect(front(row({ G: 1 }, 100, 10, 0.2), row({ G: 2 }, 90, 11, 0.2))).toEqual([1]);
  expect(front(row({ G: 1 }, 100, 10, 0.6), row({ G: 2 }, 90, 11, 0.6))).toEqual([1, 2]);
});
