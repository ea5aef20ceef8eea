import type { CoreWish } from "../device/board-cores.ts";
import type { Runner, Timing } from "../device/runner.ts";
import type { BenchOptions } from "../driver/run/bench-network.ts";
import type { Placement } from "../driver/run/place-threads.ts";
import { type Effort, USUAL_EFFORT, usualRepetition } from "../driver/run/repetition.ts";
import type { Target } from "../machine/target.schema.ts";
import { readSeconds, wholeNumber } from "./numbers.ts";
import type { Terminal } from "./terminal.ts";
import { badValue, unreadable } from "./usage-errors.ts";

export const COOL_DOWN = {
  type: "string",
  requiresArg: true,
  describe: "wait until the board is as cool, also meanwhile: 55C",
} as const;

/** Options of commands that measure times. */
export const EFFORT = {
  warmup: {
    type: "number",
    describe: "a process's runs before the first that counts (default 3, emulated 1)",
  },
  repeats: { type: "number", describe: "so many runs, however sure that is (emulated: default 3)" },
  "min-time": { type: "string", describe: "time to measure at least (default 1s)" },
  precision: { type: "number", describe: "percent within which a time is to be known (default 1)" },
  budget: { type: "string", describe: "time after which a time may stay unsure (default 20s)" },
  "cool-down": COOL_DOWN,
  cores: {
    type: "string",
    requiresArg: true,
    describe: "big, little, all, or 0-3 (default: on mixed boards the target's)",
  },
} as const;

export const STRICT = {
  type: "boolean",
  default: false,
  describe: "end with exit code 14 where a time is not steady",
} as const;

export interface EffortValues {
  readonly warmup?: number | undefined;
  readonly repeats?: number | undefined;
  readonly "min-time"?: string | undefined;
  readonly precision?: number | undefined;
  readonly budget?: string | undefined;
  readonly "cool-down"?: string | undefined;
  readonly cores?: string | undefined;
}

/** What the options say; what hangs on whether times are an emulator's comes when that is known. Throws C202, C205. */
export function readEffort(
  values: EffortValues,
  command: string,
): {
  readonly wish: CoreWish | undefined;
  readonly repetition: (timing: Timing) => Pick<BenchOptions, "warmup" | "repeats" | "coolDownC">;
} {
  const sure = (["min-time", "precision", "budget"] as const).find((name) => values[name] !== undefined);
  if (values.repeats !== undefined && sure !== undefined)
    throw unreadable(`--repeats takes no --${sure}: it says how many runs there are`, command);
  const { precision = 100 * USUAL_EFFORT.precision } = values;
  if (!(precision > 0 && precision < 100))
    throw badValue("precision", String(precision), "percent, more than 0 and less than 100");
  const effort: Effort = {
    precision: precision / 100,
    leastSeconds: readSeconds("min-time", values["min-time"]) ?? USUAL_EFFORT.leastSeconds,
    budgetSeconds: readSeconds("budget", values.budget) ?? USUAL_EFFORT.budgetSeconds,
  };
  const warmup = wholeNumber("warmup", values.warmup, 0, 0);
  const repeats = wholeNumber("repeats", values.repeats, 1, 1);
  const coolDownC = celsius(values["cool-down"]);
  return {
    wish: coreWish(values.cores),
    repetition: (timing) => {
      const usual = usualRepetition(timing);
      const many = timing === "emulated" ? usual.repeats : effort;
      return {
        warmup: values.warmup === undefined ? usual.warmup : warmup,
        repeats: values.repeats === undefined ? many : repeats,
        ...(coolDownC !== undefined && { coolDownC }),
      };
    },
  };
}

/** Finds cores for threads and warns of what will show in their times. Throws D171 to D173, D176. */
export async function placeAndWarn(
  runner: Runner | undefined,
  target: Target,
  wish: CoreWish | undefined,
  threads: number,
  { note }: Terminal,
): Promise<Omit<Placement, "conditions">> {
  if (runner === undefined) return {};
  const { placeThreads } = await import("../driver/run/place-threads.ts");
  const { conditions, ...placed } = await placeThreads(runner, target, wish, threads);
  for (const condition of conditions) note(`warning: ${condition}`);
  return placed;
}

/** What `--cool-down` says. Throws C205. */
export function celsius(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const degrees = Number(/^(\d{1,3}(?:\.\d)?) ?°?C?$/i.exec(text)?.[1] ?? Number.NaN);
  if (degrees >= 20 && degrees <= 110) return degrees;
  throw badValue("cool-down", text, "degrees Celsius from 20 to 110, such as 55C");
}

/** What `--cores` says. Throws C205. */
export function coreWish(text: string | undefined): CoreWish | undefined {
  if (text === undefined || text === "big" || text === "little" || text === "all") return text;
  const cores = text.split(",").flatMap((part) => {
    const [, first, last = first] = /^(\d{1,3})(?:-(\d{1,3}))?$/.exec(part) ?? [];
    const length = Number(last) - Number(first) + 1;
    return length > 0 ? Array.from({ length }, (_, i) => Number(first) + i) : [Number.NaN];
  });
  if (cores.every((core) => core >= 0)) return cores;
  throw badValue("cores", text, "big, little, all, or numbers such as 0-3 or 4,6");
}
