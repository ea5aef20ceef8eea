import type { Target } from "../machine/target.schema.ts";
import type { Diagnostic } from "../support/diagnostic.ts";
import type { ExitKind } from "../support/exit-codes.ts";
import { conditionsOf } from "./board-conditions.ts";
import { stateOfCores } from "./board-cores.ts";
import type { BoardFacts } from "./board-facts.ts";
import type { BoardState } from "./board-state.ts";
import { detectTarget, mismatches } from "./detect-target.ts";
import { isVirtual } from "./elf.ts";

/** What lies between here and a time that can be trusted, in order. */
export const HOPS = [
  ...(["resolve", "connect", "host key", "login", "exec", "transfer"] as const),
  ...(["noexec", "disk", "memory", "target", "cores"] as const),
  ...(["governor", "clock", "heat", "load", "throttling", "sensors", "kernel"] as const),
] as const;
export type Hop = (typeof HOPS)[number];

/** What a hop was found to be: `fail` keeps the board from work, `warn` from times that can be trusted. */
export interface Finding {
  readonly hop: Hop;
  readonly verdict: "ok" | "warn" | "fail";
  readonly says: string;
  /** What mends it, a command where there is one. */
  readonly help?: readonly string[];
  /** Of a failure: how a command ends that meets it. */
  readonly exit?: ExitKind;
}

/** The hop at which what opening a board throws has happened. */
const HOP_OF: readonly (readonly [RegExp, Hop])[] = [
  [/^D(101|102|105|106|142|185)$/, "resolve"],
  [/^D(103|104|107|108|116)$/, "connect"],
  [/^D11[1-3]$/, "host key"],
  [/^D11[4-9]$/, "login"],
  [/^D12[125]$|^D16\d$/, "transfer"],
];

/** The hops up to one at which opening a board has failed: those before it are right. */
export function failedAt({ code, title, why, help, exit }: Diagnostic): readonly Finding[] {
  const hop = HOP_OF.find(([codes]) => codes.test(code))?.[1] ?? "exec";
  const before = HOPS.slice(0, HOPS.indexOf(hop)).map((hop): Finding => ({ hop, verdict: "ok", says: "" }));
  const says = `error[${code}]: ${title}${why === undefined ? "" : `: ${why.replaceAll("\n", " ")}`}`;
  return [...before, { hop, verdict: "fail", says, exit, ...(help !== undefined && { help }) }];
}

const SMALL_DISK_MIB = 200;
const SMALL_MEMORY_MIB = 100;

/** What is judged of an open board from its own words, for the target that is asked for, else the one that it is found to be. */
export function judgeBoard(
  facts: BoardFacts,
  state: BoardState,
  wanted: Target | undefined,
): readonly Finding[] {
  const target = judgeTarget(facts, wanted);
  return [
    ...(["resolve", "connect", "host key", "login", "exec", "transfer"] as const).map(
      (hop): Finding => ({ hop, verdict: "ok", says: "" }),
    ),
    ...folder(facts),
    amount("memory", facts.freeMiB, SMALL_MEMORY_MIB, facts.memoryMiB, [
      "see what takes it there: `ps aux --sort=-rss | head`",
    ]),
    ...target,
    ...cores(facts),
    ...conditions(state),
    {
      hop: "sensors",
      verdict: "ok",
      says:
        facts.sensors.length === 0 ? "none tells power: energy is not measured" : facts.sensors.join(", "),
    },
  ];
}

function folder({ executes, diskFreeMiB }: BoardFacts): readonly Finding[] {
  const noexec: Finding =
    executes === false
      ? {
          ...{
            hop: "noexec",
            verdict: "fail",
            exit: "runFailed",
            says: "files in its folder of copies may not be executed",
          },
          help: ["its file system is mounted noexec: take another with --remote-dir FOLDER"],
        }
      : { hop: "noexec", verdict: "ok", says: executes === undefined ? "not known" : "" };
  return [
    noexec,
    amount("disk", diskFreeMiB, SMALL_DISK_MIB, undefined, [
      "free some there, or take another disk: --remote-dir FOLDER",
    ]),
  ];
}

