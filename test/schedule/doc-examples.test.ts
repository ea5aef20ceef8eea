import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { printProc } from "../../compiler/ir/print.ts";
import { Schedule } from "../../compiler/schedule/schedule.ts";
import { PACKAGE_ROOT } from "../../compiler/support/paths.ts";
import { kernelOf } from "./kernels.ts";

const FOLDER = join(PACKAGE_ROOT, "compiler", "schedule", "primitives");

interface Example {
  readonly before: string;
  readonly call: string;
  readonly after: string;
}

/** The `before` and `after CALL` blocks of a file's doc comment. */
function exampleOf(file: string): Example | undefined {
  const text = readFileSync(join(FOLDER, file), "utf8").replace(/^ \* ?/gm, "");
  const found = /```ts before\n([\s\S]*?)```\n```ts after (.*)\n([\s\S]*?)```/.exec(text);
  return found ? { before: found[1], call: found[2], after: found[3] } : undefined;
}

/** Shapes large enough for every access of the examples. */
function shapesIn(text: string): Record<string, number[]> {
  const shapes: Record<string, number[]> = {};
  for (const [, name, indices] of text.matchAll(/\b([xyz])((?:\[[^\]]+\])+)/g)) {
    shapes[name] = Array.from(indices.matchAll(/\[/g), () => 16);
  }
  return shapes;
}

const examples = readdirSync(FOLDER)
  .map((file) => ({ file, example: exampleOf(file) }))
  .filter((e) => e.example !== undefined);

describe("the example in a primitive's documentation is what it does", () => {
  test("there are examples", () => expect(examples.length).toBeGreaterThanOrEqual(4));
  test.each(examples)("$file", ({ example }) => {
    const { before, call, after } = example as Example;
    const shapes = shapesIn(before);
    const start = Schedule.of(kernelOf(before, shapes));
    const scheduled = new Function("s", `return s.${call}`)(start) as Schedule;
    expect(printProc(scheduled.proc)).toBe(printProc(kernelOf(after, shapes)));
  });
});
