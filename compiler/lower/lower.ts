import { axisRanges } from "../ir/axes.ts";
import type { Machine } from "../ir/instruction.ts";
import type { LoopProc } from "../ir/proc.ts";
import { type Block, type ForStmt, loop } from "../ir/stmt.ts";
import { physicalSize } from "../ir/storage.ts";
import type { VBlock, VExpr, VectorProc } from "../ir/vector.ts";
import { beginsFromMemory, factorLanes, floatOf, placesFactors } from "../machine/isa-rows.ts";
import type { Target } from "../machine/target.schema.ts";
import { addressesAhead } from "./addresses-ahead.ts";
import { anchorFarLoads } from "./anchors.ts";
import { blockSums } from "./block-sums.ts";
import { checkRows } from "./check-rows.ts";
import { neverNegative } from "./divisions.ts";
import { fenceArrays } from "./fences.ts";
import { startWithFirst } from "./first-values.ts";
import { hoistInvariantLoads } from "./hoist.ts";
import { interleaveValues } from "./interleave.ts";
import { selectLaneLoads } from "./lane-loads.ts";
import { placeFactors } from "./lane-registers.ts";
import { takeLargeArrays } from "./large-arrays.ts";
import { loadEarly } from "./load-early.ts";
import { loadSums } from "./load-sums.ts";
import { openLogistics } from "./logistic.ts";
import { placeLookups, readsTables } from "./lookups.ts";
import { makeNames, type Names } from "./names.ts";
import { narrowPairs } from "./narrow-pairs.ts";
import { orderAccumulations } from "./order.ts";
import { pairStores } from "./pair-stores.ts";
import { arraysIn, introducePointers } from "./pointers.ts";
import { pressure } from "./pressure.ts";
import { shareValues } from "./share-values.ts";
import { sumsBehind } from "./sums-behind.ts";
import { toVector } from "./to-vector.ts";
import { unrollLoops } from "./unroll.ts";
import { dropUnused } from "./unused.ts";
import { vectorWidth } from "./vector-width.ts";
import { walkPointers } from "./walks.ts";
import { checkWrittenOut } from "./written-out.ts";

/** Called after each pass with what it left. */
export type OnPass = (pass: string, proc: LoopProc | VectorProc) => void;

/** Registers kept free for the C compiler, which does not keep quite to the order it is given. */
const SPARE_REGISTERS = 4;

/** As many multiply-adds as a core in order begins while it loads a vector and waits for it. */
const STATEMENTS_AHEAD = 8;

/** Vectors of an activation computed at a time: as many as hide the latency of one operation behind the others'. */
const VALUES_IN_TURNS = 4;

/**
 * A scheduled procedure becomes vector operations: one pass after the other, top to bottom. Those marked `gcc 12` are there for
 * what that compiler does, or leaves undone; they change no result, with it or with another.
 * @param machine the target with its instructions, where the schedule asked for any
 * @param ahead statements that loads of vectors move past, at most
 */
export function lower(
  proc: LoopProc,
  target: Target,
  onPass?: OnPass,
  machine?: Machine,
  ahead = loadsAhead(target),
): VectorProc {
  const { lanes } = target.isa;
  const sizes = new Map(proc.params.map((p) => [p.name, physicalSize(p.storage)]));
  const wholeVectors = (buffer: string, each: number): boolean => (sizes.get(buffer) ?? 1) % each === 0;

  checkWrittenOut(proc.body, lanes);
  const { grid, body } = takeGrid(proc.body);
  const unrolled = unrollLoops(body);
  onPass?.("unroll", { ...proc, body: inGrid(grid, unrolled) });

  const known = axisRanges(proc.body);
  const names = makeNames([...proc.params.map((p) => p.name), ...known.keys()]);
  const isHalf = floatOf(target.isa) === "f16";
  const added = isHalf ? blockSums(unrolled, { lanes, ranges: known, names }) : unrolled;
  const ranges = added === unrolled ? known : new Map([...axisRanges(added), ...known]);
  const done = (pass: string, block: VBlock): VBlock => {
    onPass?.(pass, vectorProc(block));
    return block;
  };
  const vectorProc = (block: VBlock, scratch: VectorProc["scratch"] = []): VectorProc => ({
    stage: "vector",
    name: proc.name,
    params: proc.params,
    scratch,
    grid,
    body: block,
    pressure: pressure(block),
  });

  const widthOf = (l: ForStmt): number => vectorWidth(l, target.isa, machine);
  const scope = { ranges, widthOf, machine, names, logistics: openLogistics(target) };
  // few statements tell of many
  const placed = readsTables(body) ? placeLookups(added, proc.params, ranges) : added;
  let block = done("to-vector", neverNegative(toVector(placed, proc.params, scope), grid));
  for (const array of arraysIn(block)) sizes.set(array.name, array.size);
  const constants = new Set(proc.params.flatMap(({ name, role }) => (role === "weight" ? [name] : [])));
  block = ordered(block, { names, target, ahead, wholeVectors, constants }, done);
  block = addressed(block, { proc, grid, names, target }, done);
  const large = takeLargeArrays(block);
  const lowered = vectorProc(large.block, large.scratch);
  checkRows(lowered, target);
  return lowered;
}

