import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { TypedArray } from "../../compiler/ir/dtype.ts";
import { interpret } from "../../compiler/ir/interpret.ts";
import { printProc } from "../../compiler/ir/print.ts";
import type { LoopProc, Param } from "../../compiler/ir/proc.ts";
import { validate } from "../../compiler/ir/validate.ts";
import type { Dims } from "../../compiler/language/kernel.ts";
import { parseKernel, parseKernelText } from "../../compiler/language/parse-kernel.ts";
import { actOf } from "../../compiler/ops/activation/activations.ts";
import { ELEMENTWISE } from "../../compiler/ops/elementwise/elementwise.ts";
import { type OpName, ops } from "../../compiler/ops/index.ts";
import type { OpDef } from "../../compiler/ops/op.ts";
import { PACKAGE_ROOT } from "../../compiler/support/paths.ts";
import { makeRng, type Rng } from "../../compiler/support/rng.ts";
import { amount } from "../support/amount.ts";
import { flat, nested } from "./nested.ts";

const size = fc.integer({ min: 1, max: 4 });
const stride = fc.integer({ min: 1, max: 2 });
const flag = fc.integer({ min: 0, max: 1 });
const low = fc.constantFrom(Number.NEGATIVE_INFINITY, 0, -0.5);
const high = fc.constantFrom(Number.POSITIVE_INFINITY, 0.5, 6);

/** IH and IW as the planner gives them. */
function windowed<T extends Record<"OH" | "OW" | "KH" | "KW" | "SH" | "SW" | "DH" | "DW", number>>(
  d: T,
): T & Dims {
  return {
    ...d,
    IH: (d.OH - 1) * d.SH + (d.KH - 1) * d.DH + 1,
    IW: (d.OW - 1) * d.SW + (d.KW - 1) * d.DW + 1,
  };
}
const window = { OH: size, OW: size, KH: size, KW: size, SH: stride, SW: stride, DH: stride, DW: stride };
const pool = fc.record({ N: size, C: size, ...window }).map(windowed);
const map = fc.record({ N: size, C: size, H: size, W: size, LO: low, HI: high });
/** One of the functions in a kernel's store, or none. */
const activation = fc.record({
  // what makes whole numbers jumps where roundings differ
  ACT: fc.integer({ min: 0, max: actOf("affine") }),
  ALPHA: fc.constantFrom(0.25, 0.5),
  BETA: fc.constantFrom(0.5, 1),
});

/** Nowhere, before the activation, after it. */
const place = fc.integer({ min: 0, max: 2 });
const few = fc.integer({ min: 1, max: 2 });
/** Tiles of so many outputs for windows of so many weights a side. */
const tiles = (tile: number, side = 3, S = 1): fc.Arbitrary<Dims> =>
  fc
    .record({
      ...{ N: few, G: few, OC: size, IC: size, RB: few, TR: few, CB: few, TC: few, BIAS: flag, RES: place },
      ...{ ACT: flag, ALPHA: fc.constant(0.25), slopes: flag, room: fc.constantFrom(0, 4) },
    })
    .map(({ slopes, room, ...d }) => {
      const OH = tile * d.RB * d.TR;
      const OW = tile * d.CB * d.TC;
      return {
        ...d,
        VC: S * S * d.IC + room,
        SLOPES: d.ACT * slopes,
        OH,
        OW,
        IH: S * (OH - 1) + side,
        IW: S * (OW - 1) + side,
        ROWS: OH - 1,
        COLUMNS: OW,
        LO: -2,
        HI: Number.POSITIVE_INFINITY,
      };
    });

/** Of `side` inputs a side, the last channel empty or not. */
const largeTiles = (side: number): fc.Arbitrary<Dims> =>
  fc.record({ T: fc.integer({ min: 2, max: side - 1 }), S: few, empty: flag }).chain(({ T, S, empty }) => {
    const window = S * (side + 1 - T);
    const own = { T, S, P: S * S, KH: window, KW: window };
    return tiles(T, window, S).map((d) => ({ ...d, ...own, RC: Math.max(1, d.IC - empty) }));
  });

