import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, test } from "vitest";
import { bundleSchema } from "../../compiler/artifact/bundle.ts";
import { openBoard } from "../../compiler/device/open-board.ts";
import { kernelBundle } from "../../compiler/driver/bundle/kernel-bundle.ts";
import { tryKernel } from "../../compiler/driver/kernel/schedule-kernel.ts";
import { compileUserKernel, type UserKernel } from "../../compiler/driver/kernel/user-kernel.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { PACKAGE_ROOT } from "../../compiler/support/paths.ts";
import { sample, sampleOn } from "../support/amount.ts";
import { messageOf } from "../support/message.ts";

const FOLDER = join(PACKAGE_ROOT, "test/examples/types");
const SIZES = { N: 40 };
const MATRIX = { M: 3, N: 8, K: 20 };

function compile(
  kernel: string,
  schedule: string | undefined,
  board: string,
  dims: Readonly<Record<string, number>>,
): Promise<UserKernel> {
  return compileUserKernel({
    kernelFile: join(FOLDER, "types.kernel.ts"),
    kernel,
    scheduleFile: schedule === undefined ? undefined : join(FOLDER, "types.schedules.ts"),
    schedule,
    dims,
    choices: {},
    target: loadTarget(board),
  });
}

async function check(user: UserKernel, board: string): Promise<string> {
  const options = { seed: 1, warmup: 0, repeats: 1, threads: 1, timeoutSeconds: 60 };
  const { runner } = await openBoard(board);
  try {
    const { checks } = await tryKernel(user, loadTarget(board), runner, options);
    return checks.map(({ output, ok }) => `${output} ${ok ? "right" : "wrong"}`).join(", ");
  } finally {
    await runner.close();
  }
}

const BOARDS = ["qemu-rpi4", "qemu-rpi5", "host"] as const;
const CASES = [
  ["toHalf", SIZES],
  ["fromHalf", SIZES],
  ["wideMultiplyAdd", SIZES],
  ["requantise", SIZES],
] as const;

describe.each(sample(BOARDS, 2))("kernels of other types on %s", (board) => {
  test.each(sampleOn(board, CASES))("%s, loops as written and in lanes", async (kernel, dims) => {
    for (const schedule of [undefined, "lanes"]) {
      const found = await check(await compile(kernel, schedule, board, dims), board);
      expect(found).toMatch(/^\w+ right(, \w+ right)*$/);
    }
  });

  test("a multiply-add in f16", async () => {
    const scalar = await compile("halfMultiplyAdd", undefined, board, SIZES);
    expect(await check(scalar, board)).toBe("y right");
    if (board === "qemu-rpi4") return;
    expect(await check(await compile("halfMultiplyAdd", "lanes", board, SIZES), board)).toBe("y right");
  });

  test("products of 8 bits in sums of 32, by widening", async () => {
    const scalar = await compile("products", undefined, board, MATRIX);
    expect(await check(scalar, board)).toBe("y right");
    expect(await check(await compile("products", "widening", board, MATRIX), board)).toBe("y right");
  });
});

test.each([
  ["requantise", "lanes", SIZES, "tw_saturate_"],
  ["products", "widening", MATRIX, "vmlaq_s32"],
  ["products", "dotByHalves", MATRIX, "tw_mull_dot"],
] as const)("whole numbers in lanes on a 32-bit core: %s, %s", async (kernel, schedule, dims, text) => {
  const user = await compile(kernel, schedule, "qemu-rpi2", dims);
  expect(user.kernel.c).toContain(text);
  expect(await check(user, "qemu-rpi2")).toMatch(/^\w+ right(, \w+ right)*$/);
});

describe("products of 8 bits by an instruction", () => {
  test("dotprod, where a core has it", async () => {
    const user = await compile("products", "dot", "qemu-rpi5", MATRIX);
    expect(user.kernel.c).toContain("vdotq_lane_s32");
    expect(await check(user, "qemu-rpi5")).toBe("y right");
  });

  test("products in halves, on every 64-bit core", async () => {
    const user = await compile("products", "dotByHalves", "qemu-rpi4", MATRIX);
    expect(await check(user, "qemu-rpi4")).toBe("y right");
  });
});

describe("what a core lacks is refused by name", () => {
  const refusal = (kernel: string, schedule: string, board: string, dims: Readonly<Record<string, number>>) =>
    messageOf(() => compile(kernel, schedule, board, dims));

  test.each(["rpi4", "rpi3"])("f16 arithmetic in lanes on %s", async (board) => {
    expect(await refusal("halfMultiplyAdd", "lanes", board, SIZES)).toMatch(
      /^error\[L109\]: `fma` on f16x8 needs `fp16`, which cortex-a(72|53) lacks\n(?:.|\n)*f16\(f32\(a\) \* f32\(b\)\)/,
    );
  });

  test("dotprod on a core whose instruction set has none", async () => {
    expect(await refusal("products", "dot", "rpi2", MATRIX)).toContain("there is no instruction `sdot_four`");
    expect(await refusal("products", "dot", "rpi2", MATRIX)).toContain(
      "neon-v7 has mull_dot, mull_dot_four, smlal",
    );
  });

  test("dotprod, with the instruction that means the same", async () => {
    expect(await refusal("products", "dot", "rpi4", MATRIX)).toContain(
      "`mull_dot_four` means the same, and cortex-a72 has it",
    );
  });

  test("f16 on a 32-bit core, and instructions on a machine that has none", async () => {
    expect(await refusal("toHalf", "lanes", "rpi2", SIZES)).toContain("error[L110]: neon-v7 has no f16");
    expect(await refusal("products", "dot", "host", MATRIX)).toContain("there is no instruction `sdot_four`");
  });
});

test("a bundle says what its inputs and outputs hold, to C, to C++ and in metadata.json", async () => {
  const user = await compile("toHalf", "lanes", "host", SIZES);
  const files = kernelBundle("to_half", user.kernel, new Map(), loadTarget("host"));
  const header = String(files.get("include/to_half.h"));
  expect(header).toContain("static uint16_t y[TO_HALF_Y_FLOATS];");
  expect(header).toContain("#define TO_HALF_Y_FLOATS 40 /* output y: 40 of f16 */");
  expect(header).toContain("int to_half_run(void *arena, const float *x, uint16_t *y);");
  for (const [compiler, std, language] of [
    ["gcc", "c11", "c"],
    ["g++", "c++17", "c++"],
  ] as const) {
    const flags = [
      `-std=${std}`,
      "-Wall",
      "-Wextra",
      "-Werror",
      "-pedantic",
      "-fsyntax-only",
      "-x",
      language,
      "-",
    ];
    await execa(compiler, flags, { input: header });
  }
  const source = String(files.get("src/to_half.c"));
  expect(source).toContain("static const tw_type input_types[] = { TW_F32 };");
  expect(source).toContain("static const tw_type output_types[] = { TW_F16 };");
  const metadata = bundleSchema.parse(JSON.parse(String(files.get("metadata.json"))));
  expect(metadata.inputs).toEqual([{ name: "x", shape: [40] }]);
  expect(metadata.outputs).toEqual([{ name: "y", shape: [40], dtype: "f16" }]);
});
