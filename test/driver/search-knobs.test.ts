import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openCoreModel } from "../../compiler/driver/decide/model-kernel.ts";
import { opTask } from "../../compiler/driver/decide/op-task.ts";
import { searchKnobs } from "../../compiler/driver/decide/search-knobs.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { renderDiagnostic, UserError } from "../../compiler/support/diagnostic.ts";
import { taskKnobs } from "../../compiler/task/compile-task.ts";

const target = loadTarget("rpi4");
const conv = opTask("conv2d", { OC: 8, IC: 8, OH: 14, OW: 14, KH: 3, KW: 5 }, target);
const [every, order, ahead] = taskKnobs(conv, target);
/** Of many tiles only the first, which the estimate prefers, are tried. */
const tile = { name: every.name, options: every.options.slice(0, 6) };
/** The other orders of loops are tried with the best tile, and other ways to finish it with the best of these. */
const trialsInAll = tile.options.length + order.options.length - 1 + ahead.options.length - 1;

/** Searches with a model that gives options of the tile so many cycles, in their order, and 100 to others. */
async function search(cycles: readonly number[], signal = new AbortController().signal) {
  const trials: string[] = [];
  const found = await searchKnobs(conv, target, {
    cycles: async (kernel) => {
      const i = tile.options.findIndex((_, n) => kernel.choice === choiceOf[n]);
      return cycles[i] ?? 100;
    },
    jobs: 2,
    signal,
    onTrial: (done, total) => trials.push(`${done}/${total}`),
  });
  return { found, trials };
}

/** What the schedule says of each option. */
const choiceOf: string[] = [];
await searchKnobs(conv, target, {
  cycles: async ({ choice }) => choiceOf.push(choice),
  jobs: 1,
  signal: new AbortController().signal,
  onTrial: () => undefined,
});

describe("the search over a schedule's knobs", () => {
  test("tries the first options of a knob once, the preferred one first", async () => {
    const { found, trials } = await search([]);
    expect(tile.name).toBe("tile");
    expect(every.options.length).toBeGreaterThan(tile.options.length);
    const tried = found?.candidates.map(({ choices }) => choices);
    expect(tried?.slice(0, tile.options.length).map((choices) => choices.tile)).toEqual(tile.options);
    const orders = tried?.slice(tile.options.length, 1 - ahead.options.length).map((one) => one.order);
    expect(orders).toEqual(order.options.slice(1));
    const distances = tried?.slice(1 - ahead.options.length).map((one) => one.ahead);
    expect(distances).toEqual(ahead.options.slice(1));
    expect(trials).toEqual(tried?.map((_, i) => `${i + 1}/${trialsInAll}`));
  });

  test("takes the option of fewest cycles, the first of equals", async () => {
    const { found } = await search([100, 120, 90, 90]);
    const choices = { tile: tile.options[2], order: order.options[0], ahead: ahead.options[0] };
    expect(found?.chosen).toEqual({ choices, choice: choiceOf[2], cycles: 90 });
  });

  test("keeps the preferred option for a gain below one percent, and takes one of exactly that", async () => {
    expect((await search([1000, 991])).found?.chosen.choices.tile).toBe(tile.options[2]);
    const kept = await search([1000, ...tile.options.slice(1).map(() => 991)]);
    expect(kept.found?.chosen.choices.tile).toBe(tile.options[0]);
    const taken = await search([1000, ...tile.options.slice(1).map(() => 990)]);
    expect(taken.found?.chosen.choices.tile).toBe(tile.options[1]);
  });

  test("runs a large kernel whole only where a part of it may be the best", async () => {
    const large = opTask("conv2d", { OC: 64, IC: 64, OH: 56, OW: 56, KH: 1, KW: 1 }, target);
    const runs: string[] = [];
    const trials: string[] = [];
    // the third tile is best, others are worse the further away they are; by a part all look alike but the last
    const found = await searchKnobs(large, target, {
      cycles: async ({ knobs }, _, part) => {
        const [which] = taskKnobs(large, target);
        const i = which.options.slice(0, 6).indexOf(knobs.tile);
        runs.push(`${i}${part === undefined ? "" : ` ${part}`}`);
        return part === undefined ? 1000 + 50 * Math.abs(i - 2) : i === 5 ? 2000 : 1000;
      },
      jobs: 1,
      signal: new AbortController().signal,
      onTrial: (done, total) => trials.push(`${done}/${total}`),
    });
    expect(runs.slice(0, 11)).toEqual(
      "0, 0 0.125, 1 0.125, 2 0.125, 3 0.125, 4 0.125, 5 0.125, 1, 2, 3, 4".split(", "),
    );
    expect(found?.candidates).not.toContainEqual(expect.objectContaining({ cycles: 1150 }));
    expect(found?.chosen.cycles).toBe(1000);
    const [total] = trials.slice(-1).map((text) => text.split("/")[1]);
    expect(trials.at(-1)).toBe(`${total}/${total}`);
  });

  test("tries a tile that has not the preferred one's order of loops with its own, and no order that the best tile has not", async () => {
    const grouped = opTask("conv2d", { OC: 20, IC: 640, OH: 28, OW: 28, KH: 1, KW: 1 }, target);
    const [tiles, orders] = taskKnobs(grouped, target);
    expect([tiles.options[0], orders.options[0]]).toEqual(["1x4x5", "streamed"]);
    const other = tiles.options.map(String).find((tile) => /^1x\d+x1$/.test(tile)) ?? "";
    const columns = `${other.split("x")[1]} columns x 4 channels`;
    const trials: string[] = [];
    const found = await searchKnobs(grouped, target, {
      cycles: async ({ choice }) => (choice.includes(columns) ? 50 : 100),
      jobs: 1,
      signal: new AbortController().signal,
      onTrial: (done, total) => trials.push(`${done}/${total}`),
    });
    expect(found?.chosen.choices).toEqual({ tile: other });
    const [total] = trials.slice(-1).map((text) => text.split("/")[1]);
    expect(trials.at(-1)).toBe(`${total}/${total}`);
  });

  test("finds nothing where there is nothing to choose", async () => {
    const softmax = opTask("softmax", { M: 1, K: 10, L: 1 }, target);
    const never = (): never => expect.unreachable();
    const options = { cycles: never, jobs: 1, signal: new AbortController().signal, onTrial: never };
    expect(await searchKnobs(softmax, target, options)).toBeUndefined();
  });

  test("ends with the model's error, and at once when interrupted", async () => {
    const broken = new Error("the model failed");
    const signal = new AbortController().signal;
    const options = { jobs: 2, signal, onTrial: () => undefined };
    await expect(
      searchKnobs(conv, target, { ...options, cycles: () => Promise.reject(broken) }),
    ).rejects.toBe(broken);
    await expect(search([], AbortSignal.abort(broken))).rejects.toBe(broken);
  });
});

