import { opCall } from "../../ops/op-call.ts";
import { defined } from "../../support/assert.ts";
import type { Recurrent } from "../graph.ts";
import { type ActivationDims, activationDims } from "./epilogue-dims.ts";
import { type NodeTask, type ParamBinding, weightBinding } from "./node-task.ts";
import { matrix } from "./operands.ts";

type Shape = readonly number[];

/** One direction of a recurrent layer; `constant`: the contents of operand i where it is one. */
export function recurrentTask(
  op: Recurrent,
  shape: (i: number) => Shape,
  constant: (i: number) => Float32Array | undefined,
): NodeTask {
  const [T, N, G] = shape(0);
  const [, H] = shape(1);
  const [f, g, h] = op.activations.map(activationDims);
  const weights = defined(constant(1), "weights of states");
  const weight = (param: string, rows: Shape, data: Float32Array): ParamBinding =>
    weightBinding(param, rows, () => data);
  const operand = (param: string, i: number, of: Shape): ParamBinding => {
    const data = constant(i);
    return data === undefined ? matrix(param, i, of) : weight(param, of, data);
  };
  const given = (param: string, i: number, of: Shape, there: boolean | undefined): ParamBinding =>
    there ? operand(param, i, of) : { kind: "unused", param };
  const x = matrix("x", 0, [T, N, G]);
  const h0 = operand("h0", 2, [N, H]);
  const dims = { T, N, H, REV: op.reverse ? 1 : 0, CLIP: op.clip, ...asF(f) };
  const macs = T * N * G * H;
  switch (op.cell) {
    case "rnn": {
      const params = [x, weight("r", [H, H], weights), h0, matrix("y", "output", [T, N, H])];
      return { ...opCall("rnn", dims), macs, params };
    }
    case "gru": {
      const S = 2 * H;
      const params = [
        x,
        weight("r", [S, H], weights.subarray(0, S * H)),
        weight("v", [H, H], weights.subarray(S * H)),
        h0,
        given("b", 3, [H], op.resetLate),
        matrix("y", "output", [T, N, H]),
      ];
      const more = { G, S, LATE: op.resetLate ? 1 : 0, ...asG(g) };
      return { ...opCall("gru", { ...dims, ...more }), macs, params };
    }
    case "lstm": {
      const STATES = T + 1;
      const params = [
        x,
        weight("r", [G, H], weights),
        h0,
        operand("c0", 3, [N, H]),
        given("w", 4, [3, H], op.peepholes),
        matrix("y", "output", [STATES, N, H]),
      ];
      const flags = { PEEP: op.peepholes ? 1 : 0, FORGET: op.inputForget ? 1 : 0 };
      const more = { STATES, G, ...flags, ...asG(g), ...asH(h) };
      return { ...opCall("lstm", { ...dims, ...more }), macs, params };
    }
  }
}

// The dims that name an activation, each behind a letter.
const asF = ({ ACT, ALPHA, BETA }: ActivationDims) => ({ FACT: ACT, FALPHA: ALPHA, FBETA: BETA });
const asG = ({ ACT, ALPHA, BETA }: ActivationDims) => ({ GACT: ACT, GALPHA: ALPHA, GBETA: BETA });
const asH = ({ ACT, ALPHA, BETA }: ActivationDims) => ({ HACT: ACT, HALPHA: ALPHA, HBETA: BETA });
