import type { Choices, Option } from "../../schedule/choose.ts";
import { defined } from "../../support/assert.ts";
import { type Candidate, type Named, type Point, pointText, type Space } from "./candidate.ts";
import { immediateMeter, type Meter } from "./meter.ts";
import type { Outcome } from "./outcome.ts";
import type { TablePoint, TableTask, TuneTable } from "./tune-table.ts";

/** The space of a task whose points were all tried before: nothing is compiled. */
export function tableSpace({ points }: TableTask, hopeless: number): Space<Named> {
  const byText = new Map(points.map((point) => [pointText(point), point]));
  const options = optionsOf(points);
  return {
    points: () => points.values(),
    neighbours: (point) => neighboursIn(point, options, byText),
    near: (point) => byText.get(pointText(point)),
    random: (rng) => points[rng.int(points.length)],
    make: (point) => candidateOf(byText.get(pointText(point))),
    hopeless,
  };
}

function candidateOf(found: TablePoint | undefined): Candidate<Named> | undefined {
  if (found === undefined) return undefined;
  const { schedule, knobs, kernel, characters, draft, features } = found;
  return { point: { schedule, knobs }, kernel: { name: kernel }, characters, draft, features };
}

/** Of each knob of each schedule what it is set to somewhere, as the estimate has it: in the order of the points. */
type KnobOptions = ReadonlyMap<string, ReadonlyMap<string, readonly Option[]>>;

function optionsOf(points: readonly Point[]): KnobOptions {
  const all = new Map<string, Map<string, Option[]>>();
  for (const { schedule, knobs } of points) {
    const of = all.get(schedule) ?? new Map<string, Option[]>();
    all.set(schedule, of);
    for (const [name, option] of Object.entries(knobs)) {
      const known = of.get(name) ?? [];
      if (!known.includes(option)) of.set(name, [...known, option]);
    }
  }
  return all;
}

/** Of each knob the next setting on either side that the table has, the others as they are. */
function* neighboursIn(
  { schedule, knobs }: Point,
  options: KnobOptions,
  byText: ReadonlyMap<string, TablePoint>,
): Generator<Point, void, void> {
  for (const [name, option] of Object.entries(knobs)) {
    const all = options.get(schedule)?.get(name) ?? [];
    const at = all.indexOf(option);
    const moved = (to: Option): Choices => ({ ...knobs, [name]: to });
    for (const side of [all.slice(0, at).reverse(), all.slice(at + 1)]) {
      const near = side.find((to) => byText.has(pointText({ schedule, knobs: moved(to) })));
      if (near !== undefined) yield { schedule, knobs: moved(near) };
    }
  }
}

/** Tells what a table says of kernels; nothing runs. */
export function tableMeter({ tasks }: TuneTable): Meter<Named> {
  const outcomes = new Map(
    tasks.flatMap(({ points }) => points.map((point) => [point.kernel, outcomeOf(point)] as const)),
  );
  return immediateMeter(async (kernels) =>
    kernels.map(({ name }) => defined(outcomes.get(name), `${name} in the table`)),
  );
}

function outcomeOf({ cycles, fault }: TablePoint): Outcome {
  if (fault !== undefined) return { outcome: fault, why: "the table says so" };
  return { outcome: "ok", cost: { kind: "modelled", cycles: cycles ?? 0 } };
}