function amount(
  hop: Hop,
  free: number | undefined,
  least: number,
  all: number | undefined,
  help: readonly string[],
): Finding {
  if (free === undefined) return { hop, verdict: "warn", says: "how much is free is not known" };
  const says = `${free} MiB free${all === undefined ? "" : ` of ${all}`}`;
  return free < least ? { hop, verdict: "warn", says, help } : { hop, verdict: "ok", says };
}

function judgeTarget(facts: BoardFacts, wanted: Target | undefined): readonly Finding[] {
  const found = detectTarget(facts);
  if (wanted === undefined && found.kind === "unknown") {
    return [
      {
        hop: "target",
        verdict: "warn",
        says: `no target is known to fit: ${found.why}`,
        help: ["say it: --target TARGET"],
      },
    ];
  }
  const target = wanted ?? (found.kind === "unknown" ? undefined : found.target);
  const wrong = target === undefined ? [] : mismatches(target, facts);
  if (wrong.length === 0) {
    const by = found.kind !== "unknown" && found.target.name === target?.name ? `: ${found.by}` : "";
    return [{ hop: "target", verdict: "ok", says: `${target?.name}${by}` }];
  }
  const instead =
    found.kind === "unknown" ? [] : [`it is taken for \`--target ${found.target.name}\`: ${found.by}`];
  return wrong.map(({ verdict, text }) => ({
    ...{ hop: "target", verdict, says: `${target?.name}: ${text}`, help: instead },
    ...(verdict === "fail" && { exit: "usage" as const }),
  }));
}

function cores({ cores, model }: BoardFacts): readonly Finding[] {
  const says = cores.map(({ midr, count }) => `${count} of ${midr}`).join(", ");
  if (says === "") return [{ hop: "cores", verdict: "warn", says: "its kernel does not tell them" }];
  if (!isVirtual(model)) return [{ hop: "cores", verdict: "ok", says }];
  return [
    {
      ...{
        hop: "cores",
        verdict: "warn",
        says: `${says}, of a virtual machine (${model}): its times say nothing`,
      },
      help: ["time on a board; what is right there is right on a board of such cores"],
    },
  ];
}

/** Sentences of `conditionsOf` by the hop they belong to, with what mends them. */
const CONDITIONS: readonly (readonly [Hop, RegExp, readonly string[]])[] = [
  [
    "governor",
    /^governor /,
    ["there: echo performance | sudo tee /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor"],
  ],
  [
    "clock",
    /clock (is|may)/,
    ["see the heat and the power mode (`sudo nvpmodel -m 0` and `sudo jetson_clocks`, where it has them)"],
  ],
  ["heat", /^it is hot/, ["let it cool, give it a fan, or wait with --cool-down 55C"]],
  ["load", /^other programs/, ["see what runs there: `top`"]],
  [
    "throttling",
    /firmware/,
    ["use a power supply and a cable that are strong enough, and a fan; then restart it"],
  ],
];

function conditions(state: BoardState): readonly Finding[] {
  const told = conditionsOf(state, undefined);
  return CONDITIONS.flatMap(([hop, sentence, help]): Finding[] => {
    const found = told.filter((text) => sentence.test(text));
    if (found.length === 0) return [{ hop, verdict: "ok", says: calm(hop, state) }];
    return found.map((says) => ({ hop, verdict: "warn", says, help }));
  });
}

function calm(hop: Hop, state: BoardState): string {
  const { governors, frequencyMHz, maxFrequencyMHz, temperatureC } = stateOfCores(state, undefined);
  const unknown = "not known";
  const words: Partial<Record<Hop, string | undefined>> = {
    governor: governors.join(", ") || unknown,
    clock: frequencyMHz === undefined ? unknown : `${frequencyMHz} of ${maxFrequencyMHz ?? "?"} MHz`,
    heat: temperatureC === undefined ? unknown : `${temperatureC.toFixed(0)} °C`,
    load: state.load === undefined ? unknown : state.load.toFixed(2),
    throttling: state.throttling === undefined ? unknown : "none since it was started",
  };
  return words[hop] ?? "";
}
