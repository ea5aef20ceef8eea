import { invariant } from "../support/assert.ts";
import { UserError } from "../support/diagnostic.ts";
import type { BoardState, CoreState, HeatZone } from "./board-state.ts";

/** Which cores a program is to run on: numbers, a kind of a mixed board's, or whichever the board gives it. */
export type CoreWish = "big" | "little" | "all" | readonly number[];

/** What holds for some cores together: of the slowest of them, and of the hottest part near them. */
export interface CoresState {
  /** Several where cores differ. */
  readonly governors: readonly string[];
  readonly frequencyMHz?: number;
  readonly limitMHz?: number;
  readonly maxFrequencyMHz?: number;
  readonly temperatureC?: number;
}

/** Cores of one kind are within so much of each other's speed: clusters of equal cores may differ a little in clock. */
const SAME_KIND = 0.8;

/** A board's slow and fast cores; undefined where all are of one kind, or nothing is known of them. */
export function coreKinds({
  coreStates,
}: BoardState): { readonly big: readonly number[]; readonly little: readonly number[] } | undefined {
  const speeds = speedsOf(coreStates);
  const [least, most] = [Math.min(...speeds.values()), Math.max(...speeds.values())];
  if (speeds.size < 2 || least >= SAME_KIND * most) return undefined;
  const having = (is: (speed: number) => boolean): number[] =>
    [...speeds].flatMap(([core, speed]) => (is(speed) ? [core] : []));
  return {
    big: having((speed) => speed >= SAME_KIND * most),
    little: having((speed) => speed * SAME_KIND <= least),
  };
}

/** Capacities if the kernel knows them, else greatest clocks; none where a core tells neither. */
function speedsOf(cores: readonly CoreState[]): ReadonlyMap<number, number> {
  for (const key of ["capacity", "maxFrequencyMHz"] as const) {
    const speeds = cores.map((core) => [core.core, core[key] ?? 0] as const);
    if (speeds.every(([, speed]) => speed > 0)) return new Map(speeds);
  }
  return new Map();
}

/**
 * Numbers of the cores to run on, ascending; undefined: whichever the board gives. Where nothing is wished, a mixed board's
 * cores of the kind that programs are compiled for. Throws D171 for cores that are not there, D172 for a kind where there is one.
 * @param inOrder whether the core that programs are compiled for is: in a mixed board the little ones are
 */
export function chosenCores(
  board: string,
  state: BoardState,
  wish: CoreWish | undefined,
  inOrder: boolean,
): readonly number[] | undefined {
  const kinds = coreKinds(state);
  if (wish === "all") return undefined;
  if (wish === undefined) return kinds?.[inOrder ? "little" : "big"];
  if (wish === "big" || wish === "little") {
    if (kinds !== undefined) return kinds[wish];
    throw new UserError({
      code: "D172",
      exit: "usage",
      title: `\`${board}\` has no ${wish} cores`,
      why: state.cores === undefined ? "it does not tell how many it has" : "all of them are of one kind",
      help: ["leave --cores out, or give their numbers: --cores 0-3"],
    });
  }
  const missing = wish.find((core) => state.cores !== undefined && !hasCore(state, core));
  if (missing === undefined) return [...new Set(wish)].sort((a, b) => a - b);
  throw new UserError({
    code: "D171",
    exit: "usage",
    title: `\`${board}\` has no core ${missing}`,
    why: `its ${state.cores} cores are numbered from 0 on`,
  });
}

function hasCore({ cores = 0, coreStates }: BoardState, core: number): boolean {
  return core < cores || coreStates.some((known) => known.core === core);
}

/** The state of some cores; of all where none are named. */
export function stateOfCores(state: BoardState, cores: readonly number[] | undefined): CoresState {
  const own = state.coreStates.filter(({ core }) => cores === undefined || cores.includes(core));
  const known = (
    key: "frequencyMHz" | "limitMHz" | "maxFrequencyMHz",
  ): { readonly [k in typeof key]?: number } => {
    const values = own.flatMap((core) => core[key] ?? []);
    return values.length === 0 ? {} : { [key]: Math.min(...values) };
  };
  const heat = zonesNear(state, cores).map(({ temperatureC }) => temperatureC);
  return {
    governors: [...new Set(own.flatMap(({ governor }) => governor ?? []))],
    ...known("frequencyMHz"),
    ...known("limitMHz"),
    ...known("maxFrequencyMHz"),
    ...(heat.length > 0 && { temperatureC: Math.max(...heat) }),
  };
}

/** Zones of processors where some are named so, without those of cores of the other kind. */
function zonesNear(state: BoardState, cores: readonly number[] | undefined): readonly HeatZone[] {
  const { zones } = state;
  const processors = zones.filter(({ name }) => /cpu|core|soc|big|little/i.test(name));
  const kinds = coreKinds(state);
  if (kinds === undefined || cores === undefined) return processors.length > 0 ? processors : zones;
  const isOther = cores.every((core) => kinds.little.includes(core)) ? /big/i : /little/i;
  const near = processors.filter(({ name }) => !isOther.test(name));
  return near.length > 0 ? near : zones;
}

/** Throws D173 where there are fewer cores than threads: their times would be those of waiting for one another. */
export function checkThreads(
  board: string,
  threads: number,
  state: BoardState,
  cores: readonly number[] | undefined,
): void {
  const most = cores?.length ?? state.cores;
  if (most === undefined || threads <= most) return;
  invariant(most > 0, "a choice of no cores");
  throw new UserError({
    code: "D173",
    exit: "usage",
    title: `${threads} threads have no ${threads} cores on \`${board}\``,
    why: cores === undefined ? `it has ${most}` : `--cores gives them ${cores.join(", ")}`,
    help: [`--threads ${most}, or fewer`],
  });
}
