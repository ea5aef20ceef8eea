import { blockChunks, type Kernel } from "../../compiler/artifact/kernel.ts";
import { elementCount } from "../../compiler/graph/extents.ts";
import type { MemoryPlanner } from "../../compiler/graph/plan/plan-memory.ts";
import type { Plan, Step } from "../../compiler/graph/plan.ts";
import { pack } from "../../compiler/ir/storage.ts";

/** A buffer of the arena: where it lies there, and its exact size. */
export interface Region {
  readonly offset: number;
  readonly bytes: number;
}

/** Every buffer by itself, and told to `regions`. */
export function apart(regions: Region[]): MemoryPlanner {
  return (lifetimes) => {
    let end = 0;
    for (const { bytes } of lifetimes) {
      regions.push({ offset: end, bytes });
      end += Math.ceil(bytes / 64) * 64;
    }
    return { offsets: regions.map(({ offset }) => offset), arenaBytes: end, lowerBound: end };
  };
}

/** A C program and the file it reads: every weight, then every input. */
export interface GuardedProgram {
  readonly main: string;
  readonly data: Float32Array;
}

/** Calls for the later chunks of a kernel before the earlier ones; of each step of each block, where it has steps. */
function halves({ name, grid, steps, scratch }: Kernel, args: readonly string[]): readonly string[] {
  const call = (own: readonly string[], begin: number, end: number): string[] => {
    const half = begin + Math.floor((end - begin) / 2);
    return [
      [half, end],
      [begin, half],
    ].map(([from, to]) => `  ${name}(${[...args, ...own, from, to].join(", ")});`);
  };
  const fresh = scratch.map(({ size }) => `fresh(${4 * size})`);
  if (steps === undefined) return call(fresh, 0, grid);
  const own = scratch.map((_, i) => `own${i}`);
  const block = blockChunks({ steps });
  return Array.from({ length: grid / block }, (_, b) => [
    "  {",
    ...own.map((array, i) => `  float *${array} = ${fresh[i]};`),
    ...steps.flatMap((end, i) => call(own, b * block + (i === 0 ? 0 : steps[i - 1]), b * block + end)),
    "  }",
  ]).flat();
}

/**
 * Calls a plan's kernels one after another, each in two parts, every buffer, weight, input and output an
 * allocation of its own and exact size: nothing can be read or written past an end without being noticed.
 * Reads argv[1], writes all outputs to argv[2].
 */
export function guardedProgram(
  plan: Plan,
  kernels: readonly Kernel[],
  regions: readonly Region[],
  inputs: readonly Float32Array[],
): GuardedProgram {
  const contents: Float32Array[] = [];
  const read: string[] = [];
  const given = (data: Float32Array): string => {
    contents.push(data);
    const name = `d${contents.length}`;
    read.push(`  float *${name} = given(from, ${data.length});`);
    return name;
  };
  const calls = plan.steps.map((step, i) => {
    const args = kernels[i].params.map(({ name, storage }) => {
      const arg = step.args[name];
      return arg.kind === "weight" ? given(pack(storage, arg.data as Float32Array)) : address(arg, regions);
    });
    return [`  at = ${JSON.stringify(comment(step, kernels[i]))};`, ...halves(kernels[i], args)].join("\n");
  });
  const ports = inputs.map((data, i) => `  i${i} = ${given(data)};`);
  const outputs = plan.outputs.map(({ shape }) => elementCount(shape));
  const prototypes = new Set(kernels.map(({ prototype }) => `${prototype};`));
  const main = `#include <stdio.h>
#include <stdlib.h>
#include <sanitizer/asan_interface.h>
${[...prototypes].join("\n")}
static const char *at = "";
void __asan_on_error(void) { fprintf(stderr, "in %s\\n", at); }
static float *fresh(size_t bytes) { float *p = malloc(bytes); if (!p) exit(3); return p; }
static float *given(FILE *from, size_t count) {
  float *p = fresh(4 * count);
  if (fread(p, 4, count, from) != count) exit(2);
  return p;
}
int main(int argc, char **argv) {
  FILE *from = argc > 2 ? fopen(argv[1], "rb") : 0, *to = argc > 2 ? fopen(argv[2], "wb") : 0;
  if (!from || !to) return 1;
${read.join("\n")}
${inputs.map((_, i) => `  float *i${i};`).join("\n")}
${ports.join("\n")}
${regions.map(({ bytes }, i) => `  float *a${i} = fresh(${bytes});`).join("\n")}
${outputs.map((count, i) => `  float *o${i} = fresh(${4 * count});`).join("\n")}
${calls.join("\n")}
${outputs.map((count, i) => `  fwrite(o${i}, 4, ${count}, to);`).join("\n")}
  return fclose(to);
}
`;
  return { main, data: joined(contents) };
}

type Memory = Exclude<Step["args"][string], { readonly kind: "weight" }>;

function address(arg: Memory, regions: readonly Region[]): string {
  if (arg.kind !== "arena") return `${arg.kind === "input" ? "i" : "o"}${arg.index}`;
  const at = regions.findIndex(({ offset, bytes }) => offset <= arg.offset && arg.offset < offset + bytes);
  return `a${at} + ${(arg.offset - regions[at].offset) / 4}`;
}

function comment({ name, task }: Step, { schedule, choice }: Kernel): string {
  const sizes = Object.entries(task.dims).map(([dim, size]) => `${dim}=${size}`);
  return `${name}: ${task.op} ${sizes.join(" ")}, ${schedule}, ${choice}`;
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  parts.reduce((at, part) => {
    all.set(part, at);
    return at + part.length;
  }, 0);
  return all;
}
