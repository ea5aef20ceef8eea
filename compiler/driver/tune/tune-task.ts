import { median } from "simple-statistics";
import { defined } from "../../support/assert.ts";
import { UserError } from "../../support/diagnostic.ts";
import type { Candidate, Named } from "./candidate.ts";
import type { Cost, Failed, Fault, Outcome, Stage } from "./outcome.ts";
import type { Proposals } from "./propose.ts";
import type { Effort } from "./race-kernels.ts";
import { isSurelyFaster, type Ratio, ratioOf, WORTH_CHANGING } from "./ratio.ts";

/** Gets candidates of a task ready to be measured beside its reference; nothing is built of what is known already. */
export type Measure<K extends Named> = (
  reference: Candidate<K>,
  candidates: readonly Candidate<K>[],
  stage: Stage,
  effort: Effort,
) => Promise<Measurement>;
export interface Measurement {
  /** Measures them, at most so many of those that are not known; of the others nothing is said. */
  measure(most?: number): Promise<readonly (Outcome | undefined)[]>;
  drop(): Promise<void>;
}
/** Candidates that wait to be measured. */
export interface Batch<K extends Named = Named> {
  readonly candidates: readonly Candidate<K>[];
  readonly measurement: Measurement;
}

/** How far the search for one task has come. */
export interface TaskState {
  /** The default: what everything is compared with. */
  readonly reference: Candidate<Named>;
  /** Nanoseconds or cycles of the reference. */
  readonly cost: number;
  readonly best: Candidate<Named>;
  /** Of the best, as far as it is known. */
  readonly ratio: Ratio;
  /** Nanoseconds or cycles that no kernel can take less than; 0: not known. */
  readonly bound: number;
  readonly trials: number;
  readonly faults: ReadonlyMap<Fault, number>;
  /** How much the last batch brought, in parts of the cost. */
  readonly lastGain: number;
  /** Nothing more is to be tried. */
  readonly closed: boolean;
}

/** Candidates in a batch. */
const BATCH = 16;
/** A batch that brings less than this is one in vain; so many in a row end the search. */
const WORTH_MORE = 0.005;
const MOST_IN_VAIN = 3;
/** Nor is there anything to be won where the best is within so much of what no kernel can do better. */
const NEAR_BOUND = 1.05;
/** What may still be best after the first look, and how many of them race. */
const NEAR_BEST = 1.1;
const RACERS = 4;
const SCREEN: Effort = { warmup: 1, repeats: 5, stop: 200 };
/** Turns of a race and of the final, fewer where a turn takes long: seconds for all turns of one kernel. */
const TURNS = {
  race: { most: 15, least: 5, seconds: 2 },
  final: { most: 41, least: 11, seconds: 8 },
} as const;

/** A candidate and how its cost is to the reference's. */
interface Ranked<K extends Named> {
  readonly candidate: Candidate<K>;
  readonly ratio: Ratio;
}
const NOTHING: Measurement = { measure: async () => [], drop: async () => {} };
const EQUAL: Ratio = { median: 1, low: 1, high: 1 };

/** The search for one task: one batch after another, then the end. */
export interface Search {
  /** Undefined before the first batch. */
  readonly state: TaskState | undefined;
  /** Proposes the next candidates by what is known now, and has them built. */
  prepare(): Promise<Batch>;
  /** Tries candidates, at most so many that are not known already; only then is the batch cut. Throws R153 where the default is not right. */
  take(batch: Batch, most?: number): Promise<void>;
  /** Makes sure of the best: the reference stays, unless another is surely faster. */
  finish(): Promise<void>;
}

export class TaskSearch<K extends Named> implements Search {
  private readonly proposals: Proposals<K>;
  private readonly measure: Measure<K>;
  private readonly bound: number;
  private readonly ranked: Ranked<K>[] = [];
  private readonly faults = new Map<Fault, number>();
  private reference: Candidate<K> | undefined;
  private best: Ranked<K> | undefined;
  private kind: Cost["kind"] = "measured";
  private cost = 0;
  private trials = 0;
  private inVain = 0;
  private lastGain = 0;
  private closed = false;

  /** @param bound what no kernel can cost less than; 0: not known */
  constructor(proposals: Proposals<K>, measure: Measure<K>, bound = 0) {
    [this.proposals, this.measure, this.bound] = [proposals, measure, bound];
  }

  get state(): TaskState | undefined {
    const { reference, best, cost, bound, trials, lastGain, closed } = this;
    const faults = withBroken(this.faults, this.proposals.broken);
    if (reference === undefined || best === undefined) return undefined;
    const { candidate, ratio } = best;
    return { reference, best: candidate, ratio, cost, bound, trials, faults, lastGain, closed };
  }

  async prepare(): Promise<Batch<K>> {
    const candidates = await this.proposals.next(BATCH);
    this.reference ??= defined(candidates[0], "the default");
    const measurement =
      candidates.length === 0 ? NOTHING : await this.measure(this.reference, candidates, "screen", SCREEN);
    return { candidates, measurement };
  }

