import type { Choices } from "../../schedule/choose.ts";
import type { Rng } from "../../support/rng.ts";
import type { Features } from "./features.ts";

/** One way to compute a task: a schedule of its operator, and what each of its knobs is set to. */
export interface Point {
  readonly schedule: string;
  readonly knobs: Choices;
}

/** What is measured: C of its own, or only the name of what was measured once. Names are keys of contents. */
export interface Named {
  readonly name: string;
}

/** What a point makes. */
export interface Candidate<K extends Named> {
  readonly point: Point;
  readonly kernel: K;
  /** Characters of its C. */
  readonly characters: number;
  /** What it takes at least, from its text alone. */
  readonly draft: number;
  readonly features: Features;
}

/** What a search goes over: all points of a task, and what each of them makes. */
export interface Space<K extends Named> {
  /** Each point once, the nearest to the default first, which is the first. */
  points(): Iterator<Point, void>;
  /** Points that differ from one by a step of one knob. */
  neighbours(point: Point): Iterable<Point>;
  /** The point that is set like one of another task, as far as there is such a thing. */
  near(point: Point): Point | undefined;
  /** Any point; undefined where what was drawn is none. */
  random(rng: Rng): Point | undefined;
  /** Undefined where the schedule refuses the point. Throws an InternalError where the point breaks the compiler. */
  make(point: Point): Candidate<K> | undefined;
  /** What drafts above so many times the least is not worth a trial. */
  readonly hopeless: number;
}

/** A point as a person reads it; two are the same where their texts are. */
export function pointText({ schedule, knobs }: Point): string {
  return [schedule, ...Object.entries(knobs).map(([name, option]) => `${name}=${option}`)].join(" ");
}
