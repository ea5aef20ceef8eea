import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { DType } from "../../compiler/ir/dtype.ts";
import { printProc } from "../../compiler/ir/print.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { primitives } from "../../compiler/schedule/primitives/index.ts";
import { Schedule } from "../../compiler/schedule/schedule.ts";
import { PACKAGE_ROOT } from "../../compiler/support/paths.ts";
import { machineOf } from "../../compiler/task/machine.ts";
import { kernelOf } from "./kernels.ts";

const FOLDER = join(PACKAGE_ROOT, "compiler", "schedule", "primitives");

interface Example {
  readonly before: string;
  readonly call: string;
  readonly after: string;
}

/** Every pair of `before` and `after CALL` blocks in a file's comments. */
function examplesOf(file: string): Example[] {
  const text = readFileSync(join(FOLDER, file), "utf8").replace(/^ \* ?/gm, "");
  const pairs = text.matchAll(/```ts before\n([\s\S]*?)```\n```ts after (.*)\n([\s\S]*?)```/g);
  return Array.from(pairs, ([, before, call, after]) => ({ before, call, after }));
}

/** Of a core with every instruction of its set; tensors hold whole numbers where an example converts to them. */
const machine = machineOf(loadTarget("qemu-rpi5"));
const WHOLE = { x: "i8", w: "i8", y: "i32" } as const;

/** Shapes large enough for every access of the examples. */
function shapesIn(text: string): Record<string, number[]> {
  const shapes: Record<string, number[]> = {};
  for (const [, name, indices] of text.matchAll(/\b([wxyz])((?:\[[^\]]+\])+)/g)) {
    shapes[name] = Array.from(indices.matchAll(/\[/g), () => 16);
  }
  return shapes;
}

const examples = readdirSync(FOLDER).flatMap((file) =>
  examplesOf(file).map((example) => ({ call: `${file}: ${example.call}`, example })),
);

describe("the example in a primitive's documentation is what it does", () => {
  test("every primitive has one", () => {
    const shown = new Set(examples.map((e) => /^\w+/.exec(e.example.call)?.[0]));
    expect(Object.keys(primitives).filter((op) => !shown.has(op))).toEqual([]);
  });
  test.each(examples)("$call", ({ example: { before, call, after } }) => {
    const shapes = shapesIn(before);
    const types: Readonly<Record<string, DType>> = before.includes("i32(") ? WHOLE : {};
    const start = Schedule.of(kernelOf(before, shapes, types), { machine });
    const scheduled = new Function("s", `return s.${call}`)(start) as Schedule;
    expect(printProc(scheduled.proc)).toBe(printProc(kernelOf(after, shapes, types)));
  });
});
