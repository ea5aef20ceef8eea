import { describe, expect, test } from "vitest";
import { readDecoded } from "../../compiler/frontend/onnx/import.ts";
import { flexNumbers } from "../../compiler/frontend/tflite/flexbuffer.ts";
import { tfliteToOnnx } from "../../compiler/frontend/tflite/to-onnx.ts";
import type { Graph } from "../../compiler/graph/graph.ts";
import { UserError } from "../../compiler/support/diagnostic.ts";
import { makeRng, type Rng } from "../../compiler/support/rng.ts";
import { runReference } from "../../compiler/verify/reference.ts";
import { type FlexValue, flexMap } from "./flex-map.ts";
import { messageOf } from "./onnx-model.ts";
import { type TensorText, type TfliteText, tfliteModel } from "./tflite-model.ts";

const OP = "TFLite_Detection_PostProcess";
type Options = Readonly<Record<string, FlexValue>>;
const real = (float: number): FlexValue => ({ float });

/** As files of TensorFlow's object detection have them. */
const USUAL: Options = {
  max_detections: 10,
  max_classes_per_detection: 1,
  num_classes: 3,
  nms_score_threshold: real(1e-8),
  nms_iou_threshold: real(0.5),
  y_scale: real(10),
  x_scale: real(10),
  h_scale: real(5),
  w_scale: real(5),
};

interface Given {
  readonly S: number;
  /** Scores of a box, the background's among them. */
  readonly C: number;
  readonly options: Options;
  readonly anchors: TensorText;
  readonly boxes?: TensorText;
  readonly scores?: TensorText;
  /** Numbers of a box. */
  readonly B?: number;
  readonly custom?: Uint8Array;
}

function textOf({ S, C, B = 4, options, anchors, boxes, scores, custom }: Given): TfliteText {
  return {
    tensors: {
      boxes: { shape: [1, S, B], ...boxes },
      scores: { shape: [1, S, C], ...scores },
      anchors,
      // such files leave these shapes open
      ...{ found: { shape: [] }, classes: { shape: [] }, best: { shape: [] }, count: { shape: [] } },
    },
    operators: [
      {
        op: OP,
        inputs: ["boxes", "scores", "anchors"],
        outputs: ["found", "classes", "best", "count"],
        custom: custom ?? flexMap({ ...USUAL, ...options }),
      },
    ],
    inputs: ["boxes", "scores"],
    outputs: ["found", "classes", "best", "count"],
  };
}

function graphOf(given: Given): Graph {
  return readDecoded(tfliteToOnnx(tfliteModel(textOf(given))), { name: "test" }).finish();
}

function run(given: Given, boxes: readonly number[], scores: readonly number[]): number[][] {
  const graph = graphOf(given);
  const values = runReference(graph, {
    boxes: Float32Array.from(boxes),
    scores: Float32Array.from(scores),
  });
  return graph.outputs.map((name) => [...(values.get(name) ?? [])]);
}

interface Box {
  readonly place: number;
  readonly corners: readonly number[];
}
interface Scored {
  readonly box: Box;
  readonly score: number;
  readonly column: number;
}

/** Corners of boxes by TensorFlow Lite's formula, in doubles but for middles and halves. */
function decoded(
  boxes: readonly number[],
  anchors: readonly number[],
  { S, B = 4 }: Pick<Given, "S" | "B">,
): Box[] {
  return Array.from({ length: S }, (_, place) => {
    const [y, x, h, w] = boxes.slice(place * B);
    const [ay, ax, ah, aw] = anchors.slice(4 * place).map(Math.fround);
    const middle = [(y / 10) * ah + ay, (x / 10) * aw + ax].map(Math.fround);
    const half = [(Math.exp(h / 5) * ah) / 2, (Math.exp(w / 5) * aw) / 2].map(Math.fround);
    const corners = [-1, 1].flatMap((sign) => middle.map((m, i) => Math.fround(m + sign * half[i])));
    return { place, corners };
  });
}

/** What two boxes share, of what both cover. */
function shared({ corners: a }: Box, { corners: b }: Box): number {
  const area = (c: readonly number[]): number => (c[2] - c[0]) * (c[3] - c[1]);
  if (area(a) <= 0 || area(b) <= 0) return 0;
  const side = (i: number): number => Math.max(Math.min(a[i + 2], b[i + 2]) - Math.max(a[i], b[i]), 0);
  const both = side(0) * side(1);
  return both / (area(a) + area(b) - both);
}

