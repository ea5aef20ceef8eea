import { describe, expect, test } from "vitest";
import { readDecoded } from "../../compiler/frontend/onnx/import.ts";
import { OPERATORS } from "../../compiler/frontend/tflite/schema.ts";
import { tfliteToOnnx } from "../../compiler/frontend/tflite/to-onnx.ts";
import type { Graph } from "../../compiler/graph/graph.ts";
import { UserError } from "../../compiler/support/diagnostic.ts";
import { makeRng } from "../../compiler/support/rng.ts";
import { runReference } from "../../compiler/verify/reference.ts";
import { messageOf } from "./onnx-model.ts";
import { type Field, type TensorText, type TfliteText, tfliteModel } from "./tflite-model.ts";

const SAME: Field = { byte: 0 };
const VALID: Field = { byte: 1 };

function graphOf(text: TfliteText): Graph {
  return readDecoded(tfliteToOnnx(tfliteModel(text)), { name: "test" }).finish();
}

/** The outputs of a network of one operator, by its inputs. */
function run(text: TfliteText, inputs: Readonly<Record<string, readonly number[]>>): number[][] {
  const graph = graphOf(text);
  const given = Object.entries(inputs).map(([name, data]) => [name, Float32Array.from(data)] as const);
  const values = runReference(graph, Object.fromEntries(given));
  return graph.outputs.map((name) => [...(values.get(name) ?? [])]);
}

/** A network of one operator, whose first input is computed and whose others are constants. */
function single(
  op: string,
  x: TensorText,
  y: TensorText,
  {
    options,
    constants = {},
  }: { options?: Record<number, Field>; constants?: Record<string, TensorText> } = {},
): TfliteText {
  return {
    tensors: { x, ...constants, y },
    operators: [
      { op, inputs: ["x", ...Object.keys(constants)], outputs: ["y"], ...(options && { options }) },
    ],
    inputs: ["x"],
    outputs: ["y"],
  };
}

const rng = makeRng(3);
const random = (n: number): number[] => Array.from({ length: n }, () => Math.fround(rng.normal()));
const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
const close = (found: readonly number[], wanted: readonly number[]): void => {
  expect(found.length).toBe(wanted.length);
  wanted.forEach((w, i) => {
    expect(Math.abs(found[i] - w), `${i}: ${found[i]} and ${w}`).toBeLessThan(1e-5 * (1 + Math.abs(w)));
  });
};

type Shape4 = readonly [number, number, number, number];
/** Sums over windows of x [N, H, W, C] with rows, columns, strides; `sum` adds up what is at h, w (outside: nothing). */
function windows(
  [, H, W, C]: Shape4,
  [, OH, OW, OC]: Shape4,
  {
    kernel: [KH, KW],
    stride,
    top,
    left,
  }: { kernel: readonly [number, number]; stride: number; top: number; left: number },
  of: (taps: readonly { at: number; tap: number }[], oc: number) => number,
): number[] {
  const found: number[] = [];
  for (let oh = 0; oh < OH; oh++)
    for (let ow = 0; ow < OW; ow++)
      for (let oc = 0; oc < OC; oc++) {
        const taps: { at: number; tap: number }[] = [];
        for (let kh = 0; kh < KH; kh++)
          for (let kw = 0; kw < KW; kw++) {
            const [h, w] = [oh * stride + kh - top, ow * stride + kw - left];
            if (h >= 0 && w >= 0 && h < H && w < W) taps.push({ at: (h * W + w) * C, tap: kh * KW + kw });
          }
        found.push(of(taps, oc));
      }
  return found;
}

