// Times of a board from cycles of its core's model: ms = factor * cycles / clock + missNs * misses of the first cache. The factor is 1 at
// least, as no board is faster than its core; both are chosen so that the worst of the published times is off by as little as can be.
import { readFileSync } from "node:fs";

const published = JSON.parse(readFileSync("test/bench/published-times.json", "utf8"));
const peers = JSON.parse(readFileSync("test/bench/peers-cycles.json", "utf8"));

/** Cycles and misses of ncnn's program for a network on a core's model. */
function countsOf(network, core) {
  const found = peers.networks.find((row) => row.network === network)?.cores[core].ncnn;
  const { cycles_prefetches_seen, cycles, l1_misses } =
    found ?? published.counts.find((row) => row.network === network).cores[core];
  return { cycles: cycles_prefetches_seen ?? cycles, misses: l1_misses };
}

/** Boards with published times, each with what the model gives for their networks. */
export function publishedBoards() {
  return published.boards.map(({ ms, model, MHz, ...board }) => ({
    ...board,
    model,
    MHz,
    networks: Object.entries(ms).map(([network, measured]) => {
      const { cycles, misses } = countsOf(network, model);
      return { network, measured, coreMs: cycles / MHz / 1000, misses };
    }),
  }));
}

export function predicted({ coreMs, misses }, { factor, missNs }) {
  return factor * coreMs + (missNs * misses) / 1e6;
}

/** The fit, how far the worst network is off, and how far one that the fit did not see. */
export function judged(networks) {
  const { within, ...figures } = fitted(networks);
  const leftOut = networks.map((row, i) => offBy(row, fitted(networks.filter((_, j) => j !== i))));
  return { ...figures, within: upToPercent(within), leftOut: upToPercent(Math.max(...leftOut)) };
}

function offBy(row, figures) {
  return Math.abs(predicted(row, figures) / row.measured - 1);
}

function upToPercent(part) {
  return Math.ceil(100 * part) / 100;
}

/** Factors in steps of 0.01 up to 2, nanoseconds in quarters up to 30. */
function fitted(networks) {
  let best = { within: Number.POSITIVE_INFINITY };
  for (let hundredths = 100; hundredths <= 200; hundredths++) {
    for (let quarters = 0; quarters <= 120; quarters++) {
      const figures = { factor: hundredths / 100, missNs: quarters / 4 };
      const within = Math.max(...networks.map((row) => offBy(row, figures)));
      if (within < best.within) best = { ...figures, within };
    }
  }
  return best;
}