/** The best boxes that no better one hides; sorting keeps the order of equal scores. */
function kept(all: readonly Scored[], least: number, overlap: number, most: number): Scored[] {
  const chosen: Scored[] = [];
  const order = all.filter(({ score }) => score >= least).sort((a, b) => b.score - a.score);
  for (const one of order) {
    if (chosen.length < most && chosen.every(({ box }) => !(shared(box, one.box) > overlap)))
      chosen.push(one);
  }
  return chosen;
}

const numberOf = (options: Options, name: string): number => {
  const value = options[name] ?? 0;
  return typeof value === "object" ? ("float" in value ? Math.fround(value.float) : 0) : Number(value);
};

/** The operator's four results, written down from what TensorFlow Lite says it does. */
function expected(given: Given, boxes: readonly number[], scores: readonly number[]): number[][] {
  const options = { ...USUAL, ...given.options };
  const number = (name: string): number => numberOf(options, name);
  const { C } = given;
  const all = decoded(boxes, given.anchors.numbers ?? [], given);
  const [classes, M, N] = ["num_classes", "max_detections", "max_classes_per_detection"].map(number);
  const scoresOf = (box: Box): Scored[] =>
    Array.from({ length: classes }, (_, column) => ({
      ...{ box, column, score: scores[box.place * C + column + C - classes] },
    }));
  const best = (of: readonly Scored[]): Scored[] => [...of].sort((a, b) => b.score - a.score);
  const nms = (of: readonly Scored[], most: number): Scored[] =>
    kept(of, number("nms_score_threshold"), number("nms_iou_threshold"), most);
  const perClass = Array.from({ length: classes }, (_, column) =>
    nms(
      all.map((box) => scoresOf(box)[column]),
      Number(options.detections_per_class ?? 100),
    ),
  );
  const slots: (Scored | undefined)[] = options.use_regular_nms
    ? best(perClass.flat()).slice(0, M)
    : nms(
        all.map((box) => best(scoresOf(box))[0]),
        M,
      ).flatMap(({ box }) => Array.from({ length: N }, (_, i) => best(scoresOf(box))[i]));
  const filled = Array.from({ length: M * N }, (_, i) => slots[i]);
  return [
    filled.flatMap((slot) => slot?.box.corners ?? [0, 0, 0, 0]),
    filled.map((slot) => slot?.column ?? 0),
    filled.map((slot) => slot?.score ?? 0),
    [slots.length / (options.use_regular_nms ? 1 : N)],
  ];
}

function random(rng: Rng, n: number, from: number, to: number): number[] {
  return Array.from({ length: n }, () => Math.fround(from + (to - from) * rng.next()));
}
function randomAnchors(rng: Rng, S: number): TensorText {
  const numbers = Array.from({ length: S }, () => [...random(rng, 2, 0, 1), ...random(rng, 2, 0.1, 0.5)]);
  return { shape: [S, 4], numbers: numbers.flat() };
}

function compare(found: readonly (readonly number[])[], wanted: readonly (readonly number[])[]): void {
  found.forEach((numbers, i) => {
    expect(numbers.length, `result ${i}`).toBe(wanted[i].length);
    numbers.forEach((n, k) => {
      expect(Math.abs(n - wanted[i][k]), `result ${i}, ${k}: ${n} and ${wanted[i][k]}`).toBeLessThan(1e-6);
    });
  });
}

interface Case {
  readonly S?: number;
  readonly C?: number;
  readonly B?: number;
  readonly options?: Options;
  /** Scores are one of so many. */
  readonly steps?: number;
}
const CASES: Readonly<Record<string, Case>> = {
  "as most files have it": {},
  "without a background": { options: { num_classes: 4 } },
  "one class": { C: 2, options: { num_classes: 1 } },
  "equal scores": { steps: 4 },
  "equal scores of no background": { options: { num_classes: 4, nms_iou_threshold: real(0.2) }, steps: 3 },
  "fewer boxes than are asked for": { S: 7 },
  "boxes that hide nearly all others": { options: { nms_iou_threshold: real(0.01) } },
  "nothing hidden": { options: { nms_iou_threshold: real(1) } },
  "a few scores that count": { options: { nms_score_threshold: real(0.9), max_detections: 20 } },
  "a score that is the least": { options: { nms_score_threshold: real(0.75), max_detections: 30 }, steps: 4 },
  "no score that counts": { options: { nms_score_threshold: real(1.5) } },
  "all scores": { options: { nms_score_threshold: real(-1), max_detections: 60 } },
  "scores from zero on": { options: { nms_score_threshold: real(0), max_detections: 60 }, steps: 2 },
  "boxes with more numbers": { B: 9 },
  "three classes of each box": { C: 6, options: { num_classes: 5, max_classes_per_detection: 3 } },
  "each class for itself": { options: { use_regular_nms: true } },
  "each class for itself, equal scores": { options: { use_regular_nms: true }, steps: 4 },
  "each class for itself, above a score": {
    options: { use_regular_nms: true, nms_score_threshold: real(0.95) },
  },
  "each class for itself, two of each": { options: { use_regular_nms: true, detections_per_class: 2 } },
  "each class for itself, without a background": { options: { use_regular_nms: true, num_classes: 4 } },
};

