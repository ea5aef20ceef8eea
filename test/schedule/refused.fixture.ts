import { parseKernelText } from "../../compiler/language/parse-kernel.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { chosen, listChoices, preferred, refuseUnknownKnobs } from "../../compiler/schedule/choose.ts";
import { Schedule } from "../../compiler/schedule/schedule.ts";
import { parseTrace } from "../../compiler/schedule/trace.ts";
import { compileTask } from "../../compiler/task/compile-task.ts";
import { machineOf } from "../../compiler/task/machine.ts";
import { kernelOf, matmul } from "./kernels.ts";

const mm = () => Schedule.of(matmul(6, 8, 5));
const of = (body: string, shapes: Readonly<Record<string, readonly number[]>>) =>
  Schedule.of(kernelOf(body, shapes));
const large = () =>
  of("for (const i of range(1000)) { for (const j of range(1000)) { y[i][j] = x[i][j]; } }", {
    x: [1000, 1000],
    y: [1000, 1000],
  });
const target = loadTarget("qemu-rpi4");

/** y[i] += sums of four products of 8 bits, for a target. */
const dots = (board: string, inner = "y[i] += i32(x[4 * i + k]) * i32(w[k]);") =>
  Schedule.of(
    kernelOf(
      `for (const i of range(4)) { for (const k of range(4)) { ${inner} } }`,
      { x: [16], w: [4], y: [4] },
      { x: "i8", w: "i8", y: "i32" },
    ),
    { machine: machineOf(loadTarget(board)) },
  );

