import { expect, test } from "vitest";
import { pointText } from "../../../compiler/driver/tune/candidate.ts";
import { proposals } from "../../../compiler/driver/tune/propose.ts";
import { STRATEGY_NAMES } from "../../../compiler/driver/tune/strategy-names.ts";
import { tableSpace } from "../../../compiler/driver/tune/table-space.ts";
import { makeRng } from "../../../compiler/support/rng.ts";
import { smallTable } from "./tables.ts";

const [task] = smallTable().tasks;

test.each(STRATEGY_NAMES)(
  "proposals by %s come once, the default first, and are the same for a seed",
  async (name) => {
    const [first, again] = [7, 7].map((seed) => proposals(tableSpace(task, 10), name, makeRng(seed)));
    const all: string[] = [];
    for (let round = 0; round < 3; round++) {
      const batch = await first.next(8);
      const texts = batch.map(({ point }) => pointText(point));
      expect((await again.next(8)).map(({ point }) => pointText(point))).toEqual(texts);
      all.push(...texts);
      for (const [i, candidate] of batch.entries()) {
        const ratio = i === 3 ? undefined : 1 + (candidate.characters % 7) / 10;
        for (const one of [first, again]) one.tell(candidate, ratio);
      }
    }
    expect(all[0]).toBe(pointText(task.points[0]));
    expect(new Set(all).size).toBe(all.length);
    expect(all.length).toBe(24);
  },
);