describe("operators of TensorFlow Lite compute what it says of them, channels last", () => {
  const X: Shape4 = [1, 5, 6, 3];
  const x = random(size(X));

  test("CONV_2D with padding SAME, a stride and an activation", () => {
    const Y: Shape4 = [1, 3, 3, 4];
    const [w, b] = [random(4 * 3 * 3 * 3), random(4)];
    const text = single(
      "CONV_2D",
      { shape: X },
      { shape: Y },
      {
        options: { 0: SAME, 1: { int: 2 }, 2: { int: 2 }, 3: { byte: 3 } },
        constants: { w: { shape: [4, 3, 3, 3], numbers: w }, b: { shape: [4], numbers: b } },
      },
    );
    // of five rows one before and one after, of six columns one after
    const wanted = windows(X, Y, { kernel: [3, 3], stride: 2, top: 1, left: 0 }, (taps, oc) => {
      const sum = taps.reduce(
        (s, { at, tap }) => s + [0, 1, 2].reduce((c, i) => c + x[at + i] * w[(oc * 9 + tap) * 3 + i], 0),
        b[oc],
      );
      return Math.min(Math.max(sum, 0), 6);
    });
    close(run(text, { x })[0], wanted);
  });

  test("DEPTHWISE_CONV_2D with two outputs for each channel", () => {
    const Y: Shape4 = [1, 4, 5, 6];
    const w = random(2 * 2 * 6);
    const text = single(
      "DEPTHWISE_CONV_2D",
      { shape: X },
      { shape: Y },
      {
        options: { 0: VALID, 1: { int: 1 }, 2: { int: 1 }, 3: { int: 2 } },
        constants: { w: { shape: [1, 2, 2, 6], numbers: w } },
      },
    );
    const wanted = windows(X, Y, { kernel: [2, 2], stride: 1, top: 0, left: 0 }, (taps, oc) =>
      taps.reduce((s, { at, tap }) => s + x[at + Math.floor(oc / 2)] * w[tap * 6 + oc], 0),
    );
    close(run(text, { x })[0], wanted);
  });

  test("TRANSPOSE_CONV: the reverse of a convolution", () => {
    const [small, w] = [random(2 * 2 * 3), random(2 * 3 * 3 * 3)];
    const text: TfliteText = {
      tensors: {
        shape: { shape: [4], type: "int32", numbers: [1, 4, 4, 2] },
        w: { shape: [2, 3, 3, 3], numbers: w },
        x: { shape: [1, 2, 2, 3] },
        y: { shape: [1, 4, 4, 2] },
      },
      operators: [
        {
          op: "TRANSPOSE_CONV",
          inputs: ["shape", "w", "x"],
          outputs: ["y"],
          options: { 0: SAME, 1: { int: 2 }, 2: { int: 2 } },
        },
      ],
      inputs: ["x"],
      outputs: ["y"],
    };
    const wanted = new Array<number>(32).fill(0);
    for (const h of [0, 1])
      for (const v of [0, 1])
        for (let oc = 0; oc < 2; oc++)
          for (let kh = 0; kh < 3; kh++)
            for (let kw = 0; kw < 3; kw++) {
              // all but one row and one column behind are there
              const [oh, ow] = [2 * h + kh, 2 * v + kw];
              if (oh >= 4 || ow >= 4) continue;
              for (let i = 0; i < 3; i++)
                wanted[(oh * 4 + ow) * 2 + oc] +=
                  small[(h * 2 + v) * 3 + i] * w[((oc * 3 + kh) * 3 + kw) * 3 + i];
            }
    close(run(text, { x: small })[0], wanted);
  });

  test("pools leave out what is padded", () => {
    const Y: Shape4 = [1, 3, 3, 3];
    const options = { 0: SAME, 1: { int: 2 }, 2: { int: 2 }, 3: { int: 2 }, 4: { int: 2 } };
    const window = { kernel: [2, 2], stride: 2, top: 0, left: 0 } as const;
    const [mean] = run(single("AVERAGE_POOL_2D", { shape: X }, { shape: Y }, { options }), { x });
    close(
      mean,
      windows(X, Y, window, (taps, c) => taps.reduce((s, { at }) => s + x[at + c], 0) / taps.length),
    );
    const [most] = run(single("MAX_POOL_2D", { shape: X }, { shape: Y }, { options }), { x });
    close(
      most,
      windows(X, Y, window, (taps, c) => Math.max(...taps.map(({ at }) => x[at + c]))),
    );
  });

  test("FULLY_CONNECTED flattens, and keeps a last dimension", () => {
    const [w, b] = [random(2 * 18), random(2)];
    const text = single(
      "FULLY_CONNECTED",
      { shape: [1, 5, 18] },
      { shape: [1, 5, 2] },
      {
        options: { 0: { byte: 1 }, 2: { byte: 1 } },
        constants: { w: { shape: [2, 18], numbers: w }, b: { shape: [2], numbers: b } },
      },
    );
    const wanted = Array.from({ length: 10 }, (_, i) => {
      const [row, oc] = [Math.floor(i / 2), i % 2];
      return Math.max(
        0,
        w.slice(oc * 18, oc * 18 + 18).reduce((s, v, k) => s + v * x[row * 18 + k], b[oc]),
      );
    });
    close(run(text, { x })[0], wanted);
  });

  const at = (h: number, w: number, c: number): number => x[(h * 6 + w) * 3 + c];

  test.each<
    [string, Shape4 | readonly number[], Record<string, TensorText>, Record<number, Field>, () => number[]]
  >([
    [
      "STRIDED_SLICE",
      [1, 2, 6, 3],
      { b: ints(0, 1, 0, 0), e: ints(1, 5, 6, 3), s: ints(1, 2, 1, 1) },
      {},
      () => [1, 3].flatMap((h) => range(6).flatMap((w) => range(3).map((c) => at(h, w, c)))),
    ],
    [
      "STRIDED_SLICE",
      [1, 6, 3],
      { b: ints(0, -1), e: ints(0, 0), s: ints(1, 1) },
      { 0: { int: 1 }, 1: { int: 1 }, 4: { int: 2 } },
      () => range(6).flatMap((w) => range(3).map((c) => at(4, w, c))),
    ],
    [
      "STRIDED_SLICE",
      [1, 5, 6, 3],
      { b: ints(0, 0, 0, 0), e: ints(0, 0, 0, 0), s: ints(1, 1, 1, -1) },
      { 0: { int: 15 }, 1: { int: 15 } },
      () => range(5).flatMap((h) => range(6).flatMap((w) => [2, 1, 0].map((c) => at(h, w, c)))),
    ],
    [
      "SLICE",
      [1, 5, 2, 1],
      { b: ints(0, 0, 3, 1), n: ints(1, -1, 2, 1) },
      {},
      () => range(5).flatMap((h) => [3, 4].map((w) => at(h, w, 1))),
    ],
    [
      "REVERSE_V2",
      [1, 5, 6, 3],
      { a: ints(2) },
      {},
      () => range(5).flatMap((h) => range(6).flatMap((w) => range(3).map((c) => at(h, 5 - w, c)))),
    ],
    [
      "TRANSPOSE",
      [1, 3, 5, 6],
      { p: ints(0, 3, 1, 2) },
      {},
      () => range(3).flatMap((c) => range(5).flatMap((h) => range(6).map((w) => at(h, w, c)))),
    ],
    ["RESHAPE", [1, 10, 9], { s: ints(1, 10, 9) }, {}, () => x],
    [
      "MEAN",
      [1, 3],
      { a: ints(1, 2) },
      {},
      () => range(3).map((c) => range(30).reduce((s, p) => s + x[p * 3 + c], 0) / 30),
    ],
    [
      "REDUCE_MAX",
      [1, 5, 6, 1],
      { a: ints(3) },
      { 0: { byte: 1 } },
      () => range(30).map((p) => Math.max(...x.slice(3 * p, 3 * p + 3))),
    ],
    [
      "SUM",
      [1, 6, 3],
      { a: ints(1) },
      {},
      () => range(18).map((i) => range(5).reduce((s, h) => s + x[h * 18 + i], 0)),
    ],
    [
      "SOFTMAX",
      [1, 5, 6, 3],
      {},
      { 0: { float: 2 } },
      () =>
        range(90).map(
          (i) => Math.exp(2 * x[i]) / range(3).reduce((s, c) => s + Math.exp(2 * x[i - (i % 3) + c]), 0),
        ),
    ],
    [
      "PRELU",
      [1, 5, 6, 3],
      { a: { shape: [1, 1, 3], numbers: [0.5, 2, -1] } },
      {},
      () => x.map((v, i) => (v > 0 ? v : v * [0.5, 2, -1][i % 3])),
    ],
    [
      "RESIZE_NEAREST_NEIGHBOR",
      [1, 10, 12, 3],
      { s: ints(10, 12) },
      {},
      () => range(10).flatMap((h) => range(12).flatMap((w) => range(3).map((c) => at(h >> 1, w >> 1, c)))),
    ],
    [
      "PAD",
      [1, 6, 6, 4],
      { p: { shape: [4, 2], type: "int32", numbers: [0, 0, 1, 0, 0, 0, 0, 1] } },
      {},
      () =>
        range(6).flatMap((h) =>
          range(6).flatMap((w) => range(4).map((c) => (h === 0 || c === 3 ? 0 : at(h - 1, w, c)))),
        ),
    ],
    [
      "GATHER",
      [1, 5, 2, 3],
      { i: ints(4, 0) },
      { 0: { int: 2 } },
      () => range(5).flatMap((h) => [4, 0].flatMap((w) => range(3).map((c) => at(h, w, c)))),
    ],
    [
      "ADD",
      [1, 5, 6, 3],
      { b: { shape: [3], numbers: [1, 2, 3] } },
      { 0: { byte: 1 } },
      () => x.map((v, i) => Math.max(0, v + 1 + (i % 3))),
    ],
    [
      "TILE",
      [1, 5, 6, 6],
      { n: ints(1, 1, 1, 2) },
      {},
      () => range(30).flatMap((p) => [...x.slice(3 * p, 3 * p + 3), ...x.slice(3 * p, 3 * p + 3)]),
    ],
  ])("%s to %j", (op, shape, constants, options, wanted) => {
    close(run(single(op, { shape: X }, { shape }, { options, constants }), { x })[0], wanted());
  });

  test("layouts meet: a convolution's channels come first, what joins it comes last", () => {
    const w = random(2 * 3);
    const text: TfliteText = {
      tensors: {
        x: { shape: X },
        z: { shape: [1, 5, 6, 1] },
        w: { shape: [2, 1, 1, 3], numbers: w },
        c: { shape: [1, 5, 6, 2] },
        all: { shape: [1, 5, 6, 3] },
        flat: { shape: [1, 90] },
        one: { shape: [1, 5, 6, 1] },
        two: { shape: [1, 5, 6, 2] },
      },
      operators: [
        {
          op: "CONV_2D",
          inputs: ["x", "w"],
          outputs: ["c"],
          options: { 0: VALID, 1: { int: 1 }, 2: { int: 1 } },
        },
        { op: "CONCATENATION", inputs: ["c", "z"], outputs: ["all"], options: { 0: { int: -1 } } },
        { op: "RESHAPE", inputs: ["all"], outputs: ["flat"] },
        { op: "SPLIT_V", inputs: ["all", "sizes", "axis"], outputs: ["one", "two"] },
      ],
      inputs: ["x", "z"],
      outputs: ["flat", "one", "two"],
    };
    const tensors = { ...text.tensors, sizes: ints(1, 2), axis: { ...ints(3), shape: [] } };
    const z = random(30);
    const c = range(60).map((i) =>
      range(3).reduce((s, k) => s + x[3 * (i >> 1) + k] * w[(i % 2) * 3 + k], 0),
    );
    const all = range(30).flatMap((p) => [c[2 * p], c[2 * p + 1], z[p]]);
    const [flat, one, two] = run({ ...text, tensors }, { x, z });
    close(flat, all);
    close(
      one,
      range(30).map((p) => all[3 * p]),
    );
    close(
      two,
      range(30).flatMap((p) => all.slice(3 * p + 1, 3 * p + 3)),
    );
  });

  test("FLOOR_DIV and FLOOR_MOD of whole numbers round down", () => {
    const text = (op: string): TfliteText => ({
      tensors: {
        x: { shape: [5], type: "int32" },
        n: { ...ints(3), shape: [1] },
        y: { shape: [5], type: "int32" },
      },
      operators: [{ op, inputs: ["x", "n"], outputs: ["y"] }],
      inputs: ["x"],
      outputs: ["y"],
    });
    const given = [-7, -3, -1, 5, 9];
    expect(run(text("FLOOR_DIV"), { x: given })[0]).toEqual([-3, -1, -1, 1, 3]);
    expect(run(text("FLOOR_MOD"), { x: given })[0]).toEqual([2, 0, 2, 2, 0]);
  });
});

