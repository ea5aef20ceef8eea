import type { Kernel } from "../../artifact/kernel.ts";
import type { Task } from "../../task/task.ts";
import type { Candidate, Named, Point, Space } from "../tune/candidate.ts";
import type { Searched } from "../tune/tune-network.ts";

/** A kernel that is made and measured elsewhere: what makes it there. Its name is a key of its contents. */
export interface AskedKernel extends Named {
  readonly task: Task;
  readonly point: Point;
}

/** The same search, of kernels that others build. */
export function askedSearch({
  space,
  task,
  ...search
}: Searched<Kernel> & { readonly task: Task }): Searched<AskedKernel> {
  const asked = (made: Candidate<Kernel> | undefined): Candidate<AskedKernel> | undefined =>
    made && { ...made, kernel: { name: made.kernel.name, task, point: made.point } };
  const there: Space<AskedKernel> = {
    points: () => space.points(),
    neighbours: (point) => space.neighbours(point),
    near: (point) => space.near(point),
    random: (rng) => space.random(rng),
    make: (point) => asked(space.make(point)),
    hopeless: space.hopeless,
  };
  return { ...search, space: there };
}
