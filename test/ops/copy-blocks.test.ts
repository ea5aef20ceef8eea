import { describe, expect, test } from "vitest";
import { interpretVector } from "../../compiler/ir/interpret-vector.ts";
import { pack, type Storage, type StorageDim, unpack } from "../../compiler/ir/storage.ts";
import type { VectorProc } from "../../compiler/ir/vector.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { makeRng } from "../../compiler/support/rng.ts";
import { compileTask } from "../../compiler/task/compile-task.ts";

/** As dumps write it, but for halos: "1/4" are blocks of 4 of dimension 1, "1%4" what is in one. */
function storage(shape: readonly number[], order: string, before: readonly number[] = []): Storage {
  const dims = order.split(" ").map((part): StorageDim => {
    const [dim, factor] = part.split(/[/%]/).map(Number);
    if (!part.includes("/") && !part.includes("%")) return { part: "whole", dim };
    return { part: part.includes("/") ? "outer" : "inner", dim, factor };
  });
  return { shape, halo: shape.map((_, d) => ({ before: before[d] ?? 0, after: 0 })), dims };
}

const WRITTEN = "blocks of both sides, written out";

describe.each([
  ["half of a shuffle", [1, 29, 2, 4, 5], "0 2 1/4 3 4 1%4", "0 1/2 3 4 1%2 2", [], WRITTEN],
  [
    "its other half, between blocks",
    [1, 29, 2, 4, 5],
    "0 2 1/4 3 4 1%4",
    "0 1/2 3 4 1%2 2",
    [0, 29],
    WRITTEN,
  ],
  ["blocks without a rest", [1, 8, 2, 3, 5], "0 2 1/4 3 4 1%4", "0 1/2 3 4 1%2 2", [], WRITTEN],
  [
    "three groups in short rows",
    [1, 5, 12, 4, 5],
    "0 2%3 1 3 4 2/3",
    "0 1 2/4 3 4 2%4",
    [],
    "element by element",
  ],
  ["three groups", [1, 5, 12, 4, 9], "0 2%3 1 3 4 2/3", "0 1 2/4 3 4 2%4", [], WRITTEN],
  ["both sides alike, between blocks", [1, 8, 1, 4, 5], "0 1/4 3 4 1%4", "0 1/4 3 4 1%4", [0, 3], WRITTEN],
  [
    "both sides alike beside a dimension of one",
    [1, 8, 1, 4, 5],
    "0 1/4 3 4 1%4 2",
    "0 1/4 2 3 4 1%4",
    [],
    "by vectors",
  ],
  [
    "both sides apart by a block of one",
    [1, 8, 1, 4, 5],
    "0 1/4 3 4 1%4 2/4 2%4",
    "0 1/4 2 3 4 1%4",
    [],
    WRITTEN,
  ],
  ["planes into blocks", [1, 8, 1, 4, 5], "0 1 2 3 4", "0 1/4 2 3 4 1%4", [], "element by element"],
] as const)("a copy of %s", (_, shape, from, to, before, choice) => {
  const [A, B, C, D, E] = shape;
  const task = {
    op: "copy",
    dims: { A, B, C, D, E },
    storage: { x: storage(shape, from, before), y: storage(shape, to) },
  };

  test("moves each element to its place", () => {
    let lowered: VectorProc | undefined;
    const kernel = compileTask(task, loadTarget("qemu-rpi4"), {
      dump: (_stage, proc) => {
        if (proc.stage === "vector") lowered = proc;
      },
    });
    expect(kernel.choice).toBe(choice);
    const rng = makeRng(3);
    const x = Float32Array.from({ length: A * B * C * D * E }, () => rng.normal());
    const memory = { x: pack(task.storage.x, x), y: pack(task.storage.y, new Float32Array(x.length)) };
    interpretVector(lowered as VectorProc, memory);
    expect(unpack(task.storage.y, memory.y)).toEqual(x);
  });
});