/** Halves of channels, with room in their sums for a channel more or not, and what follows sums. */
const halfChannels = {
  channels: fc.record({ N: few, G: few, HOC: few, HIC: few }),
  window: fc.record({ KH: few, KW: few, SH: few, SW: few, DH: few, DW: few }),
  ends: fc.record({ room: flag, BIAS: flag, RES: place, slopes: flag }),
  ending: activation,
};
type HalfChannels = {
  readonly [K in keyof typeof halfChannels]: (typeof halfChannels)[K] extends fc.Arbitrary<infer T>
    ? T
    : never;
};

/** A convolution by halves of a map of such a size. */
function byHalves(
  { channels: d, window, ends: { room, slopes, ...ends }, ending }: HalfChannels,
  OH: number,
  OW: number,
) {
  const { KH, KW, SH, SW, DH, DW } = window;
  const RC = KH * KW * d.HIC;
  return {
    ...{ ...d, ...window, ...ends, ...ending, SLOPES: ending.ACT === 1 ? slopes : 0 },
    ...{ OC: 2 * d.HOC, IC: 2 * d.HIC, RC, VC: RC + room, OH, OW },
    ...{ IH: (OH - 1) * SH + (KH - 1) * DH + 1, IW: (OW - 1) * SW + (KW - 1) * DW + 1 },
    ...{ LO: -2, HI: Number.POSITIVE_INFINITY },
  };
}

/** Pairs of pixels of a row. */
const halves: fc.Arbitrary<Dims> = fc
  .record({ ...halfChannels, blocks: fc.record({ RB: few, TR: few, CB: few, TC: few }) })
  .map(({ blocks, ...d }) => ({
    ...blocks,
    ...byHalves(d, blocks.RB * blocks.TR, 2 * blocks.CB * blocks.TC),
  }));

/** Pairs of rows, of the last row's columns, and the last pixel. */
const oddHalves: fc.Arbitrary<Dims> = fc
  .record({ ...halfChannels, pairs: fc.record({ RP: few, CP: few }) })
  .map(({ pairs: { RP, CP }, ...d }) => ({
    ...{ RP, CP, TR: 1, TC: RP * (2 * CP + 1) + CP + 1 },
    ...byHalves(d, 2 * RP + 1, 2 * CP + 1),
  }));

const convolution = fc
  .tuple(
    fc.record({ N: size, G: size, OC: size, IC: size, ...window, BIAS: flag, RES: place, LO: low, HI: high }),
    activation,
    flag,
  )
  .map(([d, ending, SLOPES]) => ({ ...windowed(d), ...ending, SLOPES: ending.ACT === 1 ? SLOPES : 0 }));

/** The same without those that make much of a rounding. */
const smooth = activation.map((d) => ({ ...d, ACT: d.ACT % actOf("softplus") }));
/** Of a convolution, and a window that reaches beside its map and over the rows above it, or neither. */
const banded = fc
  .record({
    conv: fc.record({ N: few, G: few, IC: size, OW: size, KH: few, KW: few, SH: stride, SW: stride }),
    ends: fc.record({ BIAS: flag, LO: low, HI: high, slopes: flag }),
    ending: smooth,
    parts: fc.record({ CB: few, blocks: few, BR: few, bands: few }),
    window: fc.record({
      VSH: stride,
      VSW: stride,
      over: flag,
      VW: size,
      LEFT: flag,
      PW: size,
      up: flag,
      below: flag,
    }),
  })
  .map(({ conv, ends: { slopes, ...ends }, ending, parts, window: { over, up, below, ...window } }) => {
    const [OC, PH, UP] = [parts.CB * parts.blocks, parts.BR * parts.bands, over * up];
    const rows = PH * window.VSH + over - UP;
    const sizes = windowed({ ...conv, ...ends, ...ending, ...window, OC, PH, UP, OH: rows, DH: 1, DW: 2 });
    const MW = Math.max(window.LEFT + conv.OW, (window.PW - 1) * window.VSW + window.VW);
    const own = { OH: Math.max(1, rows - below), CB: parts.CB, BR: parts.BR, VH: window.VSH + over, MW };
    return { ...sizes, ...own, SLOPES: ending.ACT === 1 ? slopes : 0 };
  });
