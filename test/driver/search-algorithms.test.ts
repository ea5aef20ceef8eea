import { expect, test } from "vitest";
import { compileNetwork } from "../../compiler/driver/compile-network.ts";
import { plannedAlgorithms, UNDECIDED } from "../../compiler/driver/decide/decisions.ts";
import { withSetting } from "../../compiler/driver/decide/decisions-file.ts";
import { type AlgorithmsFound, searchAlgorithms } from "../../compiler/driver/decide/search-algorithms.ts";
import { loadModel } from "../../compiler/frontend/load-model.ts";
import { loadTarget } from "../../compiler/machine/load.ts";

const GROUPED = "/group8/group8.0/Conv";
const rpi4 = loadTarget("rpi4");
const digits = await loadModel("test/fixtures/digits/digits.onnx");

/** Searches with a model that gives so many cycles to kernels of an operator, 1000 to all others. */
async function search(cycles: Readonly<Record<string, number>>, decisions = UNDECIDED) {
  const trials: (readonly [number, number])[] = [];
  const found = await searchAlgorithms(
    digits,
    rpi4,
    { decisions },
    {
      cycles: async ({ name }) => cycles[name.replace(/_[0-9a-f]+$/, "")] ?? 1000,
      jobs: 2,
      signal: new AbortController().signal,
      onTrial: (done, total) => trials.push([done, total]),
    },
  );
  return { found, trials };
}

const of = (found: readonly AlgorithmsFound[], layer: string): AlgorithmsFound | undefined =>
  found.find((one) => one.layer === layer);

test("the algorithm of fewest cycles is taken, the estimate's where nothing is gained", async () => {
  const { found, trials } = await search({ winograd2: 900, winograd4: 1000 });
  const grouped = of(found, GROUPED);
  expect(grouped?.candidates[0]).toEqual({ algorithm: "winograd4", cycles: 1000 });
  expect(grouped?.candidates).toContainEqual({ algorithm: "winograd2", cycles: 900 });
  expect(grouped?.chosen).toBe("winograd2");
  expect(trials.at(-1)?.[0]).toBe(trials.length);
  expect(of((await search({ winograd2: 995 })).found, GROUPED)?.chosen).toBe("winograd4");
});

test("what somebody decided is not searched", async () => {
  const decisions = withSetting(UNDECIDED, `${GROUPED}.algorithm=direct`);
  expect(of((await search({ winograd2: 1 }, decisions)).found, GROUPED)).toBeUndefined();
});

test("a network is compiled with what was found", async () => {
  const { plan, algorithms } = await compileNetwork(digits, rpi4, {
    meta: { modelSha256: "0".repeat(64) },
    searchAlgorithms: async () => (await search({ winograd2: 1 })).found,
  });
  expect(plannedAlgorithms(plan).get(GROUPED)).toBe("winograd2");
  expect(of(algorithms, GROUPED)?.chosen).toBe("winograd2");
});

test("it stops when it is told to", async () => {
  const stop = new AbortController();
  stop.abort(new Error("stopped"));
  const never = async (): Promise<number> => 1;
  const options = { cycles: never, jobs: 1, signal: stop.signal, onTrial: () => {} };
  await expect(searchAlgorithms(digits, rpi4, {}, options)).rejects.toThrow("stopped");
});
