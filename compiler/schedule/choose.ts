import { UserError } from "../support/diagnostic.ts";
import { didYouMean, someOf } from "../support/text.ts";

/** What a knob of a schedule can be set to. */
export type Option = number | string | boolean;

/** Picks one of the options of a knob; the schedule's own preference comes first. */
export type Choose = <const T extends Option>(name: string, options: readonly T[]) => T;

/** One knob: its name and what it can be set to, the preferred option first. */
export interface Choice {
  readonly name: string;
  readonly options: readonly Option[];
}

/** Knobs by name, as a log or a command line gives them. */
export type Choices = Readonly<Record<string, Option>>;

/** Takes the first option of every knob. */
export const preferred: Choose = (name, options) => {
  if (options.length === 0) throw noOptions(name);
  return options[0];
};

/** Takes the options named, and the preferred one of every knob not named. */
export function chosen(choices: Choices): Choose {
  return (name, options) => {
    const wanted = Object.hasOwn(choices, name) ? choices[name] : undefined;
    if (wanted === undefined) return preferred(name, options);
    const found = options.find((o) => o === wanted);
    if (found !== undefined) return found;
    const near = typeof wanted === "string" ? didYouMean(wanted, options.map(String)) : undefined;
    throw new UserError({
      code: "S402",
      exit: "illegalSchedule",
      title: `\`${name}\` cannot be ${String(wanted)}`,
      why: `its options are ${someOf(options.map(String))}`,
      help: near === undefined ? [] : [`did you mean ${near}?`],
    });
  };
}

/**
 * The search space of a schedule: runs it once and lists the knobs it asks for, in order. A knob whose
 * options depend on another's choice is listed as it is under the preferred one (or under `choices`).
 */
export function listChoices(schedule: (choose: Choose) => unknown, choices: Choices = {}): readonly Choice[] {
  const { choose, knobs } = recording(chosen(choices));
  schedule(choose);
  return knobs;
}

/** The same choices; a list that each knob is added to when it is asked for, and what was taken. */
export function recording(choose: Choose): {
  readonly choose: Choose;
  readonly knobs: readonly Choice[];
  readonly taken: Choices;
} {
  const knobs: Choice[] = [];
  const taken: Record<string, Option> = {};
  const record: Choose = (name, options) => {
    const again = knobs.find((c) => c.name === name);
    if (again === undefined) knobs.push({ name, options });
    else if (JSON.stringify(again.options) !== JSON.stringify(options)) throw twoKnobs(again, options);
    const option = choose(name, options);
    taken[name] = option;
    return option;
  };
  return { choose: record, knobs, taken };
}

/** Throws S404 for a choice that no knob of the schedule asked for: it would change nothing. */
export function refuseUnknownKnobs(choices: Choices, knobs: readonly Choice[], schedule: string): void {
  const names = knobs.map((knob) => knob.name);
  const odd = Object.keys(choices).find((name) => !names.includes(name));
  if (odd === undefined) return;
  const near = didYouMean(
    odd,
    names.filter((name) => !Object.hasOwn(choices, name)),
  );
  const listed = knobs.map(({ name, options }) => `${name} (${someOf(options.map(String))})`);
  throw new UserError({
    code: "S404",
    exit: "illegalSchedule",
    title: `the schedule \`${schedule}\` has no knob \`${odd}\``,
    why:
      knobs.length === 0 ? "it asks for no choice" : `its knobs and their options are ${listed.join(", ")}`,
    help: near === undefined ? [] : [`did you mean \`${near}\`?`],
  });
}

function twoKnobs({ name, options }: Choice, again: readonly Option[]): UserError {
  return new UserError({
    code: "S403",
    exit: "illegalSchedule",
    title: `\`${name}\` names two different knobs`,
    why: `its options are ${options.join(", ")} in one place and ${again.join(", ")} in another`,
    help: ["give each knob a name of its own"],
  });
}

function noOptions(name: string): UserError {
  return new UserError({
    code: "S401",
    exit: "illegalSchedule",
    title: `nothing to choose for \`${name}\``,
    why: "its constraints leave no option",
    help: ["loosen them, or keep one option that always fits, such as 1"],
  });
}

/** All divisors that are themselves multiples of `multipleOf`, ascending. */
export function divisors(n: number, multipleOf = 1): number[] {
  const small: number[] = [];
  const large: number[] = [];
  for (let d = 1; d * d <= n; d++) {
    if (n % d !== 0) continue;
    small.push(d);
    if (d * d !== n) large.unshift(n / d);
  }
  return [...small, ...large].filter((d) => d % multipleOf === 0);
}

/** `step`, 2 * step, ..., up to `most`. */
export function multiples(step: number, most: number): number[] {
  return Array.from({ length: Math.floor(most / step) }, (_, i) => (i + 1) * step);
}

/** 1, 2, 4, ..., up to `most`. */
export function powersOfTwo(most: number): number[] {
  return most < 1 ? [] : Array.from({ length: Math.floor(Math.log2(most)) + 1 }, (_, i) => 2 ** i);
}

/** The options that meet a constraint, or the smallest of all when none does: a schedule always has one. */
export function fitting(options: readonly number[], fits: (option: number) => boolean): readonly number[] {
  const kept = options.filter(fits);
  return kept.length > 0 || options.length === 0 ? kept : [Math.min(...options)];
}

/** The options with one moved to the front: what a schedule prefers. */
export function preferring<T extends Option>(best: T, options: readonly T[]): readonly T[] {
  return options.includes(best) ? [best, ...options.filter((o) => o !== best)] : options;
}