/** With what a depthwise window ends. */
const endings = fc.tuple(flag, low, high, smooth).map(([VBIAS, VLO, VHI, { ACT, ALPHA, BETA }]) => ({
  VBIAS,
  VLO,
  VHI,
  VACT: ACT,
  VALPHA: ALPHA,
  VBETA: BETA,
}));

const images = { N: size, C: size, H: size, W: size, IH: size, IW: size };
/** As many elements of x as rows and columns that are not taken by a table. */
const taken = fc
  .record({ ...images, ROWS: flag, COLUMNS: flag })
  .map((d) => ({ ...d, IH: d.ROWS ? d.IH : d.H, IW: d.COLUMNS ? d.IW : d.W }));
const resampled = fc
  .record({ ...images, KH: size, KW: size })
  .map((d) => ({ ...d, RT: d.H * d.KH, CT: d.W * d.KW }));
const padded = fc
  .record({
    N: size,
    C: size,
    T: flag,
    L: flag,
    B: flag,
    R: flag,
    Y0: flag,
    X0: flag,
    h: size,
    w: size,
    VALUE: low,
  })
  .map(({ h, w, ...d }) => ({
    ...d,
    ...{ IH: h + d.Y0, IW: w + d.X0, H: h + d.T + d.B, W: w + d.L + d.R },
  }));
const steps = fc.record({
  ...{ T: size, N: size, H: size, REV: flag },
  CLIP: fc.constantFrom(0.5, Number.POSITIVE_INFINITY),
});
/** One of the bounded activations of a recurrent layer, as its kernel names it: others let states grow from step to step. */
const gate = (letter: string): fc.Arbitrary<Dims> =>
  fc
    .constantFrom("sigmoid", "hard-sigmoid", "tanh", "softsign")
    .map((fn) => ({ [`${letter}ACT`]: actOf(fn), [`${letter}ALPHA`]: 0.25, [`${letter}BETA`]: 0.5 }));

