import { readFileSync } from "node:fs";

const read = (name) => JSON.parse(readFileSync(new URL(`../../bench/${name}`, import.meta.url), "utf8"));
const counted = read("peers.json").networks;
const modelled = read("peers-cycles.json").networks;

/** A peer's cycles; with its prefetches seen, as ours are, where that was measured. */
const cyclesOf = ({ cycles, cycles_prefetches_seen }) => cycles_prefetches_seen ?? cycles;

/** The peer of the fewest cycles on a core, or undefined where none was run. */
export function bestPeer(network, core) {
  const peers = modelled.find((one) => one.network === network)?.cores[core] ?? {};
  const [best] = Object.entries(peers)
    .map(([peer, figures]) => ({ peer, cycles: cyclesOf(figures), instructions: figures.instructions }))
    .sort((a, b) => a.cycles - b.cycles);
  return best;
}

/** Executed instructions of the peers. */
export function peerInstructions(network) {
  return counted.find((one) => one.network === network)?.instructions ?? {};
}