describe("numbers of 8 bits", () => {
  const grid = (scale: number, zero: number) => ({ scales: [scale], zeroPoints: [zero] });

  test("stand for floats inside, are themselves outside, and are rounded and held as the file says", () => {
    const text = single(
      "CONV_2D",
      { shape: [1, 1, 2, 2], type: "uint8", ...grid(0.5, 10) },
      { shape: [1, 1, 2, 2], type: "int8", ...grid(0.25, -3) },
      {
        options: { 0: VALID, 1: { int: 1 }, 2: { int: 1 } },
        constants: {
          w: {
            shape: [2, 1, 1, 2],
            type: "int8",
            numbers: [1, -2, 100, 127],
            scales: [0.5, 2],
            dimension: 0,
          },
          b: { shape: [2], type: "int32", numbers: [4, -1], scales: [0.25, 1], dimension: 0 },
        },
      },
    );
    // (12 - 10) * 0.5 = 1, (9 - 10) * 0.5 = -0.5; channels: 1 * 0.5 - 0.5 * -1 + 1 and 1 * 200 - 0.5 * 254 - 1
    expect(run(text, { x: [12, 9, 10, 255] })[0]).toEqual([5, 127, -128, 127]);
  });

  test("QUANTIZE from uint8 to int8 of the same steps rounds nothing", () => {
    const text = single(
      "QUANTIZE",
      { shape: [4], type: "uint8", ...grid(0.1, 128) },
      { shape: [4], type: "int8", ...grid(0.1, 0) },
    );
    expect(run(text, { x: [0, 127, 128, 255] })[0]).toEqual([-128, -1, 0, 127]);
    expect(graphOf(text).nodes.length).toBeLessThanOrEqual(2);
  });

  test("what is moved keeps its bytes, where the file gives the result other steps", () => {
    const of = (y: TensorText, op: string): TfliteText =>
      single(op, { shape: [1, 4], type: "uint8", ...grid(0.3, 135) }, y);
    const x = [0, 7, 135, 255];
    const other = { shape: [4], type: "uint8", ...grid(0.2, 81) } as const;
    expect(run(of(other, "RESHAPE"), { x })[0]).toEqual(x);
    // what is quantized anew keeps what its bytes stand for, rounded and held
    expect(run(of({ ...other, shape: [1, 4] }, "QUANTIZE"), { x })[0]).toEqual([0, 0, 81, 255]);
  });

  test("per-channel scales along the last dimension of depthwise weights", () => {
    const text = single(
      "DEPTHWISE_CONV_2D",
      { shape: [1, 1, 1, 2] },
      { shape: [1, 1, 1, 2] },
      {
        options: { 0: VALID, 1: { int: 1 }, 2: { int: 1 }, 3: { int: 1 } },
        constants: {
          w: { shape: [1, 1, 1, 2], type: "int8", numbers: [3, 5], scales: [1, 0.5], dimension: 3 },
        },
      },
    );
    expect(run(text, { x: [1, 2] })[0]).toEqual([3, 5]);
  });
});