describe(`${OP} finds what TensorFlow Lite's does`, () => {
  test.each(Object.entries(CASES))("%s", (_, { S = 40, C = 4, B = 4, options = {}, steps }) => {
    for (const seed of [1, 2, 3]) {
      const rng = makeRng(seed);
      const given = { S, C, B, options, anchors: randomAnchors(rng, S) };
      const boxes = random(rng, S * B, -2, 2);
      const scores = random(rng, S * C, 0, 1).map((v) =>
        steps === undefined ? v : Math.floor(v * steps) / steps,
      );
      compare(run(given, boxes, scores), expected(given, boxes, scores));
    }
  });

  test("each class for itself, boxes have one class: places of more stay zero", () => {
    const rng = makeRng(11);
    const given = { S: 30, C: 4, anchors: randomAnchors(rng, 30), options: { use_regular_nms: true } };
    const [boxes, scores] = [random(rng, 120, -1, 1), random(rng, 120, 0, 1)];
    const one = expected(given, boxes, scores);
    const two = run({ ...given, options: { ...given.options, max_classes_per_detection: 2 } }, boxes, scores);
    const wide = (list: readonly number[]): number[] => [...list, ...list.map(() => 0)];
    compare(two, [wide(one[0]), wide(one[1]), wide(one[2]), one[3]]);
  });

  test("classes beyond those that there are leave their places zero", () => {
    const rng = makeRng(4);
    const given = { S: 12, C: 3, anchors: randomAnchors(rng, 12), options: { num_classes: 2 } };
    const [boxes, scores] = [random(rng, 48, -1, 1), random(rng, 36, 0, 1)];
    const few = expected(
      { ...given, options: { ...given.options, max_classes_per_detection: 2 } },
      boxes,
      scores,
    );
    const many = run(
      { ...given, options: { ...given.options, max_classes_per_detection: 3 } },
      boxes,
      scores,
    );
    const wide = (list: readonly number[], each: number): number[] =>
      Array.from({ length: 10 * 3 * each }, (_, i) => {
        const [box, place] = [Math.floor(i / (3 * each)), i % (3 * each)];
        return place < 2 * each ? list[box * 2 * each + place] : 0;
      });
    compare(many, [wide(few[0], 4), wide(few[1], 1), wide(few[2], 1), few[3]]);
  });

  test("numbers of 8 bits are taken as what they stand for", () => {
    const [S, C] = [30, 4];
    const rng = makeRng(5);
    const bytes = (n: number): number[] => Array.from({ length: n }, () => rng.int(256));
    const [boxes, scores, anchors] = [bytes(4 * S), bytes(C * S), bytes(4 * S)];
    const of = (scale: number, zero: number) =>
      ({ type: "uint8", scales: [scale], zeroPoints: [zero] }) as const;
    const given: Given = {
      ...{ S, C, options: {}, boxes: { shape: [1, S, 4], ...of(0.04, 158) } },
      scores: { shape: [1, S, C], ...of(1 / 256, 0) },
      anchors: { shape: [S, 4], numbers: anchors, ...of(0.0065, 0) },
    };
    const steps = (list: readonly number[], scale: number, zero: number): number[] =>
      list.map((n) => Math.fround(Math.fround(scale) * (n - zero)));
    const floats = { ...given, anchors: { shape: [S, 4], numbers: steps(anchors, 0.0065, 0) } };
    compare(run(given, boxes, scores), expected(floats, steps(boxes, 0.04, 158), steps(scores, 1 / 256, 0)));
  });

  test("results have the shapes that files leave open", () => {
    const given = { S: 5, C: 4, options: {}, anchors: randomAnchors(makeRng(6), 5) };
    const { outputs, tensors } = graphOf(given);
    const shapes = outputs.map((name) => tensors.get(name)?.shape);
    expect(shapes).toEqual([[1, 10, 4], [1, 10], [1, 10], [1]]);
  });
});