/** Random sizes for each operator. */
const SIZES: Readonly<Record<OpName, fc.Arbitrary<Dims>>> = {
  conv2d: convolution,
  "dynamic-conv2d": convolution,
  "conv2d-global-pool": convolution,
  "conv2d-depthwise": fc.tuple(banded, endings).map(([d, ends]) => ({ ...d, ...ends })),
  "conv2d-max-pool": banded,
  strassen: halves,
  "strassen-odd": oddHalves,
  "int8-conv": fc
    .record({
      channels: fc.record({ N: few, G: few, OC: size, IC: size, BIAS: flag, RES: place, LO: low, HI: high }),
      ...{ RB: few, TR: few, OW: size, ending: activation, OFFSET: fc.constantFrom(0, 128, -3) },
      ...{ TERMS: fc.constantFrom(1, 2, 4), SHIFTED: flag },
      window: fc.record({ KH: few, KW: few, PH: few, PW: few, VSH: few, VSW: few, DH: few, DW: few }),
    })
    .map(({ channels, RB, TR, OW, ending, OFFSET, TERMS, SHIFTED, window }) => {
      const PC = 2 * TERMS * Math.ceil(channels.IC / 4);
      const { KH, KW, PH, PW, VSH, VSW, DH, DW } = window;
      const [SH, VH, VW] = [PH * VSH, (TR - 1) * VSH + (KH - 1) * DH + 1, (OW - 1) * VSW + (KW - 1) * DW + 1];
      return {
        ...{ ...channels, ...ending, ...window, SLOPES: 0, RB, TR, OW, INVERSE: 37.5, OFFSET },
        ...{ TERMS, CP: 1 + SHIFTED, PC, IC: PC + (channels.IC % 3) },
        ...{ OH: RB * TR, SH, VH, VW, IH: (RB - 1) * TR * SH + (VH - 1) * PH + 1, IW: (VW - 1) * PW + 1 },
      };
    }),
  "int8-depthwise": fc
    .record({
      channels: fc.record({ N: few, G: size, BIAS: flag, RES: place, LO: low, HI: high }),
      ...{ ending: activation, byTwos: fc.record({ rows: flag, columns: flag }) },
      window: fc.record({ KH: size, KW: size, SH: few, SW: few, DH: few, DW: few, OH: few, OW: size }),
    })
    .map(({ channels, ending, byTwos, window }) => {
      const { KH, KW, SH, SW, DH, DW, OH, OW } = window;
      return {
        ...{ ...channels, ...ending, ...window, SLOPES: 0, OC: 1, IC: 1 },
        ...{ TH: byTwos.rows * Math.floor(KH / 2), TW: byTwos.columns * Math.floor(KW / 2) },
        ...{ IH: (OH - 1) * SH + (KH - 1) * DH + 1, IW: (OW - 1) * SW + (KW - 1) * DW + 1 },
      };
    }),
  winograd2: tiles(2),
  winograd4: tiles(4),
  winograd6x6: largeTiles(6),
  winograd7x7: largeTiles(7),
  winograd8x8: largeTiles(8),
  "max-pool": pool,
  "avg-pool": pool,
  "global-avg-pool": map,
  add: map,
  elementwise: fc
    .tuple(map, activation, fc.integer({ min: 0, max: Object.keys(ELEMENTWISE).length - 1 }), flag, place)
    .map(([d, ending, FN, whole, CONSTANT]) => ({
      ...{ ...d, ...ending, FN, CONSTANT },
      ...{ AN: d.N, AC: 1, AH: d.H, AW: d.W, A1: 0 },
      ...(whole
        ? { BN: d.N, BC: d.C, BH: d.H, BW: d.W }
        : { BN: 1, BC: d.C, BH: 1, BW: 1, B0: 0, B2: 0, B3: 0 }),
    })),
  where: fc.tuple(map, flag, flag).map(([d, spread, UNSURE]) => ({
    ...{ ...d, UNSURE, CN: d.N, CC: d.C, CH: spread ? 1 : d.H, CW: d.W, AN: d.N, AC: d.C, AH: d.H, AW: d.W },
    ...{ BN: 1, BC: d.C, BH: d.H, BW: 1, A0: 1, A1: 1, A2: 1, A3: 1, B0: 0, B1: 1, B2: 1, B3: 0 },
    ...{ C0: 1, C1: 1, C2: spread ? 0 : 1, C3: 1 },
  })),
  mul: fc.tuple(map, activation, place, flag).map(([d, ending, RES, whole]) => ({
    ...{ ...d, ...ending, RES },
    ...(whole ? { BH: d.H, BW: d.W } : { BH: 1, BW: 1 }),
  })),
  clamp: map,
  activation: fc.tuple(map, activation).map(([d, ending]) => ({ ...d, ...ending })),
  prelu: fc.record({ N: size, C: size, H: size, W: size }),
  "arg-extreme": fc.record({ M: size, K: size, L: size, LEAST: flag, LAST: flag }),
  check: fc.record({ M: size, K: size, L: size, ROWS: flag }),
  "used-rows": fc.record({ M: size, K: size, L: size, NONE: flag }),
  det: fc.record({ M: size, N: size }),
  places: fc.record({ K: size, L: size }),
  "non-max": fc.record({
    ...{ N: size, C: size, S: size, M: size, LEAST: flag, CENTER: flag },
    ...{ OVERLAP: fc.constantFrom(0, 0.5), SCORE: fc.constant(-0.25) },
  }),
  "cum-sum": fc.record({ M: size, K: size, L: size, EXCLUSIVE: flag, REVERSE: flag }),
  "top-k": fc.record({ M: size, K: size, L: size, T: size, LEAST: flag }),
  "gather-at": fc
    .record({ M: size, I: size, K: size, L: size, EACH: flag, CONSTANT: flag })
    .map((d) => ({ ...d, P: d.EACH ? d.M * d.K * d.L : d.K })),
  "scatter-at": fc
    .record({ M: size, I: size, K: size, L: size, A0: flag, A2: flag, FN: fc.integer({ min: 0, max: 4 }) })
    .map((d) => ({ ...d, AM: d.A0 ? d.M : 1, AL: d.A2 ? d.L : 1 })),
  "grid-taps": fc
    .record({
      N: size,
      P: size,
      H: size,
      W: size,
      PAD: fc.integer({ min: 0, max: 2 }),
      ALIGN: flag,
      MODE: place,
    })
    .map((d) => ({ ...d, T: 2 ** d.MODE })),
  "roi-taps": fc
    .record({ R: size, S: size, OH: size, OW: size, H: size, W: size, HALF: flag, MEAN: flag })
    .map((d) => ({ ...d, T: 2 * d.S, P: d.OH * d.OW, SCALE: 0.5 })),
  sample: fc
    .record({
      N: size,
      C: size,
      OH: size,
      OW: size,
      KH: fc.constantFrom(1, 2),
      I: size,
      IH: size,
      IW: size,
      IMAGES: flag,
    })
    .map((d) => ({ ...d, KW: d.KH, I: d.IMAGES ? d.I : d.N, S: 4 * d.N * d.KH * d.OH * d.OW })),
  "sample-max": fc
    .record({
      ...{ N: size, C: size, OH: size, OW: size, KH: fc.constantFrom(1, 2) },
      ...{ I: size, IH: size, IW: size },
    })
    .map((d) => ({ ...d, KW: d.KH, S: 4 * d.N * d.KH * d.OH * d.OW })),
  softmax: fc.record({
    M: size,
    K: size,
    L: size,
    LOG: flag,
  }),
  hardmax: fc.record({ M: size, K: size, L: size }),
  "softmax-rows": fc
    .record({ M: size, B: fc.integer({ min: 0, max: 2 }), R: fc.integer({ min: 0, max: 15 }), LOG: flag })
    .filter(({ B, R }) => B + R > 0)
    .map((d) => ({ ...d, K: 16 * d.B + d.R })),
  matmul: fc
    .tuple(
      fc.record({
        P: size,
        Q: size,
        M: size,
        N: size,
        K: size,
        LO: low,
        HI: high,
        SCALE: fc.constantFrom(1, 0.5),
      }),
      fc.tuple(flag, flag, flag, flag, flag, flag, flag, flag),
      activation,
      place,
    )
    .map(([d, [AP, AQ, BP, BQ, RP, RQ, RM, RN], ending, RES]) => ({
      ...{ ...d, ...ending, RES, AP, AQ, BP, BQ, RP, RQ, RM, RN },
      ...{ PA: AP ? d.P : 1, QA: AQ ? d.Q : 1, PB: BP ? d.P : 1, QB: BQ ? d.Q : 1 },
      ...{ PR: RP ? d.P : 1, QR: RQ ? d.Q : 1, MR: RM ? d.M : 1, NR: RN ? d.N : 1 },
    })),
  lstm: fc.tuple(steps, gate("F"), gate("G"), gate("H"), flag, flag).map(([d, f, g, h, PEEP, FORGET]) => ({
    ...{ ...d, ...f, ...g, ...h, PEEP, FORGET },
    ...{ G: 4 * d.H, STATES: d.T + 1 },
  })),
  gru: fc
    .tuple(steps, gate("F"), gate("G"), flag)
    .map(([d, f, g, LATE]) => ({ ...d, ...f, ...g, LATE, G: 3 * d.H, S: 2 * d.H })),
  rnn: fc.tuple(steps, gate("F")).map(([d, f]) => ({ ...d, ...f })),
  "instance-norm": fc.tuple(map, activation).map(([d, ending]) => ({ ...d, ...ending, EPS: 0.01 })),
  lrn: fc
    .tuple(map, fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 2 }))
    .map(([d, BEFORE, AFTER]) => ({
      ...{ ...d, BEFORE, AFTER, SIZE: 1 + BEFORE + AFTER, D: d.C + BEFORE + AFTER },
      ...{ BIAS: 1, SCALE: 0.1, EXPONENT: -0.75 },
    })),
  "layer-norm": fc
    .record({ M: size, L: fc.constantFrom(1, 4), DL: size, DR: fc.integer({ min: 0, max: 3 }) })
    .map((d) => ({ ...d, K: d.L * d.DL + d.DR, S: d.L * d.DL + d.DR, EPS: 0.01 })),
  "reduce-columns": fc.record({
    ...{ A: size, B: few, C: size, D: size, E: size },
    ...{ FN: fc.integer({ min: 0, max: 3 }), PRE: fc.integer({ min: 0, max: 2 }) },
  }),
  "reduce-rows": fc
    .record({
      ...{ A: size, B: few, C: few, L: fc.constantFrom(1, 4), DL: size, DR: fc.integer({ min: 0, max: 3 }) },
      ...{ FN: fc.integer({ min: 0, max: 3 }), PRE: fc.integer({ min: 0, max: 2 }) },
    })
    .map((d) => ({ ...d, D: d.L * d.DL + d.DR })),
  copy: fc.record({ A: size, B: size, C: size, D: size, E: size }),
  constant: fc.record({ L: size }),
  take: taken,
  "take-axis": fc.record({ M: size, I: size, K: size, L: size }),
  resample: resampled,
  "resample-axis": fc
    .record({ M: size, I: size, K: size, L: size, T: size })
    .map((d) => ({ ...d, KT: d.K * d.T })),
  pad: padded,
  frame: fc
    .record({ N: size, C: size, H: size, W: size, TURNED: flag })
    .map(({ TURNED, ...d }) => ({ ...d, FIRST: TURNED * (d.C - 1), STEP: 1 - 2 * TURNED })),
  "frame-resize": fc
    .record({
      N: size,
      P: size,
      Q: size,
      H: size,
      W: size,
      IH: size,
      IW: size,
      KH: size,
      KW: size,
      TURNED: flag,
    })
    .map(({ TURNED, IW, ...d }) => ({
      ...{ ...d, C: d.P * d.Q, RT: d.H * d.KH, CT: d.W * d.KW, L: IW * d.Q, STARTS: (IW - 1) * d.Q + 1 },
      ...{ PF: TURNED * (d.P - 1), QF: TURNED * (d.Q - 1), PS: 1 - 2 * TURNED, QS: 1 - 2 * TURNED },
    })),
  "fill-halo": fc
    .record({ N: size, C: size, T: flag, L: flag, B: flag, R: flag, h: size, w: size, VALUE: low })
    .map(({ h, w, ...d }) => ({ ...d, H: h + d.T + d.B, W: w + d.L + d.R })),
};

