import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { importOnnx } from "../../compiler/frontend/onnx/import.ts";
import type { OnnxNode } from "../../compiler/frontend/onnx/model.ts";
import { makeRng } from "../../compiler/support/rng.ts";
import { runReference } from "../../compiler/verify/reference.ts";
import { simulatePlan } from "../../compiler/verify/simulate-plan.ts";
import { MOVE_CASES, type MoveCase } from "../frontend/move-models.ts";
import { type ModelText, model } from "../frontend/onnx-model.ts";
import { randomInputs } from "../graph/graph-builder.ts";
import { sample, sampleOn } from "../support/amount.ts";
import { bothBounds, carriedBounds, difference } from "../verify/differences.ts";
import { runCompiled } from "./compare-runs.ts";

const folder = mkdtempSync(join(tmpdir(), "tilewright-moves-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Cases of one operator set side by side in one model. */
function together(cases: readonly MoveCase[]): ModelText {
  const parts = cases.map((text, i) => renamed(text, (name) => (name === "" ? "" : `${name}_${i}`)));
  return {
    opset: cases[0].opset,
    inputs: Object.assign({}, ...parts.map(({ inputs }) => inputs)),
    outputs: parts.flatMap(({ outputs }) => outputs),
    nodes: parts.flatMap(({ nodes }) => nodes),
    weights: parts.flatMap(({ weights }) => weights ?? []),
  };
}

function renamed(
  { inputs, outputs, nodes, weights = [] }: MoveCase,
  to: (name: string) => string,
): ModelText {
  return {
    inputs: Object.fromEntries(Object.entries(inputs).map(([name, shape]) => [to(name), shape])),
    outputs: outputs.map(to),
    nodes: nodes.map(
      (n): OnnxNode => ({
        ...n,
        name: to(n.name ?? ""),
        input: (n.input ?? []).map(to),
        output: (n.output ?? []).map(to),
      }),
    ),
    weights: weights.map((w) => ({ ...w, name: to(w.name ?? "") })),
  };
}

const taken = sample(Object.values(MOVE_CASES), 5);

describe.each(["host", "qemu-rpi4", "qemu-rpi2"])("what moves or resamples elements on %s", (board) => {
  const cases = sampleOn(board, taken);
  test.each([...new Set(cases.map(({ opset }) => opset))])(
    "agrees with its kernels in Node, opset %i",
    async (opset) => {
      const graph = importOnnx(model(together(cases.filter((text) => text.opset === opset))));
      const inputs = randomInputs(graph, makeRng(3));
      const { plan, values } = await runCompiled(graph, board, join(folder, `${board}-${opset}`), inputs);
      const operators = runReference(graph, inputs);
      const kernels = simulatePlan(
        plan,
        graph.inputs.map((name) => inputs[name]),
      );
      const bounds = carriedBounds(graph, inputs, plan);
      const wrong = graph.outputs.flatMap((name, i) => [
        ...difference(`${name} in Node`, operators.get(name), values.get(name), bounds.get(name)),
        ...difference(
          `${name}, its kernels in Node`,
          kernels.outputs[i],
          values.get(name),
          bothBounds(bounds.get(name), bounds.get(name)),
        ),
      ]);
      expect(wrong).toEqual([]);
    },
    300_000,
  );
});
