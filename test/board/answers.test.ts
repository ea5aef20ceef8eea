import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, describe, expect, test } from "vitest";
import { writeBundle } from "../../compiler/driver/bundle/emit-bundle-write.ts";
import { compileNetwork } from "../../compiler/driver/compile-network.ts";
import { readNetwork } from "../../compiler/driver/read-network.ts";
import { classNames, withTopK } from "../../compiler/frontend/answers.ts";
import type { Graph } from "../../compiler/graph/graph.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { makeRng } from "../../compiler/support/rng.ts";
import { graphBuilder, randomInputs } from "../graph/graph-builder.ts";
import { messageOf } from "../support/message.ts";
import { runCompiled, runOnnxRuntime } from "./compare-runs.ts";

const folder = mkdtempSync(join(tmpdir(), "tilewright-answers-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function scores(form: "rows" | "pixel"): Graph {
  const g = graphBuilder(makeRng(3));
  const pooled = g.globalAvgPool(g.conv(g.input([2, 3, 6, 6]), { oc: 11 }));
  return g.finish([form === "pixel" ? pooled : g.softmax(g.reshape(pooled, [2, 11]), 1)]);
}

describe.each(["host", "qemu-rpi4", "qemu-rpi2"])("the greatest scores on %s", (board) => {
  test.each(["rows", "pixel"] as const)(
    "are those that ONNX Runtime's scores say, of %s",
    async (form) => {
      const model = scores(form);
      const graph = withTopK(model, 4);
      const inputs = randomInputs(model, makeRng(2));
      const { values } = await runCompiled(graph, board, join(folder, `${board}-${form}`), inputs);
      const [all] = [...(await runOnnxRuntime(model, inputs)).values()];
      const [top, classes] = graph.outputs.map((name) => values.get(name) ?? new Float32Array());
      for (const image of [0, 1]) {
        const own = all.slice(11 * image, 11 * (image + 1));
        const order = [...own.keys()].sort((a, b) => own[b] - own[a]).slice(0, 4);
        expect([...classes.slice(4 * image, 4 * (image + 1))]).toEqual(order);
        order.forEach((i, at) => expect(top[4 * image + at]).toBeCloseTo(own[i], 4));
      }
      expect(graph.tensors.get(graph.outputs[1])).toMatchObject({ shape: [2, 4], type: "i32" });
    },
    120_000,
  );
});

const PROGRAM = `#include <stdio.h>
#include "seen.h"
static _Alignas(SEEN_ARENA_ALIGN) unsigned char arena[SEEN_ARENA_BYTES];
int main(void)
{
    static float x[SEEN_INPUT1_FLOATS], top[SEEN_SOFTMAX1_OUT_TOP_FLOATS];
    int32_t classes[SEEN_SOFTMAX1_OUT_CLASSES_FLOATS];

    if (SEEN_LABELS != 11 || seen_run(arena, x, top, classes) != 0)
        return 1;
    printf("%d %s\\n", classes[0], seen_labels[classes[0]]);
    return 0;
}
`;

test("names of classes are in the header, whatever is in them, and in the library", async () => {
  const model = { ...scores("rows"), name: "seen" };
  const names = [..."abcdefghij"].map((name) => `${name} "\\ ??/ é %s`);
  const file = join(folder, "labels.txt");
  writeFileSync(file, [...names, "k"].map((line) => `${line}\r\n`).join(""));
  const labels = classNames(model, readFileSync(file, "utf8"), file);
  expect(labels).toEqual([...names, "k"]);
  const meta = { modelSha256: "0".repeat(64), labels };
  const { files } = await compileNetwork(withTopK(model, 3), loadTarget("host"), { meta });
  const dir = join(folder, "seen");
  await writeBundle(files, dir);
  writeFileSync(join(dir, "program.c"), PROGRAM);
  await execa("make", ["-C", dir, "-j2", "all", "shared", "WARNINGS=-Wall -Wextra -Wpedantic -Werror"]);
  const flags = [
    "-std=c11",
    "-Wall",
    "-Wextra",
    "-Werror",
    "-Iinclude",
    "program.c",
    "-Lbuild",
    "-lseen",
    "-Wl,-rpath,build",
  ];
  await execa("gcc", [...flags, "-lm", "-pthread", "-o", "program"], { cwd: dir });
  const { stdout } = await execa("./program", { cwd: dir });
  expect(stdout).toBe(`${stdout[0]} ${labels[Number(stdout.split(" ")[0])]}`);
}, 60_000);

describe("scores that are not there", () => {
  test("C383: another output", async () => {
    const g = graphBuilder();
    const maps = g.finish([g.conv(g.input([1, 3, 6, 6]), { oc: 4 })]);
    expect(await messageOf(() => withTopK(maps, 1))).toBe(
      `error[C383]: --top-k takes a network of one output of float32 scores, [N, classes]
  why:   its outputs: conv2d1_out [1, 4, 4, 4] of f32`,
    );
  });

  test("C385, C386: names of other classes, or none", async () => {
    expect(await messageOf(() => classNames(scores("rows"), "a\nb\n", "l.txt"))).toBe(
      `error[C385]: \`l.txt\` has 2 lines, output \`softmax1_out\` has 11 classes
  help:  give a file with the name of a class on each line, in the model's order`,
    );
    const request = { model: "zoo:wrn-40-2", inputShapes: [], labels: join(folder, "none.txt") };
    const refused = await messageOf(() => readNetwork(request, () => {}));
    expect(refused.replaceAll(folder, "DIR")).toBe(
      `error[C386]: cannot read the labels \`DIR/none.txt\`
  why:   ENOENT: no such file or directory, open 'DIR/none.txt'`,
    );
  });

  test("C384: more than there are", async () => {
    expect(await messageOf(() => withTopK(scores("rows"), 12))).toBe(
      `error[C384]: --top-k 12 is more than the 11 classes of output \`softmax1_out\`
  help:  give a number up to 11`,
    );
  });
});
