import { UserError } from "../support/diagnostic.ts";
import type { Board, Core } from "./target.schema.ts";

/** Features one may add to a core: the name LLVM and TVM use, and gcc's. */
const FEATURES: ReadonlyMap<string, string> = new Map([
  ["neon", "simd"],
  ["simd", "simd"],
  ["fp16", "fp16"],
  ["fullfp16", "fp16"],
  ["dotprod", "dotprod"],
  ["crc", "crc"],
  ["crypto", "crypto"],
]);
const TRIPLES = ["aarch64-linux-gnu", "aarch64-unknown-linux-gnu"];

/** Whether a target is written as LLVM writes it: "-mcpu=cortex-a72 -mattr=+neon". */
export function isLlvmTarget(text: string): boolean {
  return text.startsWith("-");
}

/**
 * The board that "-mtriple=aarch64-linux-gnu -mcpu=cortex-a72 -mattr=+neon" means: any 64-bit Arm machine
 * with that core, one core used. Throws C104.
 */
export function parseLlvmTarget(text: string, loadCore: (name: string) => Core): Board {
  const options = new Map(text.trim().split(/\s+/).map(option));
  for (const name of options.keys()) {
    if (!["mcpu", "mattr", "mtriple"].includes(name))
      throw wrong(text, `-${name} is not one of -mcpu, -mattr, -mtriple`);
  }
  const triple = options.get("mtriple") ?? "aarch64-linux-gnu";
  if (!TRIPLES.includes(triple)) throw wrong(text, `-mtriple=${triple} is not ${TRIPLES.join(" or ")}`);
  const mcpu = options.get("mcpu");
  if (mcpu === undefined) throw wrong(text, "-mcpu is missing");
  if (mcpu === "native") throw wrong(text, "-mcpu=native is this machine: use the target `host`");
  const core = loadCore(mcpu);
  const features = (options.get("mattr") ?? "").split(",").filter((f) => f !== "");
  return {
    name: mcpu,
    summary: `any 64-bit Arm machine: ${core.summary}`,
    isa: "neon-v8",
    core: core.name,
    cores: 1,
    triple: "aarch64-linux-gnu",
    cflags: [`-mcpu=${core.mcpu}${features.map((f) => feature(text, f)).join("")}`],
    run: "ssh",
  };
}

function option(word: string): [string, string] {
  const match = /^--?([a-z]+)=(.+)$/.exec(word);
  return match === null ? [word.replace(/^-+/, ""), ""] : [match[1] ?? "", match[2] ?? ""];
}

function feature(text: string, word: string): string {
  const known = FEATURES.get(word.replace(/^[+]/, ""));
  if (known === undefined)
    throw wrong(text, `-mattr=${word} is not one of ${[...FEATURES.keys()].map((f) => `+${f}`).join(", ")}`);
  return known === "simd" ? "" : `+${known}`;
}

function wrong(text: string, why: string): UserError {
  return new UserError({
    code: "C104",
    exit: "unknownTarget",
    title: `cannot read the target \`${text}\``,
    why,
    help: ['for example: --target="-mtriple=aarch64-linux-gnu -mcpu=cortex-a72 -mattr=+neon"'],
  });
}
