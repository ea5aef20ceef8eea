// The README's table of networks: modelled cycles, ours and the best peer's, and executed instructions beside them.
import { readFileSync, writeFileSync } from "node:fs";
import { millions } from "./bench/network-lines.mjs";
import { meanOf } from "./bench/network-summary.mjs";

/** Cores with their short names. */
const CORES = [
  ["cortex-a53", "A53"],
  ["cortex-a72", "A72"],
  ["cortex-a76", "A76"],
];
/** Whose instructions are shown: they hardly differ from core to core. */
const COUNTED = "cortex-a72";
const PEERS = { ncnn: "ncnn", xnnpack: "XNNPACK" };
const BEGIN = /(<!-- bench-networks:[^\n]*-->\n)[\s\S]*?(<!-- \/bench-networks -->)/;

/** @param rows what bench-networks.mjs found; networks that no peer was run on are left out */
export function networksTable(rows) {
  const shown = rows.filter(({ cores = {} }) => CORES.every(([core]) => cores[core]?.ratio !== undefined));
  const head = [
    "network",
    ...CORES.flatMap(([, short]) => [short, "best peer"]),
    "instructions",
    `${CORES.find(([core]) => core === COUNTED)[1]}'s best peer`,
  ];
  const lines = shown.map(({ name, cores }) => {
    const cycles = CORES.flatMap(([core]) => {
      const { whole, peer } = cores[core];
      return pair(whole.cycles, peer.cycles, PEERS[peer.peer]);
    });
    const { whole, peer } = cores[COUNTED];
    return [`\`${name.replace("zoo:", "")}\``, ...cycles, ...pair(whole.instructions, peer.instructions, "")];
  });
  const means = CORES.flatMap(([core]) => [meanOf(shown.map(({ cores }) => cores[core])).toFixed(2), ""]);
  const all = [
    head,
    ["---", ...head.slice(1).map(() => "---:")],
    ...lines,
    ["ours / best peer's", ...means, "", ""],
  ];
  return all.map((cells) => `| ${cells.join(" | ")} |\n`).join("");
}

/** The smaller one is bold. */
function pair(ours, theirs, peer) {
  const [a, b] = [ours, theirs].map((n) => millions(n));
  const who = peer === "" ? "" : ` ${peer}`;
  return ours <= theirs ? [`**${a}**`, `${b}${who}`] : [a, `**${b}**${who}`];
}

/** Puts the table between its marks in README.md. */
export function writeNetworksTable(rows) {
  const file = new URL("../../README.md", import.meta.url);
  const text = readFileSync(file, "utf8");
  writeFileSync(
    file,
    text.replace(BEGIN, (_, begin, end) => begin + networksTable(rows) + end),
  );
}
