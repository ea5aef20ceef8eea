import { describe, expect, test } from "vitest";
import { parseKernelText } from "../../compiler/language/parse-kernel.ts";
import { lower } from "../../compiler/lower/lower.ts";
import { Schedule } from "../../compiler/schedule/schedule.ts";
import { loadTarget } from "../../compiler/target/load.ts";
import { compileTask } from "../../compiler/task/compile-task.ts";
import { messageOf } from "../support/message.ts";
import { kernelOf, matmul } from "./kernels.ts";

const mm = () => Schedule.of(matmul(6, 8, 5));
const target = loadTarget("qemu-rpi4");

/** What a refused step says, whole. */
const REFUSED: readonly (readonly [code: string, step: () => unknown, message: string])[] = [
  [
    "S101",
    () => mm().split("ii", 2, ["a", "b"]),
    `error[S101]: cannot split \`ii\`: no such loop
  where: step 1 of example: {"op":"split","axis":"ii","factor":2,"into":["a","b"],"tail":"exact"}
  why:   the loops are i, j, k
  help:  did you mean \`i\`?`,
  ],
  [
    "S102",
    () => mm().split("i", 2, ["io", "j"]),
    `error[S102]: cannot split \`i\`: the name \`j\` is taken
  where: step 1 of example: {"op":"split","axis":"i","factor":2,"into":["io","j"],"tail":"exact"}
  why:   the loops are i, j, k`,
  ],
  [
    "S104",
    () => mm().split("i", 4, ["io", "ii"]),
    `error[S104]: cannot split \`i\` by 4: 6 is not a multiple of 4
  where: step 1 of example: {"op":"split","axis":"i","factor":4,"into":["io","ii"],"tail":"exact"}
  why:   6 = 1 * 4 + 2, and tail "exact" allows no remainder
  help:  use tail "cut" (adds a nest of 2) or "guard"
  help:  divisors of 6: 1, 2, 3, 6`,
  ],
  [
    "S105",
    () => mm().reorder("k", "j"),
    `error[S105]: cannot reorder \`j\` and \`k\`: they are not perfectly nested
  where: step 1 of example: {"op":"reorder","order":["k","j"]}
  why:   between them lie a local buffer or a condition
  help:  stage the local buffer and fission the loops between first`,
  ],
  [
    "S106",
    () => mm().fission("j"),
    `error[S106]: cannot fission \`j\`: \`acc\` is local to one iteration
  where: step 1 of example: {"op":"fission","axis":"j"}
  why:   its value passes from one statement of the body to the next
  help:  stage("acc", ...) at a loop outside \`j\` first`,
  ],
  [
    "S107",
    () => mm().stage("acc", "k"),
    `error[S107]: cannot stage \`acc\` at \`k\`: it is not declared inside that loop
  where: step 1 of example: {"op":"stage","buffer":"acc","at":"k","memory":"register"}
  why:   \`acc\` is declared elsewhere`,
  ],
  [
    "S108",
    () => mm().vectorize("j"),
    `error[S108]: cannot vectorize \`j\`: it is not an innermost loop of plain statements
  where: step 1 of example: {"op":"vectorize","axis":"j"}
  why:   a vector loop holds only assignments
  help:  reorder it innermost, and fission it from its neighbours`,
  ],
  [
    "S109",
    () => mm().pack("v", []),
    `error[S109]: cannot pack \`v\`: no such parameter
  where: step 1 of example: {"op":"pack","buffer":"v","dims":[]}
  why:   the parameters are x, w, y`,
  ],
  [
    "S110",
    () => mm().pack("w", [{ part: "whole", dim: 0 }]),
    `error[S110]: cannot pack \`w\`: each of its 2 dimensions must appear once, whole or as outer and inner
  where: step 1 of example: {"op":"pack","buffer":"w","dims":[{"part":"whole","dim":0}]}
  why:   an element needs exactly one address`,
  ],
  [
    "S201",
    () =>
      Schedule.of(
        kernelOf("for (const i of range(4)) { for (const j of range(4)) { y[i + 1][j] = y[i][j + 1]; } }", {
          y: [5, 5],
        }),
      ).reorder("j", "i"),
    `error[S201]: cannot reorder \`i\`, \`j\`: a dependence would be reversed
  where: step 1 of example: {"op":"reorder","order":["j","i"]}
  why:   (i=0, j=1) must come before (i=1, j=0): both touch an element of y`,
  ],
  [
    "S202",
    () =>
      Schedule.of(
        kernelOf("for (const i of range(4)) { y[i + 1] = x[i]; z[i] = y[i + 2]; }", {
          x: [6],
          y: [6],
          z: [6],
        }),
      ).fission("i"),
    `error[S202]: cannot fission \`i\`: a later iteration needs what an earlier one has not done yet
  where: step 1 of example: {"op":"fission","axis":"i"}
  why:   statement 2 at (i=0) and an earlier statement at (i=1) both touch an element of y`,
  ],
  [
    "S203",
    () =>
      Schedule.of(kernelOf("for (const i of range(4)) { y[0] += x[i]; }", { x: [4], y: [1] })).vectorize("i"),
    `error[S203]: cannot vectorize \`i\`: its iterations touch the same element
  where: step 1 of example: {"op":"vectorize","axis":"i"}
  why:   (i=0) and (i=1) both touch an element of y
  help:  vectorize another loop, or stage the accumulator first`,
  ],
  [
    "S204",
    () =>
      Schedule.of(kernelOf("for (const i of range(4)) { y[0] += x[i]; }", { x: [4], y: [1] })).parallel("i"),
    `error[S204]: cannot parallel \`i\`: its iterations touch the same element
  where: step 1 of example: {"op":"parallel","axis":"i"}
  why:   (i=0) and (i=1) both touch an element of y
  help:  parallel another loop, or stage the accumulator first`,
  ],
  [
    "L101",
    () => lower(mm().stage("acc", "i").proc, target),
    `error[L101]: registers of \`acc\` are chosen by \`j\` at run time
  why:   a register has no address
  help:  unroll \`j\`, or stage \`acc\` on the stack`,
  ],
  [
    "L102",
    () =>
      lower(
        Schedule.of(
          kernelOf("for (const i of range(4)) { y[i][0] = x[i][0]; }", { x: [4, 3], y: [4, 3] }),
        ).vectorize("i").proc,
        target,
      ),
    `error[L102]: cannot load or store \`y\` along \`i\` as one vector
  why:   neighbouring iterations touch elements that are 3 elements apart
  help:  pack \`y\` so that \`i\` is its last dimension, or vectorize another loop`,
  ],
  [
    "L103",
    () =>
      lower(
        Schedule.of(
          kernelOf("for (const i of range(4)) { y[i] = exp(x[i]); }", { x: [4], y: [4] }),
        ).vectorize("i").proc,
        target,
      ),
    `error[L103]: cannot vectorize \`i\`: exp has no vector form
  why:   the instruction sets at hand have no such operation on vectors
  help:  fission \`i\` so that the rest can be vectorized`,
  ],
  [
    "S301",
    () => compileTask({ op: "conv3d", dims: {}, storage: {} }, target),
    `error[S301]: unknown operator \`conv3d\`
  help:  did you mean \`conv2d\`?`,
  ],
  [
    "S302",
    () =>
      compileTask({ op: "clamp", dims: { N: 1, C: 4, H: 1, W: 1, LO: 0, HI: 6 }, storage: {} }, target, {
        schedule: "in-lane",
      }),
    `error[S302]: operator \`clamp\` has no schedule \`in-lane\`
  help:  did you mean \`in-lanes\`?`,
  ],
];

describe("a refused step says what, why and what to do instead", () => {
  test.each(REFUSED)("%s", async (_code, step, message) => {
    expect(await messageOf(step)).toBe(message);
  });
  test("kernels given as text report where", async () => {
    expect(await messageOf(() => parseKernelText("export function f(): void { y = 1; }", {}))).toContain(
      "error[K",
    );
  });
});