/** What a refused step says, whole: its code, the step, the message. */
export const REFUSED: readonly (readonly [code: string, step: () => unknown, message: string])[] = [
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
    "S102",
    () => mm().split("i", 2, ["io", "acc"]),
    `error[S102]: cannot split \`i\`: the name \`acc\` is taken
  where: step 1 of example: {"op":"split","axis":"i","factor":2,"into":["io","acc"],"tail":"exact"}
  why:   the buffers are x, w, y, acc`,
  ],
  [
    "S103",
    () => mm().reorder("i", "i"),
    `error[S103]: cannot reorder: \`i\` is named twice
  where: step 1 of example: {"op":"reorder","order":["i","i"]}
  why:   a loop has one place in a nest`,
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
    "S124",
    () => mm().stage("x", { at: "k", as: "t" }).stage("y", { at: "t_0" }),
    `error[S124]: cannot stage \`y\` at \`t_0\`: nothing there touches it
  where: step 2 of example: {"op":"stage","buffer":"y","memory":"stack","at":"t_0"}
  why:   a copy would be made for nobody`,
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
    `error[S109]: cannot pack \`v\`: no such buffer
  where: step 1 of example: {"op":"pack","buffer":"v","dims":[]}
  why:   the buffers are x, w, y, acc`,
  ],
  [
    "S109",
    () => mm().stage("v", "i"),
    `error[S109]: cannot stage \`v\` at \`i\`: no such buffer
  where: step 1 of example: {"op":"stage","buffer":"v","at":"i","memory":"register"}
  why:   the buffers are x, w, y, acc`,
  ],
  [
    "S109",
    () => mm().prefetch("v", "i"),
    `error[S109]: cannot prefetch \`v\`: no such buffer
  where: step 1 of example: {"op":"prefetch","buffer":"v","axis":"i","ahead":1}
  why:   the buffers are x, w, y, acc`,
  ],
  [
    "S110",
    () => mm().pack("w", [{ part: "whole", dim: 0 }]),
    `error[S110]: cannot pack \`w\`: each of its 2 dimensions must appear once, whole or as outer and inner (and middle, between them)
  where: step 1 of example: {"op":"pack","buffer":"w","dims":[{"part":"whole","dim":0}]}
  why:   an element needs exactly one address`,
  ],
  [
    "S111",
    () =>
      of(
        `for (const i of range(2)) {
     for (const j of range(3)) { const t = stack([4]); t[0] = x[j]; y[j] = t[0]; }
     for (const k of range(3)) { const t = stack([4]); t[0] = x[k]; z[k] = t[0]; }
   }`,
        { x: [4], y: [4], z: [4] },
      ).stage("t", "i"),
    `error[S111]: cannot stage \`t\` at \`i\`: it is declared in different ways there
  where: step 1 of example: {"op":"stage","buffer":"t","at":"i","memory":"register"}
  why:   one copy for every iteration would have the shapes [j, 4] and [k, 4]
  help:  stage it at a loop further in`,
  ],
  [
    "S112",
    () => mm().fuse("j", "k", "jk"),
    `error[S112]: cannot fuse \`j\` and \`k\`: they are not perfectly nested
  where: step 1 of example: {"op":"fuse","outer":"j","inner":"k","into":"jk"}
  why:   what lies directly inside \`j\` is the local buffer \`acc\`
  help:  fission \`j\`, or reorder \`k\` next to it`,
  ],
  [
    "S113",
    () => mm().pad("j", 16),
    `error[S113]: cannot pad \`j\` to a multiple of 16: the extra iterations would be seen
  where: step 1 of example: {"op":"pad","axis":"j","multiple":16}
  why:   dimension 1 of w would be read up to 15, it ends at 7
  help:  stage what stands in the way into a local buffer first`,
  ],
  [
    "S113",
    () => of("for (const i of range(6)) { y[i] = x[i]; }", { x: [8], y: [6] }).pad("i", 4),
    `error[S113]: cannot pad \`i\` to a multiple of 4: the extra iterations would be seen
  where: step 1 of example: {"op":"pad","axis":"i","multiple":4}
  why:   y is an output
  help:  stage what stands in the way into a local buffer first`,
  ],
  [
    "S113",
    () =>
      Schedule.of(
        parseKernelText(
          `const TAPS = [1, -1, 2];
           export function example(x: Input<[3]>, y: Output<[3]>): void {
             for (const j of range(3)) {
               const r = stack([1]);
               for (const k of range(1)) { r[k] = x[0] * TAPS[j - k]; }
               y[j] = r[0];
             }
           }`,
          {},
        ),
      ).pad("k", 2),
    `error[S113]: cannot pad \`k\` to a multiple of 2: the extra iterations would be seen
  where: step 1 of example: {"op":"pad","axis":"k","multiple":2}
  why:   the table TAPS would be left at its front
  help:  stage what stands in the way into a local buffer first`,
  ],
  [
    "S114",
    () =>
      of(
        "for (const i of range(6)) { for (const j of range(3)) { y[i] += i + j >= 1 ? x[i + j - 1] : 0; } }",
        { x: [8], y: [6] },
      ).stage("x", { at: "i" }),
    `error[S114]: cannot stage \`x\` at \`i\`: the window leaves \`x\`
  where: step 1 of example: {"op":"stage","buffer":"x","memory":"stack","at":"i"}
  why:   dimension 0 of the window runs from -1 to 6, the buffer from 0 to 7
  help:  peel or cut the iterations at the border first`,
  ],
  [
    "S115",
    () => mm().computeAt("t", "i"),
    `error[S115]: cannot compute \`t\` at \`i\`: no such local buffer
  where: step 1 of example: {"op":"computeAt","buffer":"t","at":"i"}
  why:   the local buffers are acc`,
  ],
  [
    "S115",
    () => mm().inline("x"),
    `error[S115]: cannot inline \`x\`: no such local buffer
  where: step 1 of example: {"op":"inline","buffer":"x"}
  why:   the local buffers are acc`,
  ],
  [
    "S116",
    () =>
      of(
        `const t = stack([8]);
   for (const k of range(8)) { t[k] = y[k]; }
   for (const i of range(7)) { y[i] = t[i + 1]; }`,
        { y: [8] },
      ).inline("t"),
    `error[S116]: cannot inline \`t\`: what makes it cannot move there
  where: step 1 of example: {"op":"inline","buffer":"t"}
  why:   y[0] is read to make it, and written before or while it is used`,
  ],
  [
    "S120",
    () => mm().inline("acc"),
    `error[S120]: cannot inline \`acc\`: its elements are not each one expression
  where: step 1 of example: {"op":"inline","buffer":"acc"}
  why:   it must be made by one nest of loops with a single store, every loop counting one of its dimensions
  help:  computeAt("acc", ...) moves any nest`,
  ],
  [
    "S117",
    () =>
      of(
        `const t = stack([8]);
   for (const k of range(8)) { t[k] = x[k]; }
   for (const i of range(4)) { y[i] = t[0]; for (const j of range(8)) { y[i] += t[j]; } }`,
        { x: [8], y: [4] },
      ).computeAt("t", "j"),
    `error[S117]: cannot compute \`t\` at \`j\`: it is also used outside \`j\`
  where: step 1 of example: {"op":"computeAt","buffer":"t","at":"j"}
  why:   every use needs its window`,
  ],
  [
    "S118",
    () =>
      of(
        `const t = stack([8]);
   for (const k of range(4)) { t[k] = x[k]; }
   for (const i of range(4)) { for (const j of range(2)) { if (i + j < 4) { y[i] += t[i + j]; } } }`,
        { x: [8], y: [4] },
      ).computeAt("t", "i"),
    `error[S118]: cannot compute \`t\` at \`i\`: it would be made where it was not
  where: step 1 of example: {"op":"computeAt","buffer":"t","at":"i"}
  why:   \`k\` would run from 0 to 4, it runs from 0 to 3
  help:  peel or cut the iterations at the border first`,
  ],
  [
    "S119",
    () =>
      of(
        `const t = stack([8]);
   for (const i of range(8)) { t[i] = x[i]; }
   for (const i of range(7)) { y[i] = t[i] + t[i + 1]; }`,
        { x: [8], y: [7] },
      ).computeAt("t", "i"),
    `error[S119]: cannot compute \`t\` at \`i\`: a loop \`i\` would be nested in a loop of its name
  where: step 1 of example: {"op":"computeAt","buffer":"t","at":"i"}
  why:   the statements that make it have a loop \`i\`, and so have those that use it
  help:  give one of them another name first: split("i", 1, [...])`,
  ],
  [
    "S125",
    () =>
      of(
        `const t = stack([8]);
   for (const k of range(8)) { const q = stack([1]); q[0] = x[k]; t[k] = q[0]; }
   for (const j of range(7)) {
     const q = stack([1]);
     for (const i of range(1)) { q[0] = t[j + i]; y[j] = q[0]; }
   }`,
        { x: [8], y: [7] },
      ).computeAt("t", "i"),
    `error[S125]: cannot compute \`t\` at \`i\`: a buffer \`q\` would be declared where there is one
  where: step 1 of example: {"op":"computeAt","buffer":"t","at":"i"}
  why:   the statements that make it declare \`q\`, and so do those that use it`,
  ],
  [
    "S120",
    () =>
      of(
        `const t = stack([8]);
   for (const k of range(8)) { t[k] = 0; for (const l of range(3)) { t[k] += x[l]; } }
   for (const i of range(7)) { y[i] = t[i] + t[i + 1]; }`,
        { x: [8], y: [7] },
      ).inline("t"),
    `error[S120]: cannot inline \`t\`: its elements are not each one expression
  where: step 1 of example: {"op":"inline","buffer":"t"}
  why:   it must be made by one nest of loops with a single store, every loop counting one of its dimensions
  help:  computeAt("t", ...) moves any nest`,
  ],
  [
    "S121",
    () =>
      of(
        `const t = stack([8]);
   for (const k of range(4)) { t[k] = x[k]; }
   for (const i of range(5)) { y[i] = t[i + 1]; }`,
        { x: [8], y: [7] },
      ).inline("t"),
    `error[S121]: cannot inline \`t\`: elements are read that were never made
  where: step 1 of example: {"op":"inline","buffer":"t"}
  why:   dimension 0 is read from 1 to 5, and made from 0 to 3`,
  ],
  [
    "S122",
    () => mm().peel("i", { head: 4, tail: 3 }),
    `error[S122]: cannot peel 7 iterations off \`i\`: it has 6
  where: step 1 of example: {"op":"peel","axis":"i","head":4,"tail":3}
  why:   4 at the front and 3 at the end`,
  ],
  [
    "S123",
    () => mm().prefetch("y", "k"),
    `error[S123]: cannot prefetch \`y\` in \`k\`: nothing there touches it
  where: step 1 of example: {"op":"prefetch","buffer":"y","axis":"k","ahead":1}
  why:   what is fetched ahead is what the loop uses without a condition`,
  ],
  [
    "S123",
    () => mm().prefetch("x", "k", 1, {}, "i"),
    `error[S123]: cannot prefetch \`x\` in \`i\`: nothing there touches it
  where: step 1 of example: {"op":"prefetch","buffer":"x","axis":"k","ahead":1,"over":{},"at":"i"}
  why:   what is fetched ahead is what the loop uses without a condition`,
  ],
  [
    "S123",
    // the iteration after that with i = 1 is left out by the condition: what it would use lies before x
    () =>
      of(
        "for (const i of range(3)) { if (i < 2) { for (const j of range(4)) { y[i][j] = x[-i + 1][j]; } } }",
        { y: [3, 4], x: [2, 4] },
      ).prefetch("x", "i", 1, {}, "j"),
    `error[S123]: cannot prefetch \`x\` in \`j\`: nothing there touches it
  where: step 1 of example: {"op":"prefetch","buffer":"x","axis":"i","ahead":1,"over":{},"at":"j"}
  why:   what is fetched ahead is what the loop uses without a condition`,
  ],
  [
    "S201",
    () =>
      of("for (const i of range(4)) { for (const j of range(4)) { y[i + 1][j] = y[i][j + 1]; } }", {
        y: [5, 5],
      }).reorder("j", "i"),
    `error[S201]: cannot reorder \`i\`, \`j\`: a dependence would be reversed
  where: step 1 of example: {"op":"reorder","order":["j","i"]}
  why:   (i=0, j=1) must come before (i=1, j=0): both touch y[1][1]`,
  ],
  [
    "S201",
    () =>
      Schedule.of(
        kernelOf("for (const i of range(3)) { for (const k of range(4)) { y[0] += x[i + k]; } }", {
          x: [6],
          y: [6],
        }),
        { strict: true },
      ).reorder("k", "i"),
    `error[S201]: cannot reorder \`i\`, \`k\`: a dependence would be reversed
  where: step 1 of example: {"op":"reorder","order":["k","i"]}
  why:   (i=0, k=1) must come before (i=1, k=0): both touch y[0]`,
  ],
  [
    "S202",
    () =>
      of("for (const i of range(4)) { y[i + 1] = x[i]; z[i] = y[i + 2]; }", {
        x: [6],
        y: [6],
        z: [6],
      }).fission("i"),
    `error[S202]: cannot fission \`i\`: a later iteration needs what an earlier one has not done yet
  where: step 1 of example: {"op":"fission","axis":"i"}
  why:   statement 2 at (i=0) and an earlier statement at (i=1) both touch y[2]`,
  ],
  [
    "S203",
    () => of("for (const i of range(4)) { y[0] += x[i]; }", { x: [4], y: [1] }).vectorize("i"),
    `error[S203]: cannot vectorize \`i\`: its iterations touch the same element
  where: step 1 of example: {"op":"vectorize","axis":"i"}
  why:   (i=0) and (i=1) both touch y[0]
  help:  vectorize another loop, or stage the accumulator first`,
  ],
  [
    "S204",
    () =>
      of("for (const i of range(4)) { for (const j of range(3)) { y[2 * i + j][1] = x[i]; } }", {
        x: [4],
        y: [9, 2],
      }).parallel("i"),
    `error[S204]: cannot parallel \`i\`: its iterations touch the same element
  where: step 1 of example: {"op":"parallel","axis":"i"}
  why:   (i=0) and (i=1) both touch y[2][1]
  help:  parallel another loop, or stage the accumulator first`,
  ],
  [
    "S205",
    () =>
      of("for (const i of range(6)) { y[i] = x[i]; }", { x: [6], y: [6] })
        .vectorize("i")
        .split("i", 4, ["io", "ii"], "guard"),
    `error[S205]: cannot split: \`ii\` is a vector loop, and would hold more than assignments
  where: step 2 of example: {"op":"split","axis":"i","factor":4,"into":["io","ii"],"tail":"guard"}
  why:   the lanes of a vector take no branches and run no loops
  help:  split first, then vectorize`,
  ],
  [
    "S206",
    () =>
      of("for (const k of range(3)) { for (const i of range(4)) { y[i + k] += x[i]; } }", {
        x: [6],
        y: [6],
      })
        .parallel("i")
        .reorder("i", "k"),
    `error[S206]: cannot reorder: \`i\` is parallel, and its iterations would touch the same element
  where: step 2 of example: {"op":"reorder","order":["i","k"]}
  why:   (i=0) and (i=1) both touch y[1]
  help:  reorder first, then mark the loops`,
  ],
  [
    "S401",
    () => preferred("tile", []),
    `error[S401]: nothing to choose for \`tile\`
  why:   its constraints leave no option
  help:  loosen them, or keep one option that always fits, such as 1`,
  ],
  [
    "S402",
    () => chosen({ tile: 12 })("tile", [1, 2, 4]),
    `error[S402]: \`tile\` cannot be 12
  why:   its options are 1, 2, 4`,
  ],
  [
    "S402",
    () => chosen({ order: "icoc" })("order", ["ic-oc", "oc-ic"]),
    `error[S402]: \`order\` cannot be icoc
  why:   its options are ic-oc, oc-ic
  help:  did you mean ic-oc?`,
  ],
  [
    "S403",
    () =>
      listChoices((choose) => {
        choose("tile", [1, 2]);
        choose("tile", [1, 3]);
      }),
    `error[S403]: \`tile\` names two different knobs
  why:   its options are 1, 2 in one place and 1, 3 in another
  help:  give each knob a name of its own`,
  ],
  [
    "S404",
    () =>
      refuseUnknownKnobs(
        { rows: 4, colums: 10 },
        [
          { name: "rows", options: [4, 2] },
          { name: "columns", options: [8, 10] },
        ],
        "fast",
      ),
    `error[S404]: the schedule \`fast\` has no knob \`colums\`
  why:   its knobs and their options are rows (4, 2), columns (8, 10)
  help:  did you mean \`columns\`?`,
  ],
  [
    "S404",
    () => refuseUnknownKnobs({ tile: 4 }, [], "as written"),
    `error[S404]: the schedule \`as written\` has no knob \`tile\`
  why:   it asks for no choice`,
  ],
  [
    "S501",
    () => parseTrace([{ op: "reorder", order: ["a", "b"] }, { op: "sprit" }]),
    `error[S501]: step 2 of the trace is no step
  why:   {"op":"sprit"} fits no primitive
  help:  write a trace as \`schedule.trace\` gives it: JSON.stringify(schedule.trace)`,
  ],
  [
    "S501",
    () => parseTrace([{ op: "split", axis: "i", factor: 8, into: ["io\n#define if", "ii"], tail: "exact" }]),
    `error[S501]: step 1 of the trace is no step
  why:   \`into[0]\` cannot be "io\\n#define if": a name is letters, digits, \`_\` and \`$\`, and begins with no digit
  help:  write a trace as \`schedule.trace\` gives it: JSON.stringify(schedule.trace)`,
  ],
  [
    "S501",
    () => parseTrace(Array.from({ length: 1001 }, () => ({ op: "unroll", axis: "i" }))),
    `error[S501]: this trace is too long
  why:   it has 1001 steps, the limit is 1000
  help:  write a trace as \`schedule.trace\` gives it: JSON.stringify(schedule.trace)`,
  ],
  [
    "S126",
    () => mm().split("i", 2, ["do", "di"]),
    `error[S126]: this is no \`split\`
  where: step 1 of example: {"op":"split","axis":"i","factor":2,"into":["do","di"],"tail":"exact"}
  why:   \`into[0]\` cannot be "do": the word means something in the kernel language`,
  ],
  [
    "S126",
    () => mm().prefetch("x", "i", 1, { j: 0.5 }),
    `error[S126]: this is no \`prefetch\`
  where: step 1 of example: {"op":"prefetch","buffer":"x","axis":"i","ahead":1,"over":{"j":0.5}}
  why:   \`over.j\` cannot be 0.5: a whole number from 1 to 16777216`,
  ],
  [
    "S127",
    () => Array.from({ length: 9 }).reduce<Schedule>((s) => s.prefetch("x", "i", 1, { j: 8 }), large()),
    `error[S127]: cannot prefetch: the procedure would be too large
  where: step 8 of example: {"op":"prefetch","buffer":"x","axis":"i","ahead":1,"over":{"j":8}}
  why:   it would have 1011 loops and statements, the limit is 1000
  help:  take smaller factors, or fewer steps that copy loops: cut, peel, prefetch`,
  ],
  [
    "S127",
    () => large().prefetch("x", "i", 1, { j: 1 }),
    `error[S127]: cannot prefetch: the procedure would be too large
  where: step 1 of example: {"op":"prefetch","buffer":"x","axis":"i","ahead":1,"over":{"j":1}}
  why:   it would have 1000 requests for memory, the limit is 256
  help:  take smaller factors, or fewer steps that copy loops: cut, peel, prefetch`,
  ],
  [
    "S128",
    () =>
      Schedule.of(
        parseKernelText(
          `export function k(${"x".repeat(96)}: Input<[4]>, y: Output<[4]>): void {
             for (const i of range(4)) { y[i] = ${"x".repeat(96)}[i]; }
           }`,
          {},
        ),
      ).stage("x".repeat(96), "i"),
    `error[S128]: cannot stage \`${"x".repeat(96)}\` as \`${"x".repeat(96)}_tile\`: nothing can be called \`${"x".repeat(96)}_tile\`
  where: step 1 of k: {"op":"stage","buffer":"${"x".repeat(96)}","at":"i","memory":"register"}
  why:   it has 101 characters, the limit is 100`,
  ],
  [
    "S501",
    () => parseTrace({}),
    `error[S501]: this is no trace
  why:   a trace is a list of steps
  help:  write a trace as \`schedule.trace\` gives it: JSON.stringify(schedule.trace)`,
  ],
  [
    "S129",
    () => dots("qemu-rpi5").tensorize("i", "sdot_for"),
    `error[S129]: cannot tensorize \`i\`: there is no instruction \`sdot_for\`
  where: step 1 of example: {"op":"tensorize","axis":"i","instruction":"sdot_for"}
  why:   neon-v8 has sdot, sdot_four, udot, smmla, mull_dot, mull_dot_four, smlal_two, smlal_four, smlal_columns, smull_columns, smlal_rows, smull_row
  help:  did you mean \`sdot_four\`?`,
  ],
  [
    "S130",
    () => dots("qemu-rpi4").tensorize("i", "sdot_four"),
    `error[S130]: cannot tensorize \`i\`: \`sdot_four\` needs \`dotprod\`, which cortex-a72 lacks
  where: step 1 of example: {"op":"tensorize","axis":"i","instruction":"sdot_four"}
  why:   neon-v8 has it for cores whose file in targets/cores names the feature \`dotprod\`
  help:  \`mull_dot_four\` means the same, and cortex-a72 has it`,
  ],
  [
    "S130",
    () => dots("qemu-rpi5").tensorize("i", "smmla"),
    `error[S130]: cannot tensorize \`i\`: \`smmla\` needs \`i8mm\`, which cortex-a76 lacks
  where: step 1 of example: {"op":"tensorize","axis":"i","instruction":"smmla"}
  why:   neon-v8 has it for cores whose file in targets/cores names the feature \`i8mm\`
  help:  vectorize another loop, which widens before it multiplies`,
  ],
  [
    "S131",
    () => dots("qemu-rpi5").tensorize("i", "sdot"),
    `error[S131]: cannot tensorize \`i\`: it is not what \`sdot\` does
  where: step 1 of example: {"op":"tensorize","axis":"i","instruction":"sdot"}
  why:   \`w\` does not move along \`i\`, unlike \`b\` of the instruction
  help:  \`sdot\` means for (const i of range(4)) { for (const k of range(4)) { sum[i] += i32(a[4 * i + k]) * i32(b[4 * i + k]); } }`,
  ],
  [
    "S131",
    () => dots("qemu-rpi5", "y[i] += i32(x[4 * i + k]);").tensorize("i", "sdot_four"),
    `error[S131]: cannot tensorize \`i\`: it is not what \`sdot_four\` does
  where: step 1 of example: {"op":"tensorize","axis":"i","instruction":"sdot_four"}
  why:   it has no mul there
  help:  \`sdot_four\` means for (const i of range(4)) { for (const k of range(4)) { sum[i] += i32(a[4 * i + k]) * i32(b[k]); } }`,
  ],
  [
    "S207",
    () => dots("qemu-rpi5").tensorize("i", "sdot_four").split("k", 2, ["a", "b"]),
    `error[S207]: cannot split: \`i\` is one instruction, and would no longer be what \`sdot_four\` does
  where: step 2 of example: {"op":"split","axis":"k","factor":2,"into":["a","b"],"tail":"exact"}
  why:   its loops are i of 4, a of 2, b of 2, those of the instruction i of 4, k of 4
  help:  split first, then tensorize`,
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
