import type { Translate } from "../translation.ts";
import { activationOperators } from "./activations.ts";
import { detectionOperators } from "./detection.ts";
import { elementwiseOperators } from "./elementwise.ts";
import { recurrentOperators } from "./recurrent.ts";
import { reductionOperators } from "./reductions.ts";
import { shapeOperators } from "./shapes.ts";
import { sliceOperators } from "./slices.ts";
import { windowOperators } from "./windows.ts";

/** Every operator of TensorFlow Lite that can be imported, by its name. To add one: put it into the table of its group. */
export const TRANSLATORS: ReadonlyMap<string, Translate> = new Map(
  Object.entries({
    ...activationOperators,
    ...detectionOperators,
    ...elementwiseOperators,
    ...recurrentOperators,
    ...reductionOperators,
    ...shapeOperators,
    ...sliceOperators,
    ...windowOperators,
  }),
);
