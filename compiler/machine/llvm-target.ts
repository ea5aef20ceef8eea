import { UserError } from "../support/diagnostic.ts";
import type { Board, Core, Feature } from "./target.schema.ts";

/** Features one may add to a core: the name LLVM and TVM use, and gcc's. */
const FEATURES: ReadonlyMap<string, string> = new Map([
  ["neon", "simd"],
  ["simd", "simd"],
  ["fp16", "fp16"],
  ["fullfp16", "fp16"],
  ["dotprod", "dotprod"],
  ["i8mm", "i8mm"],
  ["crc", "crc"],
  ["crypto", "crypto"],
]);

/** Of those, what rows of an instruction set may need. */
const ASKED_FOR: readonly Feature[] = ["fp16", "dotprod", "i8mm"];

/** What a core can be compiled for: in 64-bit state, or in 32-bit state. */
interface State {
  readonly bits: 32 | 64;
  readonly isa: string;
  readonly triple: string;
  /** Other names of the triple. */
  readonly also: readonly string[];
  readonly cflags: readonly string[];
}
const STATES: readonly State[] = [
  {
    ...{ bits: 64, isa: "neon-v8", triple: "aarch64-linux-gnu", cflags: [] },
    also: ["aarch64-unknown-linux-gnu"],
  },
  {
    ...{ bits: 32, isa: "neon-v7", triple: "arm-linux-gnueabihf" },
    also: ["armv7-unknown-linux-gnueabihf", "armv7a-linux-gnueabihf"],
    cflags: ["-mfpu=neon-vfpv4", "-mfloat-abi=hard"],
  },
];

/** Whether a target is written as LLVM writes it: "-mcpu=cortex-a72 -mattr=+neon". */
export function isLlvmTarget(text: string): boolean {
  return text.startsWith("-");
}

/**
 * The board that "-mtriple=aarch64-linux-gnu -mcpu=cortex-a72 -mattr=+neon" means: any Arm machine with that core, one
 * core used, in 64-bit state unless the triple says otherwise or it has none. Throws C104.
 */
export function parseLlvmTarget(text: string, loadCore: (name: string) => Core): Board {
  const options = new Map(text.trim().split(/\s+/).map(option));
  for (const name of options.keys()) {
    if (!["mcpu", "mattr", "mtriple"].includes(name))
      throw wrong(text, `-${name} is not one of -mcpu, -mattr, -mtriple`);
  }
  const mcpu = options.get("mcpu");
  if (mcpu === undefined) throw wrong(text, "-mcpu is missing");
  if (mcpu === "native") throw wrong(text, "-mcpu=native is this machine: use the target `host`");
  const core = loadCore(mcpu);
  const state = stateOf(text, core, options.get("mtriple"));
  const words = (options.get("mattr") ?? "").split(",").filter((f) => f !== "");
  const flags = words.map((f) => feature(text, f, state));
  const features = ASKED_FOR.filter((f) => flags.includes(`+${f}`));
  return {
    name: mcpu,
    summary: `any ${state.bits}-bit Arm machine: ${core.summary}`,
    isa: state.isa,
    core: core.name,
    cores: 1,
    triple: state.triple,
    cflags: [`-mcpu=${core.mcpu}${flags.join("")}`, ...state.cflags],
    ...(features.length === 0 ? {} : { features }),
    run: "ssh",
  };
}

function stateOf(text: string, core: Core, triple: string | undefined): State {
  const can = STATES.filter(({ bits }) => bits === 32 || !core.only32Bit);
  if (triple === undefined) return can[0];
  const state = STATES.find((s) => s.triple === triple || s.also.includes(triple));
  if (state === undefined)
    throw wrong(
      text,
      `-mtriple=${triple} is not ${STATES.flatMap((s) => [s.triple, ...s.also]).join(" or ")}`,
    );
  if (!can.includes(state)) throw wrong(text, `${core.name} has no ${state.bits}-bit state`);
  return state;
}

function option(word: string): [string, string] {
  const match = /^--?([a-z]+)=(.+)$/.exec(word);
  return match === null ? [word.replace(/^-+/, ""), ""] : [match[1] ?? "", match[2] ?? ""];
}

function feature(text: string, word: string, { bits }: State): string {
  const known = FEATURES.get(word.replace(/^[+]/, ""));
  if (known !== undefined && known !== "simd" && bits === 32)
    throw wrong(text, `-mattr=${word} is for 64-bit targets only`);
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
