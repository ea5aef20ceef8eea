import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { writeNpy } from "../../compiler/frontend/npy.ts";
import { exportOnnx } from "../../compiler/frontend/onnx/export.ts";
import { tilewright } from "../cli/command-line.ts";
import { graphBuilder } from "../graph/graph-builder.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const folder = temporaryFolder("low-logistic");

/** In lanes a power stops where it is no float any more, so that what is left of a Swish there is another 1e-37. */
test.each(["host", "qemu-rpi4"])(
  "of values whose power is no float sigmoid and Swish are right on %s",
  async (board) => {
    const shape = [1, 4, 5, 16];
    const g = graphBuilder();
    const x = g.input(shape);
    const functions = [g.activation(x, "silu", 1), g.activation(x, "silu", 1.5), g.activation(x, "sigmoid")];
    const [model, input] = [join(folder, "model.onnx"), join(folder, "input.npy")];
    writeFileSync(model, exportOnnx(g.finish(functions)));
    const data = Float32Array.from({ length: 320 }, (_, i) => -(i < 300 ? 55 + i * 0.15 : 10 ** (i - 300)));
    writeFileSync(input, writeNpy({ shape, data }));
    const { code, note } = await tilewright("verify", model, "--board", board, "--input", input);
    expect(code, note).toBe(0);
  },
);
