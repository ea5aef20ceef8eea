import type { Intent } from "../artifact/intent.ts";
import { loadsAhead } from "../lower/lower.ts";
import type { Target } from "../machine/target.schema.ts";
import type { Scheduled } from "../ops/op.ts";
import { isWidened } from "../ops/tiles.ts";
import type { Choice, Choices, Choose, Option } from "../schedule/choose.ts";
import { defined } from "../support/assert.ts";

/** How a scheduled kernel becomes machine code. */
export interface Finish {
  /** What is asked of the C compiler. */
  readonly intents: readonly Intent[];
  /** Statements that loads of vectors move past, at most. */
  readonly ahead: number;
}

/** Knobs of that: a kernel of any schedule has those that may matter to it, beside its schedule's own. */
const ASKED = "asked";
const AHEAD = "ahead";
const NAMES: readonly string[] = [ASKED, AHEAD];

/** What is asked as the schedule says. */
const USUAL = "usual";
/** What is asked, or else not, beside that: for a core in order, where an order of instructions shows. */
const OTHERWISE: readonly Intent[] = ["wide-order", "keep-registers"];
/** Statements that loads may move past in place of the usual: as many as a core begins while one load is done, and three times that. */
const FAR_AHEAD = 24;
const SOME_AHEAD = 8;

/** How a kernel is finished: as usual, unless somebody chooses. */
export function finish({ intents = [] }: Pick<Scheduled, "intents">, target: Target, choose: Choose): Finish {
  const sets = askedSets(intents, target);
  const names = sets.map(({ name }) => name);
  const asked = names.length > 1 ? choose(ASKED, names) : USUAL;
  const distances = distancesFor(intents, target);
  const ahead = distances.length > 1 ? choose(AHEAD, distances) : distances[0];
  return {
    intents: defined(
      sets.find(({ name }) => name === asked),
      asked,
    ).intents,
    ahead,
  };
}

/** Whether a knob is one of these. */
export function isFinishing({ name }: Choice): boolean {
  return NAMES.includes(name);
}

/** Settings without those that are as usual: a kernel that nobody chose otherwise has its schedule's knobs alone. */
export function withoutUsual(taken: Choices, knobs: readonly Choice[]): Choices {
  const usual = new Map(knobs.filter(isFinishing).map(({ name, options }) => [name, options[0]]));
  return Object.fromEntries(Object.entries(taken).filter(([name, option]) => usual.get(name) !== option));
}

/** Settings of these knobs alone. */
export function finishingOf(knobs: Choices): Choices {
  return Object.fromEntries(Object.entries(knobs).filter(([name]) => NAMES.includes(name)));
}

/** The same settings with each other option of one of these knobs. */
export function otherFinishes(settings: Choices, knobs: readonly Choice[]): readonly Choices[] {
  const isSet = (name: string, option: Option, usual: Option): boolean =>
    (settings[name] ?? usual) === option;
  return knobs
    .filter(isFinishing)
    .flatMap(({ name, options }) =>
      options
        .filter((option) => !isSet(name, option, options[0]))
        .map((option) => withoutUsual({ ...settings, [name]: option }, knobs)),
    );
}

/** What may be asked, the usual first. */
function askedSets(
  intents: readonly Intent[],
  target: Target,
): readonly { readonly name: string; readonly intents: readonly Intent[] }[] {
  const usual = { name: USUAL, intents };
  if (intents.length === 0 || !isWidened(target)) return [usual];
  return [
    usual,
    ...OTHERWISE.map((intent) =>
      intents.includes(intent)
        ? { name: `-${intent}`, intents: intents.filter((other) => other !== intent) }
        : { name: `+${intent}`, intents: [...intents, intent] },
    ),
  ];
}

/** How far loads may move, the usual first; only that where a tile leaves no register for them. */
function distancesFor(intents: readonly Intent[], target: Target): readonly number[] {
  const usual = loadsAhead(target);
  const full = intents.length === 0 || (!target.core.inOrder && intents.includes("keep-registers"));
  if (full || target.isa.ops.fmaLane === undefined) return [usual];
  return [usual, ...[SOME_AHEAD, FAR_AHEAD].filter((distance) => distance !== usual)];
}