describe("UNIDIRECTIONAL_SEQUENCE_LSTM", () => {
  const [T, I, H] = [12, 3, 2];
  const names = ["wi", "wf", "wc", "wo", "ri", "rf", "rc", "ro"];
  const weights = Object.fromEntries(
    names.map((n, k) => [n, { shape: [H, k < 4 ? I : H], numbers: random(H * (k < 4 ? I : H)) }]),
  );
  const biases = Object.fromEntries(
    ["bi", "bf", "bc", "bo"].map((n) => [n, { shape: [H], numbers: random(H).map((v) => v + 2) }]),
  );
  const text = (clip: number, steps = T): TfliteText => ({
    tensors: {
      x: { shape: [1, steps, I] },
      ...weights,
      ...biases,
      h: { shape: [1, H] },
      c: { shape: [1, H] },
      y: { shape: [1, steps, H] },
    },
    operators: [
      {
        op: "UNIDIRECTIONAL_SEQUENCE_LSTM",
        inputs: ["x", ...names, "", "", "", "bi", "bf", "bc", "bo", "", "", "h", "c", "", "", "", ""],
        outputs: ["y"],
        options: { 0: { byte: 4 }, 1: { float: clip } },
      },
    ],
    inputs: ["x"],
    outputs: ["y"],
  });
  const x = random(T * I);

  const wanted = (clip: number): number[] => {
    const sigmoid = (v: number): number => 1 / (1 + Math.exp(-v));
    let [h, c] = [new Array<number>(H).fill(0), new Array<number>(H).fill(0)];
    return range(T).flatMap((step) => {
      const gate = (g: number, j: number): number =>
        range(I).reduce(
          (s, i) => s + weights[names[g]].numbers[j * I + i] * x[step * I + i],
          biases[["bi", "bf", "bc", "bo"][g]].numbers[j],
        ) + range(H).reduce((s, k) => s + weights[names[4 + g]].numbers[j * H + k] * h[k], 0);
      const cells = range(H).map((j) => {
        const next = sigmoid(gate(1, j)) * c[j] + sigmoid(gate(0, j)) * Math.tanh(gate(2, j));
        return clip > 0 ? Math.min(Math.max(next, -clip), clip) : next;
      });
      const states = range(H).map((j) => sigmoid(gate(3, j)) * Math.tanh(cells[j]));
      [h, c] = [states, cells];
      return states;
    });
  };

  test.each([0, 20, 1.5])("cells held below %d", (clip) => {
    close(run(text(clip), { x })[0], wanted(clip));
  });

  test("of one step is refused: its state would have to go on", () => {
    expect(messageOf(() => graphOf(text(0, 1)))).toContain("state from inference to inference");
  });
});

