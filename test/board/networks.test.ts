import { expect, test } from "vitest";
import { tilewright } from "../cli/command-line.ts";
import { LONG } from "../support/amount.ts";

/** Groups and shuffles every day; at full size, with others and on more boards, by the suite of `make test-networks`. */
const MODELS = LONG
  ? ["zoo:mobilenet-v1-G4@64", "zoo:shufflenet-v1@64", "zoo:resnext50@64"]
  : ["zoo:mobilenet-v1-G4@32", "zoo:shufflenet-v1@32"];

test.each(MODELS)(
  "%s agrees with ONNX Runtime",
  async (model) => {
    const { code, out, note } = await tilewright(
      ...["test", model, "--board", "qemu-rpi4", "--inputs", "random", "--threads", "2"],
      ...["--reference", "onnxruntime"],
    );
    expect(code, note).toBe(0);
    expect(out).toMatch(/: 1 right, 0 wrong, 0 errors; 1 checks/);
  },
  900_000,
);
