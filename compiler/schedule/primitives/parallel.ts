import { checkRaces, modePrimitive } from "./mode.ts";

/**
 * Lets iterations run at the same time on several threads. They must not touch each other's elements. Handed out are
 * the outermost perfectly nested parallel loops, and all statements beside them where these may run at the same time, too
 * (join-nests.ts). Where one needs another, they are handed out one after the other (ir/steps.ts). A parallel loop below another one is
 * a plain loop; one below a serial loop is, too, and `schedule` and `explain` warn of it (lost-threads.ts).
 *
 * ```ts before
 * for (const i of range(3)) { for (const j of range(8)) { y[i] += x[i][j]; } }
 * ```
 * ```ts after parallel("i")
 * for (const i of parallel(3)) { for (const j of range(8)) { y[i] += x[i][j]; } }
 * ```
 */
export const parallel = modePrimitive("parallel", (proc, axis) => checkRaces(proc, "S204", "parallel", axis));