describe("errors of the core model", () => {
  const told = async (work: Promise<unknown>): Promise<string> => {
    const error = await work.catch((e: unknown) => e);
    return error instanceof UserError ? renderDiagnostic(error.diagnostic) : String(error);
  };

  test("C406: a target whose core has no model", async () => {
    expect(
      await told(openCoreModel(loadTarget("host"))),
    ).toBe(`error[C406]: tiles for \`host\` cannot be chosen by a model
  why:   the model knows the cores of boards, not the processor at hand
  help:  leave \`--choose model\` out: tiles are chosen by estimate`);
    const { model: _, ...core } = target.core;
    expect(
      await told(openCoreModel({ ...target, core })),
    ).toBe(`error[C406]: tiles for \`rpi4\` cannot be chosen by a model
  why:   the file of its core \`cortex-a72\` has no \`model\`
  help:  leave \`--choose model\` out: tiles are chosen by estimate`);
  });

  test("C406: a state of a core that the model does not know", async () => {
    expect(
      await told(openCoreModel(loadTarget("rpi3-32"))),
    ).toBe(`error[C406]: tiles for \`rpi3-32\` cannot be chosen by a model
  why:   the model does not know the instructions of neon-v7
  help:  leave \`--choose model\` out: tiles are chosen by estimate`);
  });

  test("C407: a machine without the emulator", async () => {
    const empty = mkdtempSync(join(tmpdir(), "tilewright-no-qemu-"));
    const path = process.env.PATH;
    try {
      process.env.PATH = empty;
      expect(
        await told(openCoreModel(target)),
      ).toBe(`error[C407]: \`--choose model\` needs the emulator \`qemu-aarch64\`, which is not installed
  help:  sudo apt-get install qemu-user
  help:  or leave it out: tiles are chosen by estimate`);
    } finally {
      process.env.PATH = path;
      rmSync(empty, { recursive: true });
    }
  });
});