function parse(op: OpDef, dims: Dims): LoopProc {
  return parseKernel(join(PACKAGE_ROOT, "compiler/ops", op.file), op.kernel.name, dims);
}

function randomTensor({ storage, bound, dtype }: Param, rng: Rng): Exclude<TypedArray, Uint8Array> {
  const length = storage.shape.reduce((a, b) => a * b, 1);
  if (bound !== undefined) return Int32Array.from({ length }, () => rng.int(bound));
  if (dtype === "i8") return Int8Array.from({ length }, () => rng.int(256) - 128);
  if (dtype === "i32") return Int32Array.from({ length }, () => rng.int(20001) - 10000);
  return Float32Array.from({ length }, () => rng.normal());
}

/**
 * Runs a kernel in Node on the same data. Parameters the bound procedure no longer has are left out: a kernel
 * that read one would fail.
 */
function runInNode(op: OpDef, dims: Dims, proc: LoopProc, data: Readonly<Record<string, TypedArray>>): void {
  const names = parameterNames(op);
  const tensors = names.map((name) => {
    const param = proc.params.find((p) => p.name === name);
    return param && nested(data[name], param.storage.shape);
  });
  op.kernel(dims, ...tensors);
  for (const [i, name] of names.entries()) {
    if (tensors[i] !== undefined) data[name].set(flat(tensors[i]));
  }
}

