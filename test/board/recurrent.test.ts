import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import {
  floatAttribute,
  floatsAttribute,
  intAttribute,
  textAttribute,
  textsAttribute,
} from "../../compiler/frontend/onnx/node-attributes.ts";
import { type ModelText, weights } from "../frontend/onnx-model.ts";
import { type OnnxCases, wrongCases } from "./onnx-cases.ts";

const folder = mkdtempSync(join(tmpdir(), "tilewright-recurrent-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const GATES = { RNN: 1, GRU: 3, LSTM: 4 } as const;
interface Form {
  readonly opset?: number;
  readonly sizes?: readonly [steps: number, batch: number, inputs: number, states: number];
  readonly direction?: "forward" | "reverse" | "bidirectional";
  readonly biases?: false;
  /** Inputs that are there: activations, or constants in capitals. */
  readonly states?: "given" | "constant";
  readonly peepholes?: true;
  readonly layout?: 1;
  readonly lengths?: true;
  readonly numbers?: Readonly<Record<string, number>>;
  readonly clip?: number;
  readonly activations?: readonly string[];
  readonly alpha?: readonly number[];
  readonly beta?: readonly number[];
  /** Which outputs have a name. */
  readonly outputs?: readonly number[];
}

function layer(opType: keyof typeof GATES, form: Form): ModelText {
  const { opset = 14, sizes = [5, 2, 3, 6], direction = "forward", layout = 0, outputs } = form;
  const [t, n, i, h] = sizes;
  const d = direction === "bidirectional" ? 2 : 1;
  const g = GATES[opType] * h;
  const state = layout ? [n, d, h] : [d, n, h];
  const given = form.states === "given";
  const constants = [
    ["w", [d, g, i]],
    ["r", [d, g, h]],
    ...(form.biases === false ? [] : ([["b", [d, 2 * g]]] as const)),
    ...(form.states === "constant"
      ? ([
          ["h0", state],
          ["c0", state],
        ] as const)
      : []),
    ...(form.peepholes ? ([["p", [d, 3 * h]]] as const) : []),
  ] as const;
  const count = opType === "LSTM" ? 3 : 2;
  const named = outputs ?? Array.from({ length: count }, (_, o) => o);
  const lstm = opType === "LSTM";
  const input = [
    ...["x", "w", "r", form.biases === false ? "" : "b", form.lengths ? "lengths" : ""],
    ...(form.states ? ["h0", ...(lstm ? ["c0"] : [])] : lstm && form.peepholes ? ["", ""] : []),
    ...(form.peepholes ? ["p"] : []),
  ];
  return {
    opset,
    inputs: {
      x: layout ? [n, t, i] : [t, n, i],
      ...(given ? { h0: state, ...(lstm && { c0: state }) } : {}),
    },
    outputs: named.map((o) => `y${o}`),
    nodes: [
      {
        name: "layer",
        opType,
        input,
        output: Array.from({ length: count }, (_, o) => (named.includes(o) ? `y${o}` : "")),
        attribute: [
          intAttribute("hidden_size", h),
          textAttribute("direction", direction),
          ...(layout ? [intAttribute("layout", 1)] : []),
          ...Object.entries(form.numbers ?? {}).map(([name, v]) => intAttribute(name, v)),
          ...(form.clip === undefined ? [] : [floatAttribute("clip", form.clip)]),
          ...(form.activations ? [textsAttribute("activations", form.activations)] : []),
          ...(form.alpha ? [floatsAttribute("activation_alpha", form.alpha)] : []),
          ...(form.beta ? [floatsAttribute("activation_beta", form.beta)] : []),
        ],
      },
    ],
    weights: [
      ...constants.filter(([name]) => name !== "c0" || lstm).map(([name, shape]) => weights(name, shape)),
      ...(form.lengths
        ? [
            {
              name: "lengths",
              dims: [n],
              dataType: 6,
              rawData: new Uint8Array(Int32Array.from({ length: n }, () => t).buffer),
            },
          ]
        : []),
    ],
  };
}

const LATE = { linear_before_reset: 1 };
const CASES: OnnxCases = {
  LSTM: layer("LSTM", {}),
  "LSTM of opset 7": layer("LSTM", { opset: 7, biases: false }),
  "LSTM of opset 22": layer("LSTM", { opset: 22, sizes: [3, 1, 8, 16] }),
  "LSTM back": layer("LSTM", { direction: "reverse", states: "given" }),
  "LSTM both": layer("LSTM", { direction: "bidirectional", states: "constant", peepholes: true }),
  "LSTM with peepholes": layer("LSTM", { peepholes: true }),
  "LSTM that forgets what it takes in": layer("LSTM", { numbers: { input_forget: 1 } }),
  "LSTM clipped": layer("LSTM", { clip: 0.3 }),
  "LSTM, states only": layer("LSTM", { outputs: [1, 2], lengths: true }),
  "LSTM, last state only": layer("LSTM", { outputs: [1], direction: "bidirectional" }),
  "LSTM, other activations": layer("LSTM", {
    activations: ["HardSigmoid", "Softsign", "Relu"],
    alpha: [0.3],
    beta: [0.6],
  }),
  GRU: layer("GRU", {}),
  "GRU late": layer("GRU", { numbers: LATE, states: "given" }),
  "GRU late, no biases": layer("GRU", { numbers: LATE, biases: false, sizes: [4, 1, 5, 8] }),
  "GRU of opset 7": layer("GRU", { opset: 7, sizes: [4, 1, 8, 32] }),
  "GRU both": layer("GRU", { direction: "bidirectional", numbers: LATE, states: "constant" }),
  "GRU back, clipped": layer("GRU", { direction: "reverse", clip: 0.5 }),
  RNN: layer("RNN", {}),
  "RNN of Relu": layer("RNN", { activations: ["Relu"], states: "given" }),
  "RNN both": layer("RNN", {
    direction: "bidirectional",
    activations: ["LeakyRelu", "Elu"],
    alpha: [0.2, 0.7],
    lengths: true,
  }),
  "RNN of opset 7": layer("RNN", { opset: 7, sizes: [6, 3, 7, 13] }),
};

/** Sigmoid and Tanh of ONNX Runtime's recurrent layers are approximations. */
const SLACK = 1e-6;

test.each(["host", "qemu-rpi4", "qemu-rpi2"])(
  "recurrent layers are right on %s",
  async (board) => {
    const { wrong, ops } = await wrongCases(board, CASES, join(folder, board), SLACK);
    expect(wrong).toEqual([]);
    for (const op of ["lstm", "gru", "rnn"]) expect(ops).toContain(op);
  },
  300_000,
);