describe("what is no file of TensorFlow Lite, or not supported", () => {
  const good = tfliteModel(single("RELU", { shape: [1, 2, 2, 1] }, { shape: [1, 2, 2, 1] }));

  test("operators without a translation are told by name, all of them", () => {
    const text: TfliteText = {
      tensors: { x: { shape: [1, 4] }, a: { shape: [1, 4] }, y: { shape: [1, 4] } },
      operators: [
        { op: "SVDF", inputs: ["x"], outputs: ["a"] },
        { op: "edgetpu-custom-op", inputs: ["x"], outputs: ["y"] },
      ],
      inputs: ["x"],
      outputs: ["a", "y"],
    };
    const message = messageOf(() => graphOf(text));
    expect(message).toContain("error[F104]");
    expect(message).toContain("tflite.SVDF");
    expect(message).toContain("tflite.edgetpu-custom-op");
  });

  test("a shape that an input holds is refused, one that shapes make is what the file says", () => {
    const text = (op: string): TfliteText => ({
      tensors: {
        x: { shape: [2, 3] },
        n: { shape: [2], type: "int32" },
        s: { shape: [2], type: "int32" },
        y: { shape: [2, 3] },
      },
      operators: [
        { op, inputs: [op === "SHAPE" ? "x" : "n"], outputs: ["s"] },
        { op: "RESHAPE", inputs: ["x", "s"], outputs: ["y"] },
      ],
      inputs: ["x", "n"],
      outputs: ["y"],
    });
    expect(graphOf(text("SHAPE")).outputs).toEqual(["y"]);
    expect(messageOf(() => graphOf(text("ABS")))).toContain("tflite.RESHAPE");
  });

  test("a file cut short, of another kind, or with a wild pointer", () => {
    for (const bytes of [
      good.subarray(0, 4),
      new Uint8Array(),
      new TextEncoder().encode("version https://git-lfs.github.com/spec/v1"),
    ])
      expect(messageOf(() => tfliteToOnnx(bytes))).toContain(
        "error[F121]: the model is no TensorFlow Lite file, or a damaged one",
      );
  });

  test("an operator without its inputs or outputs", () => {
    const text = single("RELU", { shape: [1, 4] }, { shape: [1, 4] });
    for (const without of [{ inputs: [] }, { inputs: [""] }, { outputs: [] }]) {
      const operators = [{ ...text.operators[0], ...without }];
      expect(messageOf(() => graphOf({ ...text, operators }))).toContain(
        "an operator lacks an input or an output",
      );
    }
  });

  test("damaged files are refused or read, and never anything else", () => {
    const random = makeRng(8);
    for (let run = 0; run < 400; run++) {
      const bytes = Uint8Array.from(good);
      for (let k = 0; k < 3; k++) bytes[8 + random.int(bytes.length - 8)] = random.int(256);
      try {
        readDecoded(tfliteToOnnx(run % 2 === 0 ? bytes : bytes.subarray(0, 8 + random.int(bytes.length))), {
          name: "test",
        }).finish();
      } catch (error) {
        expect(error).toBeInstanceOf(UserError);
      }
    }
  });

  test("operators have the numbers that the schema gives them", () => {
    expect(["ADD", "CONV_2D", "PACK", "GELU", "RIGHT_SHIFT"].map((op) => OPERATORS.indexOf(op))).toEqual([
      0, 3, 83, 150, 161,
    ]);
  });
});

function ints(...numbers: number[]): TensorText {
  return { shape: [numbers.length], type: "int32", numbers };
}
function range(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i);
}