/** Names of a kernel's tensors, in order. */
function parameterNames(op: OpDef): readonly string[] {
  const head = /\}\s*,\s*([^)]*)\)/.exec(op.kernel.toString())?.[1] ?? "";
  return head.split(",").map((p) => p.trim());
}

/*
 * Node keeps `acc` and every intermediate value as a double and rounds when it writes an element; the
 * procedure rounds each operation to f32. So they agree up to a few roundings of the values involved (at most
 * 4*4*4 products of normal numbers here), and exactly where nothing is summed.
 */
const EXACT: readonly OpName[] = [
  ...(["max-pool", "add", "clamp", "copy", "fill-halo", "where"] as const),
  ...(["constant", "take", "take-axis", "pad"] as const),
];

describe.each(Object.keys(ops) as OpName[])("%s", (name) => {
  const op: OpDef = ops[name];

  test("the kernel in Node and its interpreted procedure agree", () => {
    fc.assert(
      fc.property(SIZES[name], fc.integer(), (dims, seed) => {
        const proc = parse(op, dims);
        validate(proc, "parse");
        const rng = makeRng(seed);
        const inNode = Object.fromEntries(proc.params.map((p) => [p.name, randomTensor(p, rng)]));
        const interpreted = Object.fromEntries(Object.entries(inNode).map(([k, v]) => [k, v.slice()]));
        runInNode(op, dims, proc, inNode);
        interpret(proc, interpreted);
        for (const key of Object.keys(inNode)) {
          // what passes through transformed tiles or sums of halves, or sums of steps, is rounded as the largest values are
          const largest = /^(winograd|strassen|int8)/.test(name)
            ? Math.max(100, ...inNode[key].filter(Number.isFinite).map(Math.abs))
            : 1;
          const tolerance = EXACT.includes(name) ? 0 : 2e-5 * largest;
          inNode[key].forEach((value, i) => {
            if (Object.is(value, interpreted[key][i]) || value === interpreted[key][i]) return;
            expect(Math.abs(value - interpreted[key][i]), `${key}[${i}]`).toBeLessThanOrEqual(tolerance);
          });
        }
      }),
      { numRuns: amount(15, 200), seed: 1 },
    );
  });

  test("its printed procedure reads back as the same procedure", () => {
    fc.assert(
      fc.property(SIZES[name], (dims) => {
        const proc = parse(op, dims);
        expect(parseKernelText(printProc(proc), {})).toEqual(proc);
      }),
      { numRuns: amount(8, 100), seed: 2 },
    );
  });

  test("macs is a whole number", () => {
    fc.assert(
      fc.property(SIZES[name], (dims) => {
        const macs = op.macs(dims);
        expect(Number.isInteger(macs) && macs >= 0).toBe(true);
      }),
      { seed: 3 },
    );
  });
});

test("the mean of a large map keeps its digits", () => {
  const dims = { N: 1, C: 1, H: 400, W: 400 };
  const rng = makeRng(6);
  const x = Float32Array.from({ length: 400 * 400 }, () => 0.1 + 0.01 * rng.next());
  const y = new Float32Array(1);
  interpret(parse(ops["global-avg-pool"], dims), { x, y });
  const mean = x.reduce((sum, v) => sum + v, 0) / x.length;
  // one sum for all of them is wrong by 4e-5
  expect(Math.abs(y[0] / mean - 1)).toBeLessThan(1e-6);
});
