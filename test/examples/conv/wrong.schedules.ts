import type { Schedule, ScheduleContext } from "tilewright";

type Conv = Schedule<"oc" | "oh" | "ow" | "ic" | "kh" | "kw">;

/** 28 columns are no multiple of 8. */
export function tail(s: Conv) {
  return s.split("ow", 8, ["owo", "owi"]);
}

/** All input channels add to one sum. */
export function race(s: Conv) {
  return s.parallel("ic");
}

/** A tile of registers, its loop left as a loop. */
export function address(s: Conv, { target }: ScheduleContext) {
  return s
    .split("oc", target.isa.lanes, ["oco", "oci"])
    .reorder("oco", "oh", "ow", "oci")
    .stage("acc", "oh")
    .fission("ow", "oci")
    .reorder("ic", "kh", "kw", "ow", "oci")
    .vectorize("oci");
}
