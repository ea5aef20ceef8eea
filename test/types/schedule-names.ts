/**
 * Never run: `tsc -p test/tsconfig.json` checks that names of loops are followed through every method. A line
 * below `@ts-expect-error` that compiles is an error.
 */

import { emitKernel } from "../../compiler/codegen/emit-kernel.ts";
import type { LoopProc } from "../../compiler/ir/proc.ts";
import type { VectorProc } from "../../compiler/ir/vector.ts";
import type { Isa } from "../../compiler/machine/target.schema.ts";
import { type Choose, divisors } from "../../compiler/schedule/choose.ts";
import { Schedule } from "../../compiler/schedule/schedule.ts";

declare const conv: LoopProc;
declare const isa: Isa;
declare const lowered: VectorProc;
declare const choose: Choose;

type Axes = "n" | "g" | "oc" | "oh" | "ow" | "ic" | "kh" | "kw";
const start = Schedule.of<Axes>(conv);

// split: the axis goes, its parts come
const split = start.split("oc", 8, ["oco", "oci"]);
split.vectorize("oci").parallel("oco");
// @ts-expect-error a misspelt loop
split.vectorize("ocx");
// @ts-expect-error "oc" was consumed by the split
split.vectorize("oc");
// @ts-expect-error there is no such tail
start.split("oc", 8, ["oco", "oci"], "round");

// reorder, unroll, parallel and fission take names there are
split.reorder("g", "oco", "oh").unroll("kh", "kw").fission("ow");
// @ts-expect-error one of several names is wrong
split.reorder("g", "oc", "oh");
// @ts-expect-error one of several names is wrong
split.unroll("kh", "kx");
// @ts-expect-error not a loop
split.fission("acc");

// tile: both axes go, four names come
const tiled = start.tile(["oh", "ow"], [2, 4], ["oho", "owo", "ohi", "owi"], "cut");
tiled.unroll("ohi", "owi").parallel("oho", "owo");
// @ts-expect-error "ow" was consumed by the tile
tiled.unroll("ow");
// @ts-expect-error a tile has two axes
start.tile(["oh"], [2], ["a", "b", "c", "d"]);

// fuse: two go, one comes
const fused = start.fuse("n", "g", "ng");
fused.parallel("ng");
// @ts-expect-error "g" was consumed by the fusion
fused.parallel("g");
// @ts-expect-error not a loop
start.fuse("n", "x", "nx");

// peel: the axis stays, named parts come
const peeled = start.peel("ow", { head: 1, tail: 1, into: ["left", "right"] });
peeled.unroll("left", "right", "ow");
start.peel("ow", { head: 1 }).unroll("ow");
// @ts-expect-error no names were given
start.peel("ow", { head: 1 }).unroll("left");
// @ts-expect-error not a loop
start.interior("oc", "x");

// stage: loops that copy are named after the copy
const staged = start.stage("x", { at: "g", as: "xp" });
staged.vectorize("xp_4").parallel("n");
// @ts-expect-error the copy is called xp
staged.vectorize("xs_4");
// @ts-expect-error a loop that copies ends in the number of its dimension
staged.vectorize("xp_w");
// @ts-expect-error not a loop
start.stage("acc", "owo");
// @ts-expect-error memory is "register" or "stack"
start.stage("acc", "ow", "heap");

// unrollAndJam: like split
start.unrollAndJam("oh", 2, ["oho", "ohi"]).annotate("ohi", "two rows");
// @ts-expect-error "oh" was consumed
start.unrollAndJam("oh", 2, ["oho", "ohi"]).annotate("oh", "rows");

// computeAt, pad, prefetch and annotate take names there are
start.computeAt("t", "oh").pad("ow", 4).prefetch("x", "oh", 2).annotate("oh", "rows");
// @ts-expect-error not a loop
start.computeAt("t", "x");
// @ts-expect-error not a loop
start.pad("x", 4);
// @ts-expect-error not a loop
start.prefetch("x", "h");

// what a schedule has is readonly
// @ts-expect-error a schedule is a value
start.proc = conv;

// a trace replayed knows no names: every name goes
Schedule.replay(conv, start.trace)
  .split("a" as string, 2, ["b", "c"])
  .unroll("whatever");

// choose gives one of the options, with their type
const factor: 2 | 4 = choose("factor", [2, 4]);
const tile: number = choose("tile", divisors(12, 2));
// @ts-expect-error the options are numbers
const wrong: string = choose("tile", [1, 2]);
start.split("oc", factor * tile, ["oco", "oci"]).unroll(...(wrong ? (["oci"] as const) : []));

// a procedure that is not lowered cannot be printed as C
emitKernel(lowered, isa, []);
// @ts-expect-error loops are no vector operations
emitKernel(start.proc, isa, []);