  async take({ candidates, measurement }: Batch<K>, most?: number): Promise<void> {
    const reference = defined(this.reference, "the default");
    const outcomes = await measurement.measure(most);
    if (this.best === undefined) this.weigh(defined(outcomes[0], "the default's outcome"));
    const before = this.best?.ratio.median ?? 1;
    this.best ??= { candidate: reference, ratio: EQUAL };
    for (const [i, candidate] of candidates.entries()) {
      const ratio = this.ratioOf(outcomes[i]);
      if (outcomes[i] !== undefined) this.proposals.tell(candidate, ratio?.median);
      if (ratio === undefined || candidate === reference || isByPart(outcomes[i])) continue;
      this.ranked.push({ candidate, ratio });
      if (ratio.median < this.best.ratio.median) this.best = { candidate, ratio };
    }
    const tried = outcomes.filter((outcome) => outcome !== undefined).length;
    this.trials += tried;
    this.lastGain = Math.max(0, before - this.best.ratio.median);
    this.inVain = this.lastGain < WORTH_MORE && this.trials > BATCH ? this.inVain + 1 : 0;
    const isWhole = tried === candidates.length;
    const isDone = this.inVain >= MOST_IN_VAIN || candidates.length === 0 || this.isNearBound();
    if (isWhole && isDone) this.closed = true;
  }

  async finish(): Promise<void> {
    const reference = defined(this.reference, "the default");
    const near = this.nearest();
    this.closed = true;
    this.best = { candidate: reference, ratio: EQUAL };
    const winner = near.length === 0 ? undefined : await this.decide(reference, near);
    if (winner !== undefined && isSurelyFaster(winner.ratio)) this.best = winner;
  }

  private isNearBound(): boolean {
    return this.cost * (this.best?.ratio.median ?? 1) <= NEAR_BOUND * this.bound;
  }

  private weigh(reference: Outcome): void {
    if (reference.outcome !== "ok") throw noReference(reference);
    this.kind = reference.cost.kind;
    this.cost = costOf(reference.cost);
  }

  private ratioOf(outcome: Outcome | undefined): Ratio | undefined {
    if (outcome === undefined) return undefined;
    if (outcome.outcome === "ok") return ratioOf(outcome.cost, this.cost);
    this.faults.set(outcome.outcome, (this.faults.get(outcome.outcome) ?? 0) + 1);
    return undefined;
  }

  /** What may be best by what is known, best first; none where nothing is worth a change. */
  private nearest(): readonly Ranked<K>[] {
    const ranked = [...this.ranked].sort((a, b) => a.ratio.median - b.ratio.median);
    const least = ranked[0]?.ratio.median ?? 1;
    if (least > 1 - WORTH_CHANGING) return [];
    return ranked.filter(({ ratio }) => ratio.median <= NEAR_BEST * least).slice(0, RACERS);
  }

  /** The best of some: modelled costs are exact, measured ones race, and the first of those meets the reference once more. */
  private async decide(reference: Candidate<K>, near: readonly Ranked<K>[]): Promise<Ranked<K> | undefined> {
    if (this.kind === "modelled") return near[0];
    const [first] = near.length > 1 ? await this.race(reference, near, "race") : near;
    return first && (await this.race(reference, [first], "final"))[0];
  }

  private async race(
    reference: Candidate<K>,
    of: readonly Ranked<K>[],
    stage: "race" | "final",
  ): Promise<readonly Ranked<K>[]> {
    const candidates = of.map(({ candidate }) => candidate);
    const effort = { warmup: 1, repeats: turns(this.cost, TURNS[stage]) };
    const measurement = await this.measure(reference, candidates, stage, effort);
    const outcomes = await measurement.measure().finally(() => measurement.drop());
    return candidates
      .flatMap((candidate, i) => {
        const ratio = this.ratioOf(outcomes[i]);
        return ratio === undefined ? [] : [{ candidate, ratio }];
      })
      .sort((a, b) => a.ratio.median - b.ratio.median);
  }
}

/** Counted beside what broke the compiler: that was not measured. */
function withBroken(faults: ReadonlyMap<Fault, number>, broken: number): ReadonlyMap<Fault, number> {
  return broken === 0 ? faults : new Map(faults).set("build", (faults.get("build") ?? 0) + broken);
}

function isByPart(outcome: Outcome | undefined): boolean {
  return outcome?.outcome === "ok" && outcome.cost.kind === "modelled" && outcome.cost.byPart === true;
}

function turns(
  ns: number,
  { most, least, seconds }: { readonly most: number; readonly least: number; readonly seconds: number },
): number {
  return Math.max(least, Math.min(most, Math.floor((seconds * 1e9) / (2 * Math.max(1, ns)))));
}

/** R153: what others would be compared with has to be right, and to have times that count. */
function noReference({ outcome, why }: Failed): UserError {
  const isBoards = outcome === "throttled" || outcome === "lost";
  return new UserError({
    code: "R153",
    exit: isBoards ? "boardRefused" : "wrongResult",
    title: `the default kernel is no reference: ${outcome}`,
    why,
    help: isBoards
      ? [
          "`tilewright doctor BOARD` says what is wrong with the board; --cool-down 55C waits for a cooler one",
        ]
      : ["this is a bug, or a board that cannot be relied on: please report it with what was typed"],
  });
}

/** Cycles, or the median of nanoseconds. */
function costOf(cost: Cost): number {
  return cost.kind === "modelled" ? cost.cycles : median([...cost.reference]);
}