describe("what is refused of it", () => {
  const given: Given = { S: 5, C: 4, options: {}, anchors: randomAnchors(makeRng(7), 5) };
  const why = (more: Partial<Given>): string => messageOf(() => graphOf({ ...given, ...more }));

  test.each<readonly [string, Partial<Given>]>([
    ["no detections at most", { options: { max_detections: 0 } }],
    ["no detections at most", { options: { max_classes_per_detection: 0 } }],
    ["no detections at most", { options: { use_regular_nms: true, detections_per_class: 0 } }],
    ["scores of 4 for 2 classes", { options: { num_classes: 2 } }],
    ["scores of 4 for 5 classes", { options: { num_classes: 5 } }],
    ["an overlap of 0", { options: { nms_iou_threshold: real(0) } }],
    ["an overlap of 2", { options: { nms_iou_threshold: real(2) } }],
    ["a least score that is no number", { options: { nms_score_threshold: real(Number.NaN) } }],
    ["scales of 10, 10, 0, 5", { options: { h_scale: real(0) } }],
    ["anchors of a negative size", { anchors: { shape: [5, 4], numbers: new Array<number>(20).fill(-1) } }],
    ["anchors that are computed", { anchors: { shape: [5, 4] } }],
    ["inputs of other shapes", { boxes: { shape: [1, 5, 3] } }],
    ["inputs of other shapes", { scores: { shape: [2, 5, 4] } }],
  ])("%s", (text, more) => {
    const message = why(more);
    expect(message).toContain("error[F104]");
    expect(message).toContain(`tflite.${OP}`);
    expect(message).toContain(text);
  });

  test("more detections than any network has", () => {
    expect(why({ options: { max_detections: 2 ** 30 } })).toContain("elements");
  });
});

describe("options as FlexBuffers have them", () => {
  const values = { a: 7, negative: -3, yes: true, no: false } as const;

  test.each([1, 2, 4, 8] as const)("elements of %d bytes", (width) => {
    const wanted = [
      ["a", 7],
      ["negative", -3],
      ["no", 0],
      ["yes", 1],
    ];
    expect([...flexNumbers(flexMap({ ...values, text: { text: "x" } }, width))]).toEqual(wanted);
  });

  test.each([4, 8] as const)("floats of %d bytes", (width) => {
    expect(flexNumbers(flexMap({ share: real(0.375) }, width)).get("share")).toBe(0.375);
  });

  test("what is no map, or leads out of the file", () => {
    const whole = flexMap(USUAL);
    const wide = flexMap({ a: 1 }, 1);
    // before the value, its type and three bytes of the root lies the map's size
    const many = wide.with(wide.length - 6, 255);
    const none = [new Uint8Array(), Uint8Array.of(7, 4, 1), Uint8Array.of(0, 36, 3), whole.subarray(9), many];
    for (const bytes of none) {
      expect(messageOf(() => flexNumbers(bytes))).toContain(
        "error[F121]: the model is no TensorFlow Lite file, or a damaged one",
      );
    }
  });

  test("damaged options are refused or read, and never anything else", () => {
    const rng = makeRng(9);
    const whole = flexMap({ ...USUAL, use_regular_nms: true });
    for (let i = 0; i < 3000; i++) {
      const bytes = Uint8Array.from(whole);
      for (let k = rng.int(4); k >= 0; k--) bytes[rng.int(bytes.length)] = rng.int(256);
      try {
        flexNumbers(i % 2 === 0 ? bytes : bytes.subarray(rng.int(20), bytes.length - rng.int(3)));
      } catch (error) {
        expect(error).toBeInstanceOf(UserError);
      }
    }
  });

  test("a network with such options is refused or read", () => {
    const rng = makeRng(10);
    const whole = flexMap(USUAL);
    const anchors = randomAnchors(rng, 5);
    for (let i = 0; i < 60; i++) {
      const custom = Uint8Array.from(whole);
      custom[rng.int(custom.length)] = rng.int(256);
      try {
        graphOf({ S: 5, C: 4, options: {}, anchors, custom });
      } catch (error) {
        expect(error).toBeInstanceOf(UserError);
      }
    }
  });
});
