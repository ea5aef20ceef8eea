/** One step of the tutorial: what is done, why, and which functions of conv.schedules.ts do it. */
export interface TutorialStep {
  readonly title: string;
  readonly text: string;
  /** Function of conv/conv.schedules.ts; the others are those it is made of, shown when they first appear. */
  readonly schedule: string;
  readonly shown: readonly string[];
}

export const CONV_DIMS = { OC: 32, IC: 16, OH: 28, OW: 28, KH: 3, KW: 3, IH: 30, IW: 30 };
export const MATMUL_DIMS = { M: 784, N: 64, K: 64 };

export const STEPS: readonly TutorialStep[] = [
  {
    title: "The loops as they are written",
    text: "A schedule that takes no step. The C has the kernel's loops; what becomes of them is the C compiler's affair.",
    schedule: "step1",
    shown: ["step1"],
  },
  {
    title: "Four output channels innermost",
    text: "Vectors want an innermost loop whose iterations are independent, and each of 4 output channels has a sum of its own. `split` makes a loop of four of them and `reorder` moves it inside. The accumulator is declared inside that loop, so it gets four copies outside it (`stage`); `fission` then gives the clearing, the sum and the store a loop each, and the sum's loop can go below the reduction.",
    schedule: "step2",
    shown: ["step2", "inner"],
  },
  {
    title: "Into the lanes of a vector",
    text: "`pack` puts the four channels side by side in memory, for the weights (at compile time, for nothing) and the output. Then `vectorize` makes the loop one instruction, and the accumulators can be registers. Each multiply-add still loads its weights and broadcasts its input, so there is more to execute than before: what is shared comes next.",
    schedule: "step3",
    shown: ["step3", "blocked"],
  },
  {
    title: "A tile of columns",
    text: "The weights are the same for every column: seven columns in registers use a vector of weights seven times for each load of it. Their inputs lie side by side: one load brings four, and each multiply-add takes the lane it wants (`fmla v0.4s, v1.4s, v2.s[1]`) instead of a broadcast. `cut` would make a second, shorter nest for columns left over; here there are none, as 28 is four times seven.",
    schedule: "step4",
    shown: ["step4", "columns"],
  },
  {
    title: "The kernel's columns written out",
    text: "Neighbouring outputs read neighbouring inputs: with the three columns of the kernel written out, seven outputs read nine inputs and not twenty-one.",
    schedule: "step5",
    shown: ["step5"],
  },
  {
    title: "Input channels by lane",
    text: "Seven or nine inputs of a row are no whole number of vectors. With the input packed in fours too, one load brings four input channels of a pixel, no lane is wasted, and the loop over channels has a quarter of the iterations.",
    schedule: "step6",
    shown: ["step6", "byLane"],
  },
  {
    title: "As many columns as the registers hold",
    text: "`tilewright explain` says how many registers are alive at once: fourteen columns need 14 accumulators beside 12 vectors of weights and the inputs passing by, nearly all of the 32. `choose` makes the size a knob that `--set columns=10` or the tuner may turn. The estimate keeps to the order of the C; the count below shows that gcc did not.",
    schedule: "step7",
    shown: ["step7"],
  },
  {
    title: "Keep the order, divide the work",
    text: "Tilewright orders multiply-adds so that few vectors are alive at a time. gcc's first scheduling pass mixes them again and spills registers, a later one pulls neighbouring stores apart; `-fno-schedule-insns` and `-fno-schedule-fusion` leave the order alone. `parallel` hands blocks of channels and rows to threads.",
    schedule: "step8",
    shown: ["step8"],
  },
];

/** A schedule that is refused, and what to learn from it. */
export const WRONG: readonly { readonly schedule: string; readonly text: string }[] = [
  { schedule: "tail", text: "A split that does not come out even says what the choices are." },
  { schedule: "race", text: "A loop whose iterations touch the same element is refused with two of them." },
  {
    schedule: "address",
    text: "Not every mistake is an illegal step: this schedule is right, but a register cannot be chosen by a loop variable. Unrolling `ow` would ask for 28 of them; `split` it first, as step 4 does.",
  },
];
