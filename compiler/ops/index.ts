import type { Dims } from "../language/kernel.ts";
import { activation } from "./activation.kernel.ts";
import { add } from "./add.kernel.ts";
import { argExtreme } from "./arg-extreme.kernel.ts";
import { avgPool } from "./avg-pool.kernel.ts";
import { check } from "./check.kernel.ts";
import { clamp } from "./clamp.kernel.ts";
import { depthwise, spatialPack } from "./classic.schedules.ts";
import { constant } from "./constant.kernel.ts";
import { conv2d } from "./conv2d.kernel.ts";
import { direct, groupsInLanes, pickConv2d, planar } from "./conv2d.schedules.ts";
import { conv2dGlobalPool } from "./conv2d-global-pool.kernel.ts";
import { pickPooled, pooledPointwise } from "./conv2d-global-pool.schedules.ts";
import { copy } from "./copy.kernel.ts";
import { constantRuns, contiguous } from "./copy.schedules.ts";
import { cumSum } from "./cum-sum.kernel.ts";
import { det } from "./det.kernel.ts";
import { elementwise } from "./elementwise.kernel.ts";
import { fillHalo } from "./fill-halo.kernel.ts";
import { frame } from "./frame.kernel.ts";
import { linesOfRows, pixelsInRows } from "./frame.schedules.ts";
import { frameResize } from "./frame-resize.kernel.ts";
import { gatherAt } from "./gather-at.kernel.ts";
import { globalAvgPool } from "./global-avg-pool.kernel.ts";
import { gridTaps } from "./grid-taps.kernel.ts";
import { gru } from "./gru.kernel.ts";
import { gspc } from "./gspc.schedules.ts";
import { haloInLanes } from "./halo.schedules.ts";
import { hardmax } from "./hardmax.kernel.ts";
import { instanceNorm } from "./instance-norm.kernel.ts";
import { layerNorm } from "./layer-norm.kernel.ts";
import { lrn } from "./lrn.kernel.ts";
import { neighboursInLanes } from "./lrn.schedules.ts";
import { lstm } from "./lstm.kernel.ts";
import { matmul } from "./matmul.kernel.ts";
import { matmulPanels } from "./matmul.schedules.ts";
import { maxPool } from "./max-pool.kernel.ts";
import { mul } from "./mul.kernel.ts";
import { nonMax } from "./non-max.kernel.ts";
import { mapsInLanes, pickRows, rowsInLanes } from "./norm.schedules.ts";
import type { KernelFunction, NamedSchedule, OpDef } from "./op.ts";
import { pad } from "./pad.kernel.ts";
import { padInLanes } from "./pad.schedules.ts";
import { places } from "./places.kernel.ts";
import { globalPoolInLanes, mapInLanes, pickByChannels, plain, poolInLanes } from "./plain.schedules.ts";
import { pointwise } from "./pointwise.schedules.ts";
import { prelu } from "./prelu.kernel.ts";
import { gatesInLanes } from "./recurrent.schedules.ts";
import { columnsInLanes, pickColumns, rowPartsInLanes } from "./reduce.schedules.ts";
import { reduceColumns } from "./reduce-columns.kernel.ts";
import { reduceRows } from "./reduce-rows.kernel.ts";
import { resample } from "./resample.kernel.ts";
import { resampleInLanes, resampleRows, resampleRuns } from "./resample.schedules.ts";
import { resampleAxis } from "./resample-axis.kernel.ts";
import { rnn } from "./rnn.kernel.ts";
import { roiTaps } from "./roi-taps.kernel.ts";
import { elementwiseInLanes, mapInRows, pickMap } from "./rows.schedules.ts";
import { sample } from "./sample.kernel.ts";
import { sampleMax } from "./sample-max.kernel.ts";
import { scatterAt } from "./scatter-at.kernel.ts";
import { softmax } from "./softmax.kernel.ts";
import { pickByColumns, softmaxColumns, softmaxPlaces } from "./softmax.schedules.ts";
import { softmaxRows } from "./softmax-rows.kernel.ts";
import { take } from "./take.kernel.ts";
import { gatherRuns, takeInLanes, takeRows, takeRuns } from "./take.schedules.ts";
import { takeAxis } from "./take-axis.kernel.ts";
import { topK } from "./top-k.kernel.ts";
import { usedRows } from "./used-rows.kernel.ts";
import { where } from "./where.kernel.ts";
import { winograd2InLanes, winograd4InLanes, winograd6InLanes } from "./winograd.schedules.ts";
import { winograd2 } from "./winograd2.kernel.ts";
import { winograd4 } from "./winograd4.kernel.ts";
import { winograd6 } from "./winograd6.kernel.ts";