/** Zeros that sums of blocks begin with again are made in an instruction each: a register for them is one less for sums. */
function isZero(value: VExpr): boolean {
  return value.kind === "splat" && value.value.kind === "literal" && value.value.value === 0;
}

interface Ordered {
  readonly names: Names;
  readonly target: Target;
  readonly ahead: number;
  readonly wholeVectors: (buffer: string, each: number) => boolean;
  /** Parameters that are. */
  readonly constants: ReadonlySet<string>;
}

/** The passes that say what registers hold, and in which order they are loaded, added to and stored. */
function ordered(
  lanes: VBlock,
  { names, target, ahead, wholeVectors, constants }: Ordered,
  done: (pass: string, block: VBlock) => VBlock,
): VBlock {
  const { isa, core } = target;
  const registers = isa.registers - SPARE_REGISTERS;
  const width = factorLanes(target);
  let block = lanes;
  if (isa.ops.fmaLane !== undefined) {
    block = done(
      "lane-loads",
      selectLaneLoads(block, { dtype: floatOf(isa), lanes: isa.lanes, width }, wholeVectors),
    );
  }
  // gcc 12: keeps to the order of statements when asked to, and finds none that fits the registers by itself
  block = done("order", orderAccumulations(block, [registers, isa.registers], sumDistance(target)));
  block = done("first-values", startWithFirst(block, isa.ops.mulLane !== undefined));
  // gcc 12: makes one instruction of two loads only where they stand side by side
  block = done("share-values", shareValues(block, names));
  if (core.inOrder) block = done("interleave", interleaveValues(block, VALUES_IN_TURNS, names));
  // gcc 12: the same of two stores
  if (isa.pairReach !== undefined) {
    block = done("pair-stores", pairStores(block, names));
    // a core in order waits for each of the three in turn
    if (!core.inOrder) block = done("narrow-pairs", narrowPairs(block, isa));
  }
  if (core.inOrder) block = done("sums-behind", sumsBehind(block, names));
  const all = isa.registers - (isa.spareRegisters ?? 0);
  const ofLanes = isa.laneRegisters?.count ?? all;
  if (ahead > 0) block = done("load-early", loadEarly(block, ahead, { all, ofLanes }));
  // gcc 12: asked not to hoist, as it hoists into registers that are taken
  block = done("hoist", hoistInvariantLoads(block, registers, floatOf(isa) === "f16" ? isZero : undefined));
  if (beginsFromMemory(target))
    block = done("load-sums", loadSums(block, { dtype: floatOf(isa), lanes: isa.lanes }, constants));
  return placesFactors(target) ? done("lane-registers", placeFactors(block, ofLanes)) : block;
}

interface Addressed {
  readonly proc: LoopProc;
  readonly grid: VectorProc["grid"];
  readonly names: Names;
  readonly target: Target;
}

/** The passes that say how memory is addressed. */
function addressed(
  lanes: VBlock,
  { proc, grid, names, target }: Addressed,
  done: (pass: string, block: VBlock) => VBlock,
): VBlock {
  const { isa, core } = target;
  const { pairReach, vectorConstraint, postIncrement, registers } = isa;
  let block = done("pointers", introducePointers(lanes, proc.params, grid, names));
  // gcc 12: folds pointers into one, from which pairs are out of reach
  if (pairReach !== undefined) block = done("anchors", anchorFarLoads(block, pairReach, names));
  // gcc 12: holds small arrays in registers that it does not have
  if (vectorConstraint !== undefined)
    block = done("fences", fenceArrays(block, names, registers * isa.lanes));
  // gcc 12: makes the address of each vector anew
  if (postIncrement) block = done("walks", walkPointers(block, names));
  else if (core.inOrder) block = done("addresses-ahead", addressesAhead(block, names));
  return done("unused", dropUnused(block));
}

/** How many statements loads move past unless somebody chooses: others than cores in order look ahead by themselves. */
export function loadsAhead({ core }: Target): number {
  return core.inOrder ? STATEMENTS_AHEAD : 0;
}

/** The outermost parallel loops become the grid that the caller divides among threads. */
function takeGrid(block: Block): { readonly grid: VectorProc["grid"]; readonly body: Block } {
  const grid: { axis: string; extent: number }[] = [];
  let body = block;
  for (;;) {
    const only = body[0];
    if (body.length !== 1 || only?.kind !== "for" || only.mode !== "parallel") return { grid, body };
    grid.push({ axis: only.axis, extent: only.extent });
    body = only.body;
  }
}

/**
 * How many multiply-adds a core begins until a sum can be added to again, where it works in order; others look for
 * work that is ready by themselves.
 */
function sumDistance({ core }: Target): number {
  return core.inOrder ? (core.model?.latencies.fmaAccumulate ?? core.fmaLatency) * core.fmaPerCycle : 0;
}

/** A body inside the loops of its grid again. */
function inGrid(grid: VectorProc["grid"], body: Block): Block {
  return grid.reduceRight<Block>((inner, g) => [loop(g.axis, g.extent, inner, "parallel")], body);
}
