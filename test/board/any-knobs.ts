import type { CompileOptions } from "../../compiler/driver/compile-network.ts";
import type { Rng } from "../../compiler/support/rng.ts";
import { taskKnobs } from "../../compiler/task/compile-task.ts";

/** Sets every knob to any of its options. */
export function anyKnobs(rng: Rng): CompileOptions["search"] {
  return async (task, target) => {
    const knobs = taskKnobs(task, target).map(({ name, options }) => [
      name,
      options[rng.int(options.length)],
    ]);
    const chosen = { choices: Object.fromEntries(knobs), choice: "any", cycles: 1 };
    return { chosen, candidates: [chosen] };
  };
}
