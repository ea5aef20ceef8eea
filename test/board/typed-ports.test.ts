import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { randomInputs } from "../../compiler/driver/run/verify-network.ts";
import { readNpyOf, writePortNpy } from "../../compiler/frontend/npy.ts";
import type { Graph } from "../../compiler/graph/graph.ts";
import { type CallerType, memoryOf } from "../../compiler/ir/port-type.ts";
import { runReference } from "../../compiler/verify/reference.ts";
import { simulatePlan } from "../../compiler/verify/simulate-plan.ts";
import { graphBuilder } from "../graph/graph-builder.ts";
import { withTypes } from "../graph/typed-graph.ts";
import { carriedBounds, difference } from "../verify/differences.ts";
import { runCompiled, runOnnxRuntime } from "./compare-runs.ts";

const folder = mkdtempSync(join(tmpdir(), "tilewright-typed-ports-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Inputs of every type: read with borders, in blocks, as rows, by two nodes, and handed on; outputs of every type. */
function everyType(): Graph {
  const net = graphBuilder();
  const frame = net.input([2, 3, 9, 10]);
  const scores = net.input([2, 16, 9, 10]);
  const mask = net.input([2, 16, 9, 10]);
  const rows = net.input([3, 5, 7]);
  const places = net.input([2, 8]);
  const images = net.conv(frame, { oc: 16, pads: [1, 1, 1, 1] });
  const shown = net.mul(net.add(images, scores), mask);
  const bytes = net.reshape(net.slice(frame, 1, 1, 2), [2, 180]);
  const turned = net.transpose(rows, [2, 0, 1]);
  const twice = net.add(places, places);
  const same = net.reshape(mask, [16, 180]);
  const small = net.slice(scores, 1, 3, 4);
  const [i16, u16, u32, u64, f64] = [0, 1, 2, 3, 4].map(() => net.input([2, 5, 6, 7]));
  const [short, wide] = [net.add(i16, u16), net.add(u32, u64)];
  const turnedShort = net.transpose(short, [0, 2, 3, 1]);
  const pooled = net.conv(f64, { oc: 16, pads: [1, 1, 1, 1] });
  const passed = net.reshape(f64, [10, 42]);
  const [sixteen, again, sum] = [
    net.reshape(u16, [420]),
    net.reshape(u64, [60, 7]),
    net.reshape(wide, [420]),
  ];
  const outputs = [turnedShort, sixteen, again, sum, passed, pooled];
  const graph = net.finish([shown, bytes, turned, twice, same, small, ...outputs]);
  return withTypes(graph, {
    ...{ [i16]: "i16", [u16]: "u16", [u32]: "u32", [u64]: "u64", [f64]: "f64" },
    ...{ [turnedShort]: "i16", [sixteen]: "u16", [again]: "u64", [sum]: "u32", [passed]: "f64" },
    ...{ [frame]: "u8", [scores]: "i8", [mask]: "bool", [rows]: "i32", [places]: "i64" },
    ...{ [bytes]: "u8", [turned]: "i32", [twice]: "i64", [same]: "bool", [small]: "i8" },
  });
}

describe.each(["host", "qemu-rpi4", "qemu-rpi2"])("inputs and outputs of whole numbers on %s", (board) => {
  test("are the numbers that its kernels in Node make of them", async () => {
    const graph = everyType();
    const given = randomInputs(graph, 5);
    const inputs = Object.fromEntries([...given].map(([name, { data }]) => [name, data]));
    const { plan, values } = await runCompiled(graph, board, join(folder, board), inputs);
    const operators = runReference(graph, inputs);
    const outside = await runOnnxRuntime(graph, inputs);
    const kernels = simulatePlan(
      plan,
      graph.inputs.map((name) => inputs[name]),
    );
    const [shown, ...whole] = graph.outputs.slice(0, -1);
    const bounds = carriedBounds(graph, inputs, plan);
    for (const name of [shown, graph.outputs.at(-1) ?? ""])
      expect(difference(name, operators.get(name), values.get(name), bounds.get(name))).toEqual([]);
    for (const name of whole) {
      expect([...(values.get(name) ?? [])], name).toEqual([...(operators.get(name) ?? [])]);
      expect([...(outside.get(name) ?? [])], `${name} by ONNX Runtime`).toEqual([
        ...(values.get(name) ?? []),
      ]);
      const inNode = kernels.outputs[graph.outputs.indexOf(name)];
      expect([...inNode], `${name} in Node`).toEqual([...(operators.get(name) ?? [])]);
    }
  }, 120_000);
});

test("inputs that are given back, and nothing else, are no steps", async () => {
  const net = graphBuilder();
  const [wide, short] = [net.input([2, 6]), net.input([3, 4])];
  const [back, rows] = [net.reshape(wide, [12]), net.reshape(short, [4, 3])];
  const graph = withTypes(net.finish([back, rows]), {
    [wide]: "f64",
    [short]: "u16",
    [back]: "f64",
    [rows]: "u16",
  });
  const inputs = {
    [wide]: Float32Array.from({ length: 12 }, (_, i) => i / 4),
    [short]: Float32Array.from({ length: 12 }, (_, i) => 7 * i),
  };
  const { plan, values } = await runCompiled(graph, "host", join(folder, "given-back"), inputs);
  expect(plan.steps).toEqual([]);
  expect(values.get(back)).toEqual(inputs[wide]);
  expect(values.get(rows)).toEqual(inputs[short]);
}, 120_000);

/** A network that hands on what it is given. */
function handOn(type: CallerType, to: CallerType): Graph {
  const net = graphBuilder();
  const x = net.input([1, 4]);
  const y = net.clamp(x, { lo: Number.NEGATIVE_INFINITY, hi: Number.POSITIVE_INFINITY });
  return { ...withTypes(net.finish([y]), { [x]: type, [y]: to }), name: "hand_on" };
}

const PROGRAM = "build/hand_on";

describe("the program of a network", () => {
  const built = new Map<string, string>();
  const PAIRS = [
    ["i32", "i64"],
    ["i64", "i32"],
    ["bool", "bool"],
    ["i32", "u8"],
    ["i32", "bool"],
    ["u64", "i16"],
    ["f64", "f64"],
  ] as const;
  beforeAll(async () => {
    for (const [from, to] of PAIRS) {
      const dir = join(folder, `${from}-${to}`);
      const graph = handOn(from, to);
      const inputs = { [graph.inputs[0]]: new Float32Array(4) };
      await runCompiled(graph, "host", dir, inputs);
      built.set(`${from} ${to}`, dir);
    }
  }, 120_000);

  const run = async (pair: string, bytes: Uint8Array, ...more: readonly string[]) => {
    const dir = built.get(pair) ?? "";
    writeFileSync(join(dir, "x.bin"), bytes);
    const args = ["run", "--inputs", "x.bin", "--outputs", "y.bin", ...more];
    const { exitCode, stderr } = await execa(join(dir, PROGRAM), args, { cwd: dir, reject: false });
    return { exitCode, stderr, y: () => readFileSync(join(dir, "y.bin")) };
  };
  const REFUSED = "error: an input or a result is a whole number that floats, or its type, do not hold";

  test("takes whole numbers up to 2^24, and gives each back", async () => {
    const most = Int32Array.of(2 ** 24, -(2 ** 24), 0, -1);
    const { exitCode, y } = await run("i32 i64", new Uint8Array(most.buffer));
    expect(exitCode).toBe(0);
    expect(new BigInt64Array(new Uint8Array(y()).buffer)).toEqual(BigInt64Array.from(most, BigInt));
  });

  test.each([
    ["i32 i64", new Uint8Array(Int32Array.of(0, 0, 2 ** 24 + 1, 0).buffer)],
    ["i32 i64", new Uint8Array(Int32Array.of(-(2 ** 31), 0, 0, 0).buffer)],
    ["i64 i32", new Uint8Array(BigInt64Array.of(0n, 2n ** 32n, 0n, 0n).buffer)],
    ["bool bool", Uint8Array.of(0, 1, 2, 0)],
    ["i32 u8", new Uint8Array(Int32Array.of(0, 255, 256, 0).buffer)],
    ["i32 u8", new Uint8Array(Int32Array.of(-1, 0, 0, 0).buffer)],
    ["i32 bool", new Uint8Array(Int32Array.of(0, 1, 2, 0).buffer)],
    ["u64 i16", new Uint8Array(BigUint64Array.of(0n, 1n, 2n ** 24n + 1n, 0n).buffer)],
    ["u64 i16", new Uint8Array(BigUint64Array.of(0n, 1n, 2n ** 15n, 0n).buffer)],
    ["f64 f64", new Uint8Array(Float64Array.of(0, 1, 1e300, 0).buffer)],
  ])("refuses what floats or the output's type do not hold: %s %s", async (pair, bytes) => {
    for (const more of [[], ["--trace", "t.bin"]]) {
      const { exitCode, stderr } = await run(pair, bytes, ...more);
      expect([exitCode, stderr]).toEqual([3, REFUSED]);
    }
  });

  test("rounds doubles to floats, and says so", async () => {
    const { exitCode, y } = await run(
      "f64 f64",
      new Uint8Array(Float64Array.of(0.1, -1e30, NaN, Infinity).buffer),
    );
    expect(exitCode).toBe(0);
    const found = [...new Float64Array(new Uint8Array(y()).buffer)];
    expect(found).toEqual([Math.fround(0.1), Math.fround(-1e30), NaN, Infinity]);
    const header = readFileSync(join(built.get("f64 f64") ?? "", "include/hand_on.h"), "utf8");
    expect(header).toContain("int hand_on_run(void *arena, const double *input1, double *clamp1_out);");
    expect(header).toContain("input1: 1 x 4 of f64, computed in float");
  });

  test("is timed with numbers that it takes, and says when it is given others", async () => {
    const dir = built.get("i64 i32") ?? "";
    const bench = (...args: string[]) =>
      execa(join(dir, PROGRAM), ["bench", "--repeats", "2", ...args], { cwd: dir, reject: false });
    expect((await bench()).stdout).toContain('"kind":"network"');
    writeFileSync(join(dir, "x.bin"), new Uint8Array(BigInt64Array.of(0n, 0n, 0n, 1n << 40n).buffer));
    expect(await bench("--inputs", "x.bin")).toMatchObject({ exitCode: 3, stderr: REFUSED });
  });

  test("says its types to C, to C++ and in metadata.json", async () => {
    const dir = built.get("i64 i32") ?? "";
    const header = readFileSync(join(dir, "include/hand_on.h"), "utf8");
    expect(header).toContain("int hand_on_run(void *arena, const int64_t *input1, int32_t *clamp1_out);");
    for (const [compiler, std, language] of [
      ["gcc", "c11", "c"],
      ["g++", "c++17", "c++"],
    ] as const) {
      const flags = ["-Wall", "-Wextra", "-Werror", "-pedantic", "-fsyntax-only"];
      await execa(compiler, [`-std=${std}`, ...flags, "-x", language, "-"], { input: header });
    }
    expect(JSON.parse(readFileSync(join(dir, "metadata.json"), "utf8"))).toMatchObject({
      inputs: [{ name: "input1", shape: [1, 4], dtype: "i64" }],
      outputs: [{ name: "clamp1_out", shape: [1, 4], dtype: "i32" }],
    });
  });
});

test.each(["i8", "u8", "i32"] as const)("a .npy file of %s holds what the port's memory does", (type) => {
  const data = Float32Array.of(0, 1, 100);
  const { data: read } = readNpyOf(writePortNpy({ shape: [3], data }, type), "a.npy", type);
  expect([...read]).toEqual([...data]);
  expect(memoryOf(type, data)).toEqual(new Uint8Array(read.buffer, read.byteOffset, read.byteLength));
});
