import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { afterAll, describe, expect, test } from "vitest";
import { writeBundle } from "../../compiler/driver/bundle/emit-bundle-write.ts";
import { compileNetwork } from "../../compiler/driver/compile-network.ts";
import { type FrameOptions, PLAIN_FRAMES, withFrames } from "../../compiler/frontend/frames.ts";
import { exportOnnx } from "../../compiler/frontend/onnx/export.ts";
import type { Graph } from "../../compiler/graph/graph.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { makeRng } from "../../compiler/support/rng.ts";
import { graphBuilder } from "../graph/graph-builder.ts";
import { sampleOn } from "../support/amount.ts";
import { messageOf } from "../support/message.ts";
import { carriedBounds, difference } from "../verify/differences.ts";
import { runCompiled } from "./compare-runs.ts";

const folder = mkdtempSync(join(tmpdir(), "tilewright-frames-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function network(channels: number): Graph {
  const g = graphBuilder(makeRng(3));
  const x = g.input([2, channels, 12, 14]);
  return g.finish([g.conv(x, { oc: 8, pads: [1, 1, 1, 1] })]);
}

interface Frames {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

function framesFor(graph: Graph, { bytes }: FrameOptions): Frames {
  const { shape = [] } = graph.tensors.get(graph.inputs[0]) ?? {};
  const rng = makeRng(5);
  const count = shape.reduce((a, b) => a * b, 1);
  return { shape, data: Float32Array.from({ length: count }, () => (bytes ? rng.int(256) : rng.normal())) };
}

/** What a camera program does before it calls ONNX Runtime, pixel by pixel in double precision. */
function prepared({ shape, data }: Frames, o: FrameOptions, [n, c, h, w]: readonly number[]): Float32Array {
  const [rows, columns] = o.layout === "nhwc" ? shape.slice(1, 3) : shape.slice(2, 4);
  const pixel = (image: number, channel: number, y: number, x: number): number => {
    const from = o.order === "bgr" ? c - 1 - channel : channel;
    const at =
      o.layout === "nhwc"
        ? ((image * rows + y) * columns + x) * c + from
        : ((image * c + from) * rows + y) * columns + x;
    const of = (values: readonly number[]) => values[values.length === 1 ? 0 : channel];
    return (data[at] - of(o.mean)) * of(o.scale);
  };
  const inside = (v: number, size: number): number => Math.min(Math.max(v, 0), size - 1);
  const out = new Float32Array(n * c * h * w);
  for (let i = 0; i < out.length; i++) {
    const [image, channel] = [Math.floor(i / (c * h * w)), Math.floor(i / (h * w)) % c];
    const y = ((Math.floor(i / w) % h) + 0.5) * (rows / h) - 0.5;
    const x = ((i % w) + 0.5) * (columns / w) - 0.5;
    const [y0, x0] = [Math.floor(y), Math.floor(x)];
    const line = (row: number): number =>
      pixel(image, channel, inside(row, rows), inside(x0, columns)) * (1 - (x - x0)) +
      pixel(image, channel, inside(row, rows), inside(x0 + 1, columns)) * (x - x0);
    out[i] = line(y0) * (1 - (y - y0)) + line(y0 + 1) * (y - y0);
  }
  return out;
}

/** What ONNX Runtime makes of a network's one input. */
async function onRuntime(graph: Graph, { shape, data }: Frames): Promise<Float32Array> {
  const session = await InferenceSession.create(exportOnnx(graph));
  const [input] = graph.inputs;
  const bytes = graph.tensors.get(input)?.type === "u8";
  const fed = bytes
    ? new Tensor("uint8", Uint8Array.from(data), [...shape])
    : new Tensor("float32", data, [...shape]);
  const found = await session.run({ [input]: fed });
  await session.release();
  return found[graph.outputs[0]].data as Float32Array;
}

const IMAGENET = { mean: [123.675, 116.28, 103.53], scale: [0.0171248, 0.017507, 0.0174292] };
const CASES: readonly (readonly [string, number, Partial<FrameOptions>])[] = [
  ["bytes, rows of pixels, blue first", 3, { bytes: true, layout: "nhwc", order: "bgr", ...IMAGENET }],
  ["bytes of another size", 3, { bytes: true, layout: "nhwc", ...IMAGENET, size: [29, 31] }],
  [
    "bytes that are enlarged",
    3,
    { bytes: true, layout: "nhwc", order: "bgr", scale: [1 / 255], size: [7, 9] },
  ],
  ["planes of bytes", 3, { bytes: true, mean: [127.5], scale: [1 / 127.5] }],
  ["planes of another size", 3, { bytes: true, order: "bgr", mean: [127.5], size: [20, 9] }],
  ["floats, rows of pixels", 3, { layout: "nhwc", mean: [1, 2, 3] }],
  ["grey bytes", 1, { bytes: true, layout: "nhwc", scale: [1 / 255] }],
  ["bytes of many channels", 9, { bytes: true, layout: "nhwc", order: "bgr", size: [5, 14] }],
];

describe.each(["host", "qemu-rpi4", "qemu-rpi2"])("frames on %s", (board) => {
  test.each(sampleOn(board, CASES))(
    "%s are what ONNX Runtime makes of prepared ones",
    async (name, channels, given) => {
      const options = { ...PLAIN_FRAMES, ...given };
      const model = network(channels);
      const graph = withFrames(model, options);
      const frames = framesFor(graph, options);
      const inputs = { [graph.inputs[0]]: frames.data };
      const { plan, values } = await runCompiled(
        graph,
        board,
        join(folder, board, name.replaceAll(" ", "-")),
        inputs,
      );
      const { shape: wanted = [] } = model.tensors.get(model.inputs[0]) ?? {};
      const [output] = model.outputs;
      const bounds = carriedBounds(graph, inputs, plan);
      const theirs = await onRuntime(model, { shape: wanted, data: prepared(frames, options, wanted) });
      expect(difference(output, theirs, values.get(output), bounds.get(output))).toEqual([]);
      if (board === "host") {
        const exported = await onRuntime(graph, frames);
        expect(difference(output, exported, values.get(output), bounds.get(output))).toEqual([]);
      }
      // a picture is read as it is given: no copy of it is made
      const readers = plan.steps.filter(({ args }) =>
        Object.values(args).some(({ kind }) => kind === "input"),
      );
      expect(readers.map(({ task }) => task.op)).toEqual([options.size ? "frame-resize" : "frame"]);
    },
    120_000,
  );
});

/** Runs a program; what it prints. */
async function printed(program: string, ...args: readonly string[]): Promise<string> {
  return (await execa(program, args, { cwd: join(folder, "camera") })).stdout;
}

describe("a bundle for frames of bytes", () => {
  test("has programs in C++ and Python that name the outputs which ONNX Runtime finds largest", async () => {
    const g = graphBuilder(makeRng(8));
    const x = g.input([1, 3, 12, 14]);
    const map = g.globalAvgPool(g.conv(x, { oc: 16, stride: 2 }));
    const model = { ...g.finish([g.dense(g.reshape(map, [1, 16]), 9)]), name: "seen" };
    const options: FrameOptions = {
      ...PLAIN_FRAMES,
      bytes: true,
      layout: "nhwc",
      ...IMAGENET,
      size: [20, 30],
    };
    const target = loadTarget("host");
    const dir = join(folder, "camera");
    const { files } = await compileNetwork(withFrames(model, options), target, {
      meta: { modelSha256: "0" },
    });
    await writeBundle(files, dir);

    const frames = framesFor(withFrames(model, options), options);
    const session = await InferenceSession.create(exportOnnx(model));
    const fed = new Tensor("float32", prepared(frames, options, [1, 3, 12, 14]), [1, 3, 12, 14]);
    const scores = (await session.run({ [x]: fed }))[model.outputs[0]].data as Float32Array;
    await session.release();
    const order = [...scores.keys()].sort((a, b) => scores[b] - scores[a]).slice(0, 5);

    const picture = Buffer.concat([Buffer.from("P6 30 20 255\n"), Uint8Array.from(frames.data)]);
    writeFileSync(join(dir, "picture.ppm"), picture);
    writeFileSync(join(dir, "labels.txt"), [..."abcdefghi"].map((name) => `class ${name}\n`).join(""));
    await printed("make", "-j2", "all", "shared");
    const flags = ["-std=c++17", "-O2", "-Wall", "-Wextra", "-Werror", "-pedantic", "-Iinclude"];
    const source = "examples/seen_camera.cpp";
    await printed("g++", ...flags, source, "build/libseen.a", "-lm", "-pthread", "-o", "camera");
    for (const program of [["./camera"], ["python3", "examples/seen_camera.py"]]) {
      const [first = "", ...rest] = program;
      const lines = (await printed(first, ...rest, "picture.ppm", "labels.txt")).split("\n");
      expect(lines.map((line) => line.replace(/ .* class/, " class"))).toEqual(
        order.map((i) => `${i} class ${"abcdefghi"[i]}`),
      );
      lines.forEach((line, i) => {
        expect(Math.abs(Number(line.split(" ")[1]) - scores[order[i]])).toBeLessThan(1e-4);
      });
    }
    const { exitCode, stderr } = await execa(join(dir, "camera"), ["labels.txt"], {
      cwd: dir,
      reject: false,
    });
    expect([exitCode, stderr]).toEqual([
      2,
      "usage: camera PICTURE.ppm [LABELS.txt]; the picture is a P6 of 30 x 20",
    ]);
  }, 120_000);
});

describe("frames that do not fit the network", () => {
  test("C381: there is not one input of images", async () => {
    const g = graphBuilder();
    const graph = g.finish([g.dense(g.input([1, 4]), 2)]);
    expect(await messageOf(() => withFrames(graph, PLAIN_FRAMES))).toBe(
      `error[C381]: the network has not one input of images that frames could take the place of
  why:   its inputs: input1 [1, 4]
  help:  leave the options of frames out: --input-u8, --input-layout, --input-order, --mean, --scale, --input-size`,
    );
  });

  test("C382: another number of means than channels", async () => {
    expect(await messageOf(() => withFrames(network(3), { ...PLAIN_FRAMES, mean: [1, 2] }))).toBe(
      `error[C382]: --mean has 2 numbers, input \`input1\` has 3 channels
  help:  give one number for all channels, or 3: [1,2] are neither`,
    );
  });
});
