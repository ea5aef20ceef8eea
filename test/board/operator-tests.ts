import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { exportOnnx } from "../../compiler/frontend/onnx/export.ts";
import { importOnnx } from "../../compiler/frontend/onnx/import.ts";
import type { Graph } from "../../compiler/graph/graph.ts";
import { optimizeGraph } from "../../compiler/graph/optimize-graph.ts";
import { runReference } from "../../compiler/verify/reference.ts";
import { casesOn } from "../support/amount.ts";
import { runCompiled } from "./compare-runs.ts";
import {
  joinedInputs,
  joinedResults,
  joinModels,
  type OperatorModel,
  wrongOutputs,
} from "./operator-models.ts";

interface Asked {
  readonly boards: readonly string[];
  /** Which graph is written as ONNX and read again, too. */
  readonly written?: "imported" | "optimised";
  /** Of an output's range, on boards. */
  readonly tolerance?: number;
}

/** Tests of small models, all as one network, against ONNX Runtime: as their kernels run in Node, and compiled for boards. */
export function testOperators(
  models: Readonly<Record<string, OperatorModel>>,
  { boards, written, tolerance }: Asked,
): void {
  const folder = mkdtempSync(join(tmpdir(), "tilewright-operators-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const imported = joinModels(models);
  const graphs = { imported, optimised: optimizeGraph(imported) };
  const inputs = joinedInputs(models);

  test(`as their kernels run in Node${written ? ", and written as ONNX again" : ""}`, async () => {
    const expected = await joinedResults(models, inputs, imported);
    const wrong = (graph: Graph): readonly string[] => {
      const given = graph.inputs.map((name, i) => [name, inputs[imported.inputs[i]]]);
      return wrongOutputs(runReference(graph, Object.fromEntries(given)), expected);
    };
    expect(wrong(graphs.imported)).toEqual([]);
    expect(wrong(graphs.optimised)).toEqual([]);
    if (written !== undefined) expect(wrong(importOnnx(exportOnnx(graphs[written])))).toEqual([]);
  });

  test.each(boards)(
    "on %s",
    async (board) => {
      const some = casesOn(board, models);
      const graph = optimizeGraph(joinModels(some));
      const given = Object.fromEntries(graph.inputs.map((name) => [name, inputs[name]]));
      const expected = await joinedResults(some, inputs, imported);
      const { values } = await runCompiled(graph, board, join(folder, board), given);
      expect(wrongOutputs(values, expected, tolerance)).toEqual([]);
    },
    300_000,
  );
}
