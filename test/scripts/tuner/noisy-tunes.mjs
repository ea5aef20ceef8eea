// Tunes of tables as if their cycles were times of a board that drifts and hiccups: how often what they end with is truly slower
// than the default.
import { hopeless } from "../../../dist/driver/tune/draft.js";
import { leastCost } from "../../../dist/driver/tune/least-cost.js";
import { tableSpace } from "../../../dist/driver/tune/table-space.js";
import { tuneSearches } from "../../../dist/driver/tune/tune-network.js";
import { loadTarget } from "../../../dist/machine/load.js";
import { makeRng } from "../../../dist/support/rng.js";

/** Of a turn: spread of its times, how often it takes longer by far, and by how much; drift from turn to turn. */
const SPREAD = 0.02;
const HICCUP = { part: 0.03, times: 1.5 };
const DRIFT = 0.01;
/** Trials of a tune: some are cut short, some go on. */
const FEWEST = 4;
const MOST = 60;

/** A tune of one layer with made-up noise: what it chose took so many parts of the default's cycles. */
export async function noisyTune({ place, tasks }, task, strategy, seed) {
  const target = loadTarget(place.target);
  const rng = makeRng(seed);
  const lines = [];
  const measured = { ...place, kind: "measured" };
  const { tasks: found } = await tuneSearches(
    [
      {
        ...task,
        count: 1,
        space: tableSpace(task, hopeless(target)),
        bound: leastCost(task, target, place),
        data: () => ({}),
      },
    ],
    [],
    {
      ...{ place: measured, strategy, seed, signal: new AbortController().signal },
      meter: noisyMeter(tasks, rng),
      log: { lines, append: async (line) => void lines.push(line), close: async () => {} },
      budget: { trials: FEWEST + rng.int(MOST - FEWEST), seconds: Number.POSITIVE_INFINITY },
    },
  );
  const cycles = (name) => task.points.find(({ kernel }) => kernel === name).cycles;
  const [{ state }] = found;
  return cycles(state.best.kernel.name) / cycles(state.reference.kernel.name);
}

function noisyMeter(tasks, rng) {
  const cycles = new Map(tasks.flatMap(({ points }) => points.map((point) => [point.kernel, point.cycles])));
  let slow = 1;
  const time = (name) => {
    const hiccup = rng.next() < HICCUP.part ? HICCUP.times : 1;
    return cycles.get(name) * slow * hiccup * Math.exp(SPREAD * rng.normal());
  };
  const outcome = (reference, name, repeats) => {
    const turns = Array.from({ length: repeats }, () => {
      slow = Math.max(1, slow * Math.exp(DRIFT * rng.normal()));
      return { ns: time(name), reference: time(reference) };
    });
    return {
      outcome: "ok",
      cost: {
        kind: "measured",
        ns: turns.map(({ ns }) => ns),
        reference: turns.map((turn) => turn.reference),
      },
    };
  };
  return {
    ahead: false,
    prepare: async ([reference, ...others], _, { repeats }) => ({
      measure: async (wanted, tell) => {
        const all = [reference, ...others];
        for (const i of wanted) tell(i, outcome(reference.name, all[i].name, repeats));
      },
      drop: async () => {},
    }),
  };
}
