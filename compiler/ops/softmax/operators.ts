import { by, COLUMNS } from "../families.ts";
import { operatorsIn } from "../operators-in.ts";
import { hardmax } from "./hardmax.kernel.ts";
import { softmax } from "./softmax.kernel.ts";
import { softmaxPlaces } from "./softmax.schedules.ts";
import { softmaxRows } from "./softmax-rows.kernel.ts";

/** What makes rows sum up to one, or picks their largest. */
export const softmaxes = operatorsIn("softmax", {
  softmax: { kernel: softmax, ...COLUMNS },
  hardmax: { kernel: hardmax, ...COLUMNS },
  "softmax-rows": { kernel: softmaxRows, ...by("places", softmaxPlaces) },
});
