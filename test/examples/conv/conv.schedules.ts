import type { Schedule, ScheduleContext } from "tilewright";

type Conv = Schedule<"oc" | "oh" | "ow" | "ic" | "kh" | "kw">;

/** As written. */
export function step1(s: Conv) {
  return s;
}

/** Four output channels side by side, innermost. */
export function step2(s: Conv, context: ScheduleContext) {
  return inner(s, context, "stack");
}

/** Those four neighbours in memory, and in the lanes of one vector. */
export function step3(s: Conv, context: ScheduleContext) {
  return blocked(inner(s, context, "register"), context).vectorize("oci");
}

/** Seven columns of outputs share each vector of weights. */
export function step4(s: Conv, context: ScheduleContext) {
  return columns(s, context, 7).vectorize("oci");
}

/** The kernel's columns written out: a value of x serves up to three outputs. */
export function step5(s: Conv, context: ScheduleContext) {
  return columns(s, context, 7).unroll("kw").vectorize("oci");
}

/** Four input channels side by side too: one load of x brings four, used by lane. */
export function step6(s: Conv, context: ScheduleContext) {
  return byLane(s, context, 7).vectorize("oci");
}

/** As many columns as the registers hold. */
export function step7(s: Conv, context: ScheduleContext) {
  const { choose } = context;
  return byLane(s, context, choose("columns", [14, 12, 10, 7])).vectorize("oci");
}

/** Rows for several threads, and the order of the instructions as it stands. */
export function step8(s: Conv, context: ScheduleContext) {
  return {
    schedule: step7(s, context).parallel("oco", "oh"),
    choice: "14 columns x 4 channels in registers, input channels by lane",
    cflags: ["-fno-schedule-insns", "-fno-schedule-fusion"],
  };
}

function inner(s: Conv, { target }: ScheduleContext, memory: "register" | "stack") {
  return s
    .split("oc", target.isa.lanes, ["oco", "oci"])
    .reorder("oco", "oh", "ow", "oci")
    .stage("acc", "ow", memory)
    .fission("oci")
    .reorder("ic", "kh", "kw", "oci");
}

function blocked<A extends string>(s: Schedule<A>, { target }: ScheduleContext): Schedule<A> {
  const { lanes } = target.isa;
  return s
    .pack("w", [
      { part: "outer", dim: 0, factor: lanes },
      { part: "whole", dim: 1 },
      { part: "whole", dim: 2 },
      { part: "whole", dim: 3 },
      { part: "inner", dim: 0, factor: lanes },
    ])
    .pack("y", [
      { part: "outer", dim: 0, factor: lanes },
      { part: "whole", dim: 1 },
      { part: "whole", dim: 2 },
      { part: "inner", dim: 0, factor: lanes },
    ]);
}

function columns(s: Conv, context: ScheduleContext, tile: number) {
  return blocked(s, context)
    .split("oc", context.target.isa.lanes, ["oco", "oci"])
    .reorder("oco", "oh", "ow", "oci")
    .split("ow", tile, ["owo", "owi"], "cut")
    .stage("acc", "owo")
    .fission("owi", "oci")
    .reorder("ic", "kh", "kw", "owi", "oci")
    .unroll("owi");
}

function byLane(s: Conv, context: ScheduleContext, tile: number) {
  const { lanes } = context.target.isa;
  return columns(s, context, tile)
    .pack("x", [
      { part: "outer", dim: 0, factor: lanes },
      { part: "whole", dim: 1 },
      { part: "whole", dim: 2 },
      { part: "inner", dim: 0, factor: lanes },
    ])
    .split("ic", lanes, ["ico", "ici"])
    .reorder("ico", "kh", "kw", "ici", "owi", "oci")
    .unroll("kw", "ici");
}
