import { type Step, type Steps, stepEnds } from "../ir/steps.ts";
import type { VBlock, VectorProc } from "../ir/vector.ts";
import type { Isa } from "../machine/target.schema.ts";
import { gridAxes } from "./c-grid.ts";
import { cBlock } from "./c-stmt.ts";
import { namesOf } from "./kernel-names.ts";

/**
 * The lines of a kernel in steps: each block of its grid is as many tasks as its steps have iterations, one step after the other.
 * So all tasks in order do the whole work, and those of one step at the same time.
 */
export function stepLines(grid: VectorProc["grid"], { before, steps }: Steps, isa: Isa): string[] {
  const ends = stepEnds(steps);
  const tasks = ends[ends.length - 1];
  const { common, own } = placed(before, steps);
  const used = new Set([common, ...own, ...steps.map(({ body }) => body)].flatMap((b) => [...namesOf(b)]));
  const inBlocks = grid.some(({ extent }) => extent > 1);
  const since = inBlocks ? "block_begin + " : "";
  return [
    "    for (ptrdiff_t task = begin; task < end;) {",
    ...(inBlocks ? [`        const ptrdiff_t block_begin = task / ${tasks} * ${tasks};`] : []),
    ...gridAxes(grid, `task / ${tasks}`, used).map((line) => `        ${line}`),
    ...cBlock(common, isa, 2),
    ...steps.flatMap(({ loops, body }, i) => {
      const first = `${since}${i === 0 ? 0 : ends[i - 1]}`;
      const last = `${since}${ends[i]}`;
      return [
        "        {",
        ...cBlock(own[i], isa, 3),
        `            const ptrdiff_t step_end = end < ${last} ? end : ${last};`,
        "            for (; task < step_end; task++) {",
        ...gridAxes(loops, `(task - (${first}))`, namesOf(body)).map((line) => `                ${line}`),
        ...cBlock(body, isa, 4),
        "            }",
        "        }",
      ];
    }),
    "    }",
  ];
}

/** What several steps need comes before all of them, what one needs before its tasks: registers are free in the others. */
function placed(
  before: VBlock,
  steps: readonly Step[],
): { readonly common: VBlock; readonly own: readonly VBlock[] } {
  const own = steps.map(({ body }) => ({ needs: [] as VBlock, names: new Set(namesOf(body)) }));
  const common = [...before].reverse().filter((s) => {
    const users = own.filter(({ names }) => "name" in s && names.has(s.name));
    for (const user of users) for (const name of namesOf([s])) user.names.add(name);
    if (users.length === 1) users[0].needs = [s, ...users[0].needs];
    return users.length > 1;
  });
  return { common: common.reverse(), own: own.map(({ needs }) => needs) };
}