const convMacs = (d: Dims): number => d.N * d.G * d.OC * d.IC * d.OH * d.OW * d.KH * d.KW;

/** Of the convolution that is computed; the overhang of the tiles is no work anyone asked for. */
const winogradMacs = (d: Dims): number =>
  d.N * d.G * d.OC * d.IC * (d.ROWS ?? d.OH) * (d.COLUMNS ?? d.OW) * 9;

/** Of the states before; those of the inputs are a dense layer's. */
const recurrentMacs = (d: Dims): number => d.T * d.N * d.H * (d.G ?? d.H);

/** Operators that compare, add or move have no multiply-accumulates. */
const none = (): number => 0;

type Rest = Pick<OpDef, "schedules" | "pick" | "macs">;

/** What is done to each element of a tensor. */
const MAP = {
  schedules: { "in-lanes": mapInLanes, "in-rows": mapInRows, plain },
  pick: pickMap,
  macs: none,
} as const satisfies Rest;

/** What lies behind an axis in lanes. */
const COLUMNS = {
  schedules: { columns: softmaxColumns, plain },
  pick: pickByColumns,
  macs: none,
} as const satisfies Rest;

/** Channels in lanes, and what is joined for each place. */
const POOL = {
  schedules: { "in-lanes": poolInLanes, plain },
  pick: pickByChannels,
  macs: none,
} as const satisfies Rest;

const WINOGRAD = { pick: () => "in-lanes", macs: winogradMacs } as const;

/** Loops as they are written. */
const PLAIN = { schedules: { plain }, pick: () => "plain", macs: none } as const satisfies Rest;

/** All steps of a recurrent layer. */
const RECURRENT = {
  schedules: { gates: gatesInLanes, plain },
  pick: () => "gates",
  macs: recurrentMacs,
} as const satisfies Rest;

/** Without products, always by the same schedule. */
function by(name: string, schedule: NamedSchedule): Rest {
  return { schedules: { [name]: schedule, plain }, pick: () => name, macs: none };
}

