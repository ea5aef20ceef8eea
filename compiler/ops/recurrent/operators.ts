import { operatorsIn } from "../operators-in.ts";
import { plain } from "../plain.schedules.ts";
import { type GruSizes, gru } from "./gru.kernel.ts";
import { lstm } from "./lstm.kernel.ts";
import { gatesInLanes } from "./recurrent.schedules.ts";
import { rnn } from "./rnn.kernel.ts";

/** Of the states before; those of the inputs are a dense layer's. */
const recurrentMacs = (d: Pick<GruSizes, "T" | "N" | "H"> & Partial<Pick<GruSizes, "G">>): number =>
  d.T * d.N * d.H * (d.G ?? d.H);

/** All steps of a recurrent layer. */
const RECURRENT = {
  schedules: { gates: gatesInLanes, plain },
  pick: () => "gates",
  macs: recurrentMacs,
} as const;

/** Layers whose steps need what the step before gave. */
export const recurrentLayers = operatorsIn("recurrent", {
  lstm: { kernel: lstm, ...RECURRENT },
  gru: { kernel: gru, ...RECURRENT },
  rnn: { kernel: rnn, ...RECURRENT },
});
