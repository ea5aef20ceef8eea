import type { Sizes } from "../language/kernel.ts";
import type { Target } from "../machine/target.schema.ts";
import type { Schedule } from "../schedule/schedule.ts";
import type { NamedSchedule, Scheduled } from "./op.ts";

/** Vectors of columns that are worked on side by side, so that one waits while others go on. */
const VECTORS = 2;

/** Neighbours behind the axis in lanes, each with a maximum and a sum of its own (softmax, hardmax, arg-extreme, cum-sum, places). */
export const columnsInLanes: NamedSchedule<Sizes<"K">> = (generic, d, target): Scheduled => {
  const { lanes } = target.isa;
  const start = (generic as Schedule<"m" | "l" | "k">)
    .split("l", lanes, ["lv", "li"], "cut")
    .split("lv", VECTORS, ["lo", "lu"], "cut");
  const locals = ["top", "sum", "scale", "logarithm", "rest", "best", "place", "before"].filter((local) =>
    declares(start, local),
  );
  const staged = locals.reduce<Schedule>((s, local) => s.stage(local, "lo"), start as Schedule);
  const apart = staged.fission("lu", "li").reorder("k", "lu", "li");
  const schedule = apart.unroll("lu").vectorize("li");
  return { schedule: schedule.parallel("m", "lo"), choice: `${lanes} columns in lanes, ${d.K} rows each` };
};

/** `columns` where there is a vector of them. */
export function pickByColumns(_s: Schedule, d: Sizes<"L">, target: Target): "columns" | "plain" {
  return d.L >= target.isa.lanes ? "columns" : "plain";
}

function declares({ proc }: { readonly proc: Schedule["proc"] }, local: string): boolean {
  return JSON.stringify(proc.body).includes(`"buffer":"${local}"`);
}