/** Every operator there is. A new one is a kernel file, its schedules and an entry here. */
export const ops = {
  conv2d: define(conv2d, {
    name: "conv2d",
    schedules: {
      direct,
      "groups-in-lanes": groupsInLanes,
      pointwise,
      depthwise,
      "spatial-pack": spatialPack,
      planar,
      gspc,
    },
    pick: pickConv2d,
    macs: convMacs,
  }),
  "conv2d-global-pool": define(conv2dGlobalPool, {
    name: "conv2d-global-pool",
    schedules: { pointwise: pooledPointwise, plain },
    pick: pickPooled,
    macs: convMacs,
  }),
  winograd2: define(winograd2, {
    ...{ name: "winograd2", ...WINOGRAD },
    schedules: { "in-lanes": winograd2InLanes, plain },
  }),
  winograd4: define(winograd4, {
    ...{ name: "winograd4", ...WINOGRAD },
    schedules: { "in-lanes": winograd4InLanes, plain },
  }),
  winograd6: define(winograd6, {
    ...{ name: "winograd6", ...WINOGRAD },
    schedules: { "in-lanes": winograd6InLanes, plain },
  }),
  "max-pool": define(maxPool, { name: "max-pool", ...POOL }),
  "avg-pool": define(avgPool, { name: "avg-pool", ...POOL }),
  "global-avg-pool": define(globalAvgPool, {
    name: "global-avg-pool",
    schedules: { "in-lanes": globalPoolInLanes, plain },
    pick: pickByChannels,
    macs: none,
  }),
  add: define(add, { name: "add", ...MAP }),
  mul: define(mul, { name: "mul", ...MAP }),
  elementwise: define(elementwise, {
    name: "elementwise",
    ...MAP,
    schedules: { ...MAP.schedules, "in-lanes": elementwiseInLanes },
  }),
  where: define(where, { name: "where", ...MAP }),
  clamp: define(clamp, { name: "clamp", ...MAP }),
  activation: define(activation, { name: "activation", ...MAP }),
  prelu: define(prelu, { name: "prelu", ...MAP }),
  "reduce-rows": define(reduceRows, {
    name: "reduce-rows",
    schedules: { "in-lanes": rowPartsInLanes, plain },
    pick: (_, d) => (d.DL > 0 ? "in-lanes" : "plain"),
    macs: none,
  }),
  "reduce-columns": define(reduceColumns, {
    name: "reduce-columns",
    schedules: { "in-lanes": columnsInLanes, plain },
    pick: pickColumns,
    macs: none,
  }),
  "instance-norm": define(instanceNorm, {
    name: "instance-norm",
    schedules: { "in-lanes": mapsInLanes, plain },
    pick: pickByChannels,
    macs: none,
  }),
  lrn: define(lrn, {
    name: "lrn",
    schedules: { "in-lanes": neighboursInLanes, plain },
    pick: pickByChannels,
    macs: none,
  }),
  matmul: define(matmul, {
    name: "matmul",
    schedules: { panels: matmulPanels, plain },
    pick: () => "panels",
    macs: (d) => d.P * d.Q * d.M * d.N * d.K,
  }),
  "layer-norm": define(layerNorm, {
    name: "layer-norm",
    schedules: { "in-lanes": rowsInLanes, plain },
    pick: pickRows,
    macs: none,
  }),
  softmax: define(softmax, { name: "softmax", ...COLUMNS }),
  hardmax: define(hardmax, { name: "hardmax", ...COLUMNS }),
  "softmax-rows": define(softmaxRows, { name: "softmax-rows", ...by("places", softmaxPlaces) }),
  lstm: define(lstm, { name: "lstm", ...RECURRENT }),
  gru: define(gru, { name: "gru", ...RECURRENT }),
  rnn: define(rnn, { name: "rnn", ...RECURRENT }),
  copy: define(copy, { name: "copy", ...by("contiguous", contiguous) }),
  frame: define(frame, { name: "frame", ...by("pixels", pixelsInRows) }),
  "frame-resize": define(frameResize, { name: "frame-resize", ...by("lines", linesOfRows) }),
  constant: define(constant, { name: "constant", ...by("runs", constantRuns) }),
  pad: define(pad, {
    name: "pad",
    schedules: { "in-lanes": padInLanes, plain },
    pick: pickByChannels,
    macs: none,
  }),
  take: define(take, {
    name: "take",
    schedules: { "in-lanes": takeInLanes, rows: takeRows, plain },
    pick: pickOrRows,
    macs: none,
  }),
  "take-axis": define(takeAxis, { name: "take-axis", ...by("runs", takeRuns) }),
  resample: define(resample, {
    name: "resample",
    schedules: { "in-lanes": resampleInLanes, rows: resampleRows, plain },
    pick: pickOrRows,
    macs: (d) => d.N * d.C * d.H * (d.IW * d.KH + d.W * d.KW),
  }),
  "resample-axis": define(resampleAxis, {
    name: "resample-axis",
    schedules: { runs: resampleRuns, plain },
    pick: () => "runs",
    macs: (d) => d.M * d.K * d.L * d.T,
  }),
  "arg-extreme": define(argExtreme, { name: "arg-extreme", ...COLUMNS }),
  check: define(check, { name: "check", ...PLAIN }),
  "non-max": define(nonMax, { name: "non-max", ...PLAIN }),
  places: define(places, { name: "places", ...COLUMNS }),
  "used-rows": define(usedRows, { name: "used-rows", ...PLAIN }),
  det: define(det, { name: "det", ...PLAIN }),
  "cum-sum": define(cumSum, { name: "cum-sum", ...COLUMNS }),
  "top-k": define(topK, { name: "top-k", ...PLAIN }),
  "gather-at": define(gatherAt, { name: "gather-at", ...by("runs", gatherRuns) }),
  "scatter-at": define(scatterAt, { name: "scatter-at", ...PLAIN }),
  "grid-taps": define(gridTaps, { name: "grid-taps", ...PLAIN }),
  "roi-taps": define(roiTaps, { name: "roi-taps", ...PLAIN }),
  sample: define(sample, {
    ...{ name: "sample", ...POOL },
    macs: (d) => d.N * d.C * d.OH * d.OW * d.KH * d.KW,
  }),
  "sample-max": define(sampleMax, { name: "sample-max", ...POOL }),
  "fill-halo": define(fillHalo, {
    name: "fill-halo",
    schedules: { "in-lanes": haloInLanes, plain },
    pick: pickByChannels,
    macs: none,
  }),
} as const satisfies Readonly<Record<string, OpDef>>;

/** Names of the operators. */
export type OpName = keyof typeof ops;

/** `rows` where channels are not blocked. */
function pickOrRows(...[s, d, target]: Parameters<OpDef["pick"]>): string {
  return pickByChannels(s, d, target) === "in-lanes" ? "in-lanes" : "rows";
}

/** An operator whose kernel lies in the file of its name. */
function define(kernel: KernelFunction, rest: Omit<OpDef, "kernel" | "file">): OpDef {
  return { ...rest, kernel, file: `${rest.name}.kernel.ts` };
}
