import type { Kernel } from "../../compiler/artifact/kernel.ts";
import type { Plan } from "../../compiler/graph/plan.ts";
import { pack, plainStorage, type Storage } from "../../compiler/ir/storage.ts";
import type { Target } from "../../compiler/machine/target.schema.ts";
import { makeRng } from "../../compiler/support/rng.ts";

/** Two dense layers of eight with a relu between and a halo: small enough to write out, real enough to build. */

export const N = 8;

/** Rows of eight outputs in blocks of four, so that packing shows. */
const blockedWeights: Storage = {
  shape: [N, N],
  halo: [
    { before: 0, after: 0 },
    { before: 0, after: 0 },
  ],
  dims: [
    { part: "outer", dim: 0, factor: 4 },
    { part: "whole", dim: 1 },
    { part: "inner", dim: 0, factor: 4 },
  ],
};

/** One element of border on each side. */
const bordered: Storage = { ...plainStorage([N]), halo: [{ before: 1, after: 1 }] };

const dense: Kernel = {
  name: "dense_8x8",
  key: "dense",
  params: [
    { name: "x", role: "input", dtype: "f32", storage: plainStorage([N]) },
    { name: "w", role: "weight", dtype: "f32", storage: blockedWeights },
    { name: "b", role: "weight", dtype: "f32", storage: plainStorage([N]) },
    { name: "y", role: "output", dtype: "f32", storage: plainStorage([N]) },
  ],
  scratch: [],
  grid: 2,
  c: `/* y = w x + b, four outputs a chunk. */
void dense_8x8(const float *restrict x, const float *restrict w, const float *restrict b,
               float *restrict y, int begin, int end)
{
    for (int o = begin; o < end; o++)
        for (int lane = 0; lane < 4; lane++) {
            float sum = b[o * 4 + lane];
            for (int i = 0; i < 8; i++)
                sum += x[i] * w[(o * 8 + i) * 4 + lane];
            y[o * 4 + lane] = sum;
        }
}
`,
  prototype:
    "void dense_8x8(const float *restrict x, const float *restrict w, const float *restrict b, float *restrict y, int begin, int end)",
  schedule: "by-hand",
  knobs: {},
  choice: "four outputs a chunk",
  intents: ["keep-order"],
  cflags: [],
  macs: N * N,
  scratchBytes: 0,
};

const relu: Kernel = {
  name: "relu_8",
  key: "relu",
  params: [
    { name: "x", role: "input", dtype: "f32", storage: plainStorage([N]) },
    { name: "y", role: "output", dtype: "f32", storage: bordered },
  ],
  scratch: [],
  grid: 1,
  c: `/* y = max(x, 0) with a border of one zero on each side. */
void relu_8(const float *restrict x, float *restrict y, int begin, int end)
{
    (void)begin;
    (void)end;
    y[0] = 0;
    y[9] = 0;
    for (int i = 0; i < 8; i++)
        y[1 + i] = x[i] > 0 ? x[i] : 0;
}
`,
  prototype: "void relu_8(const float *restrict x, float *restrict y, int begin, int end)",
  schedule: "by-hand",
  knobs: {},
  choice: "one chunk",
  intents: [],
  cflags: [],
  macs: N,
  scratchBytes: 0,
};

/** The dense kernel with an input that has a border. */
const denseBordered: Kernel = {
  ...dense,
  name: "dense_8x8_bordered",
  key: "dense bordered",
  params: dense.params.map((p) => (p.name === "x" ? { ...p, storage: bordered } : p)),
  c: dense.c.replaceAll("dense_8x8", "dense_8x8_bordered").replace("x[i] * w", "x[1 + i] * w"),
  prototype: dense.prototype.replace("dense_8x8", "dense_8x8_bordered"),
  intents: [],
  cflags: [],
};

function random(count: number, seed: number): Float32Array {
  const rng = makeRng(seed);
  return Float32Array.from({ length: count }, () => rng.next() * 2 - 1);
}

const w1 = random(N * N, 1);
const w2 = random(N * N, 2);
const bias = random(N, 3);

function task(op: string): Plan["steps"][number]["task"] {
  return { op, dims: {}, storage: {} };
}

export const tinyPlan: Plan = {
  name: "tiny-net",
  arenaBytes: 128,
  inputs: [{ name: "input.1", shape: [1, N] }],
  outputs: [{ name: "pool", shape: [1, N] }],
  checks: [],
  steps: [
    {
      name: "fc1",
      layer: "fc1",
      task: task("dense"),
      args: {
        x: { kind: "input", index: 0 },
        w: { kind: "weight", shape: [w1.length], data: w1 },
        b: { kind: "weight", shape: [bias.length], data: bias },
        y: { kind: "arena", offset: 0 },
      },
      produces: {
        tensor: "fc1_out",
        shape: [1, N],
        place: { kind: "arena", offset: 0 },
        storage: plainStorage([N]),
      },
    },
    {
      name: 'relu "one" */',
      layer: 'relu "one" */',
      task: task("relu"),
      args: { x: { kind: "arena", offset: 0 }, y: { kind: "arena", offset: 64 } },
      produces: {
        tensor: "relu_out",
        shape: [1, N],
        place: { kind: "arena", offset: 64 },
        storage: bordered,
      },
    },
    {
      name: "fc2",
      layer: "fc2",
      task: task("dense"),
      args: {
        x: { kind: "arena", offset: 64 },
        w: { kind: "weight", shape: [w2.length], data: w2 },
        b: { kind: "weight", shape: [bias.length], data: bias },
        y: { kind: "output", index: 0 },
      },
      produces: {
        tensor: "pool",
        shape: [1, N],
        place: { kind: "output", index: 0 },
        storage: plainStorage([N]),
      },
    },
  ],
};

export const tinyKernels: readonly Kernel[] = [dense, relu, denseBordered];

function denseReference(w: Float32Array, x: Float32Array): Float32Array {
  return bias.map((b, o) => x.reduce((sum, value, i) => sum + value * w[o * N + i], b));
}

/** What each layer leaves in memory, in order; the last is the network's output. */
export function tinyReference(x: Float32Array): Float32Array[] {
  const first = denseReference(w1, x);
  const second = first.map((v) => Math.max(v, 0));
  return [first, pack(bordered, second), denseReference(w2, second)];
}

export const tinyInput: Float32Array = random(N, 4);

const isa: Target["isa"] = {
  name: "portable",
  summary: "none of it is used here",
  lanes: 4,
  registers: 16,
  prelude: [],
  vectorType: "",
  ops: {
    load: "",
    store: "",
    splat: "",
    iota: "",
    add: "",
    sub: "",
    mul: "",
    div: "",
    min: "",
    max: "",
    exponent: "",
    fma: "",
    fms: "",
  },
};
const core: Target["core"] = {
  name: "any",
  summary: "any",
  mcpu: "cortex-a72",
  inOrder: false,
  fmaPerCycle: 1,
  fmaLatency: 4,
  l1dBytes: 32768,
  l2Bytes: 1048576,
  source: "none",
};

export const hostTarget: Target = {
  name: "host",
  isa,
  core,
  board: {
    name: "host",
    summary: "this machine",
    isa: "portable",
    core: "native",
    cores: 1,
    cflags: ["-march=native"],
    run: "native",
  },
};

export const armTarget: Target = {
  name: "rpi4",
  isa,
  core,
  board: {
    name: "rpi4",
    summary: "Raspberry Pi 4",
    isa: "neon",
    core: "cortex-a72",
    cores: 4,
    triple: "aarch64-linux-gnu",
    cflags: ["-mcpu=cortex-a72"],
    run: "ssh",
  },
};
