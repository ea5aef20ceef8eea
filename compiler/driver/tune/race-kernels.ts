import type { Kernel } from "../../artifact/kernel.ts";
import type { BoardState } from "../../device/board-state.ts";
import type { JobResult, Runner } from "../../device/runner.ts";
import { UserError } from "../../support/diagnostic.ts";
import { coreArguments } from "../run/bench-arguments.ts";
import { type ProgramLine, programLine, programLines } from "../run/program-lines.ts";
import { type BuildPlace, type BuiltRace, buildRace } from "./build-race.ts";
import type { Failed, Outcome } from "./outcome.ts";
import type { TaskData } from "./task-data.ts";

/** Heat, and what is done about it. */
export interface Watch {
  /** Degrees Celsius that are waited for before anything is measured; absent: nothing is waited for. */
  readonly coolDownC?: number | undefined;
  /** Told of each look at the board. */
  readonly onState?: ((board: string, state: BoardState) => void) | undefined;
  /** Told while it is waited for a cooler board. */
  readonly onWait?: ((text: string) => void) | undefined;
  /** Told of times that do not count, and why. */
  readonly onThrottled?: ((board: string, why: string) => void) | undefined;
  /** Between a throttled run and the next. */
  readonly pauseMs?: number;
}

/** Where kernels race. */
export interface RunPlace {
  readonly runner: Runner;
  readonly threads: number;
  /** The cores that threads are tied to, one each; absent: whichever the board gives. */
  readonly cores?: readonly number[] | undefined;
  readonly watch?: Watch | undefined;
  readonly signal: AbortSignal;
}
/** Where kernels race, and how they get there. */
export type RacePlace = BuildPlace & RunPlace;

/** How long kernels race. */
export interface Effort {
  readonly warmup: number;
  /** Turns; 0: results are checked, and nothing is timed. */
  readonly repeats: number;
  /** Percent of the reference's time after which a kernel takes no more turns. */
  readonly stop?: number;
  /** Seconds that a kernel may take for all of its turns; default 60. */
  readonly seconds?: number;
  /** On a model: so much of the grid is run, results are not checked, and costs are by that part. */
  readonly part?: number;
}

/**
 * Checks kernels that compute the same and times each in turns with the first, the reference. All go into one program, each
 * runs in a process of its own. What cannot be built, or ends the board's connection, is the outcome of that kernel; a
 * reference that fails is thrown.
 */
export async function raceKernels(
  kernels: readonly [Kernel, ...Kernel[]],
  data: TaskData,
  place: RacePlace,
  effort: Effort,
): Promise<readonly Outcome[]> {
  const race = await buildRace(kernels, data, place);
  try {
    const layers = new Map<number, Outcome>();
    const all = race.seats.filter(({ kind }) => kind === "runs").length;
    await runLayers(race, 0, all - 1, place, effort, (layer, outcome) => void layers.set(layer, outcome));
    return kernels.map((_, i) => {
      const seat = race.seats[i];
      if (seat.kind === "failed") return seat.outcome;
      return layers.get(layerOf(race.seats, i)) ?? SILENT;
    });
  } finally {
    await race.remove();
  }
}

/** The layer that a kernel which was built is, or whose outcome it shares. */
export function layerOf(seats: BuiltRace["seats"], i: number): number {
  const seat = seats[i];
  if (seat.kind === "twin") return layerOf(seats, seat.of);
  return seat.kind === "runs" ? seat.layer : -1;
}

const SILENT: Failed = { outcome: "lost", why: "the program said nothing of it" };

/**
 * Races some of a program's layers, and tells each one's outcome as soon as the board has told it. Where a run ends early, the
 * layer that was running is at fault if the reference still runs alone, and the next are gone on with; else that is thrown.
 */
export async function runLayers(
  race: BuiltRace,
  first: number,
  last: number,
  place: RunPlace,
  effort: Effort,
  tell: (layer: number, outcome: Outcome) => void,
): Promise<void> {
  for (let from = first; from <= last; ) {
    let next = from;
    const onLine = (text: string): void => {
      const line = programLine(text);
      if (line?.kind !== "racer" || line.index < next || line.index > last) return;
      for (; next < line.index; next++) tell(next, SILENT);
      tell(next++, outcomeOf(line));
    };
    try {
      await runOnce(race, from, last, place, effort, onLine);
      for (; next <= last; next++) tell(next, SILENT);
    } catch (error) {
      place.signal.throwIfAborted();
      const fault = faultOf(error);
      if (fault === undefined) throw error;
      if (next > last) return;
      await runOnce(race, 0, 0, place, { ...effort, warmup: 0, repeats: 0 }).catch(() => {
        throw error;
      });
      tell(next++, fault);
    }
    from = next;
  }
}

/** What the end of a run says of the layer that was running; undefined where it is no layer's fault. */
function faultOf(error: unknown): Failed | undefined {
  if (!(error instanceof UserError)) return undefined;
  const { exit, title } = error.diagnostic;
  return exit === "runFailed" || exit === "boardUnreachable" ? { outcome: "lost", why: title } : undefined;
}

async function runOnce(
  { program, files }: BuiltRace,
  first: number,
  last: number,
  place: RunPlace,
  { warmup, repeats, stop, seconds = 60 }: Effort,
  onLine?: (line: string) => void,
): Promise<readonly ProgramLine[]> {
  const { runner, threads, signal } = place;
  const inputs = files.map(({ name }) => name).filter((name) => name.startsWith("input"));
  const result: JobResult = await runner.run({
    program,
    args: [
      ...["race", "--layer", `${first}-${last}`, "--inputs", inputs.join(",")],
      ...["--expect", "expect.bin", "--bounds", "bounds.bin", "--threads", String(threads)],
      ...["--warmup", String(warmup), "--repeats", String(repeats), "--seconds", String(seconds)],
      ...coreArguments(place),
      ...(stop === undefined ? [] : ["--stop", String(stop)]),
    ],
    files,
    fetch: [],
    timeoutSeconds: seconds * (last - first + 2),
    signal,
    onLine,
  });
  return programLines(result, runner.board);
}

type Racer = Extract<ProgramLine, { readonly kind: "racer" }>;

function outcomeOf(racer: Racer): Outcome {
  const { outcome, ns = [], reference = [], signal, at, found, expected, bound } = racer;
  switch (outcome) {
    case "ok":
      if (ns.length !== reference.length) return SILENT;
      return { outcome, cost: { kind: "measured", ns, reference } };
    case "wrong":
      return { outcome, why: `number ${at} in memory is ${found}, expected ${expected} within ${bound}` };
    case "overrun":
      return { outcome, why: "it wrote outside of its buffers" };
    case "crashed":
      return { outcome, why: `it was killed by signal ${signal}` };
    case "timeout":
      return { outcome, why: "it took too long" };
    case "memory":
      return { outcome, why: "it takes more memory than it may, or than the board has" };
  }
}
